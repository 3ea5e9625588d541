import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** A name that a certificate covers, canonical: a lower-case DNS name, or an IP address. */
export type CertificateName = { type: 'dns' | 'ip'; value: string };

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** Canonical form of a name for a certificate. Throws a RangeError for what is neither a DNS name nor an IP address. */
export const certificateName = (name: string): CertificateName => {
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  if (isIP(bare) && !bare.includes('%')) return { type: 'ip', value: bare.toLowerCase() };
  // A character outside the host-name alphabet is refused before IDNA sees it: IDNA maps some of them to harmless ones.
  const ascii = /[\0-,/:-@[-^`{-\x7f]/.test(name) ? '' : domainToASCII(name);
  const labels = ascii.toLowerCase().split('.');
  if (ascii.length > 253 || !labels.every((part) => label.test(part)))
    throw new RangeError(`'${name}' is neither a DNS name nor an IP address, so no certificate can be issued for it.`);
  return { type: 'dns', value: labels.join('.') };
};
