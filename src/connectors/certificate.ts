// What is wrong with a server's certificate, and who can mend it. Pure.

const others = /^(?:UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|CERT_|ERR_TLS_CERT|PATH_LENGTH_|INVALID_PURPOSE)/;

/** What to do about a certificate that was refused with `code` of Node's; undefined where it is not about a certificate. */
export const adviceOnCertificate = (code: string | undefined): string | undefined => {
  if (code === undefined) return undefined;
  if (code === 'CERT_HAS_EXPIRED')
    return 'The certificate of the server has expired: whoever runs the server must renew it.';
  if (code === 'CERT_NOT_YET_VALID')
    return 'The certificate of the server is not valid yet: check the clocks of both machines.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'The certificate of the server is for another name: give the server one for this name, or correct the name in the linked service.';
  if (!others.test(code)) return undefined;
  return 'The certificate of the server is not one that this network trusts: give the server one of an authority that it trusts, or let the operator name its authority.';
};
