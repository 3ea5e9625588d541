// What makes X.509 out of names and dates. Loaded only when there is something to sign (it costs 100 ms or so).

import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { IssuedCertificate } from './certificate-authority.ts';
import type { CertificateName } from './certificate-name.ts';

type Validity = { from: Date; to: Date };

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const keyPem = async (key: webcrypto.CryptoKey): Promise<string> => {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
};

// Positive and 16 octets, as RFC 5280 asks.
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

/** A new authority: its key and its self-signed certificate. It can sign servers' certificates and no further authority. */
export const makeAuthority = async (validity: Validity): Promise<IssuedCertificate> => {
  const keys = await newKeys();
  // No name constraints: the names of every kind of store are in there one day (core.windows.net, database.windows.net,
  // the host an operator chose), so they would forbid little, and some TLS libraries refuse certificates that have them.
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // The random part tells two authorities apart in a list of trusted ones.
    name: `CN=Postern local authority ${randomBytes(4).toString('hex')}, O=Postern`,
    notBefore: validity.from,
    notAfter: validity.to,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: await keyPem(keys.privateKey), cert: `${certificate.toString('pem')}\n` };
};

/** A new key and a server certificate for it, signed by the authority, followed by the authority's own. */
export const signLeaf = async (
  authority: IssuedCertificate,
  names: readonly CertificateName[],
  validity: Validity,
): Promise<IssuedCertificate> => {
  const issuer = new X509Certificate(authority.cert);
  const der = createPrivateKey(authority.key).export({ format: 'der', type: 'pkcs8' });
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: issuer.subject,
    // A common name holds 64 characters at most and clients ignore it: the alternative names count.
    subject: `CN=${(names[0]?.value ?? '').slice(0, 64).replaceAll(':', '-')}, O=Postern`,
    notBefore: validity.from,
    notAfter: validity.to,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map(({ type, value }) => ({ type, value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { key: await keyPem(keys.privateKey), cert: `${certificate.toString('pem')}\n${authority.cert}` };
};
