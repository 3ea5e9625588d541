// The local certificate authority: made on first start, kept in the data folder, trusted by whoever is handed its file.
// It signs the control plane's certificate and one for each sandbox store, so that unmodified clients check TLS as
// they do against Azure. Signing code is loaded only when something must be signed: a later start reads files.

import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CertificateName, certificateName } from './certificate-name.ts';
import { writeDurably } from './write-durably.ts';

/** A private key and its certificate with the chain up to the authority, as PEM: what `node:tls` takes. */
export type IssuedCertificate = { key: string; cert: string };

export type CertificateAuthority = {
  /** The authority's own certificate, PEM: what a client is told to trust. */
  caFile: string;
  /** A certificate for exactly these DNS names and IP addresses, at most a year old; the same one until half its life is over. */
  issue(names: readonly string[]): Promise<IssuedCertificate>;
};

const dayMs = 86_400_000;
const authorityDays = 3650;
const leafDays = 365;

/** Opens the authority in `folder`, or makes it there. Throws where its files are damaged, naming them. */
export const openCertificateAuthority = async (
  folder: string,
  options: { now?: () => Date } = {},
): Promise<CertificateAuthority> => {
  const now = options.now ?? (() => new Date());
  const caFile = join(folder, 'ca.pem');
  const issued = join(folder, 'issued');
  await mkdir(issued, { recursive: true });
  const authority = await openAuthority(folder, caFile, now());
  const pending = new Map<string, Promise<IssuedCertificate>>();

  const issueOnce = async (id: string, names: CertificateName[]): Promise<IssuedCertificate> => {
    const file = join(issued, `${id}.pem`);
    const kept = await readIfThere(file);
    if (kept !== undefined) {
      const pair = splitPem(kept);
      if (pair && isCurrent(pair.cert, authority.cert, now())) return pair;
    }
    const { signLeaf } = await import('./certificate-signing.ts');
    const start = now().getTime();
    const fresh = await signLeaf(authority, names, {
      from: new Date(start - dayMs),
      to: new Date(start + (leafDays - 1) * dayMs),
    });
    await writeDurably(file, fresh.key + fresh.cert, 0o600);
    return fresh;
  };

  return {
    caFile,
    issue: (names) => {
      if (names.length === 0) return Promise.reject(new RangeError('A certificate needs at least one name.'));
      const canonical = new Map<string, CertificateName>();
      for (const name of names) {
        const one = certificateName(name);
        canonical.set(one.value, one);
      }
      const id = `${[...canonical.keys()][0]?.replaceAll(':', '-').slice(0, 100)}-${digest([...canonical.keys()].sort().join(' '))}`;
      const running = pending.get(id) ?? issueOnce(id, [...canonical.values()]).finally(() => pending.delete(id));
      pending.set(id, running);
      return running;
    },
  };
};

const openAuthority = async (folder: string, caFile: string, now: Date): Promise<IssuedCertificate> => {
  const keyFile = join(folder, 'ca-key.pem');
  const [key, cert] = await Promise.all([readIfThere(keyFile), readIfThere(caFile)]);
  if (key !== undefined && cert !== undefined) {
    assertPair(key, cert, keyFile, caFile);
    // A leaf must never outlive its issuer, so an authority in its last year is replaced.
    if (new X509Certificate(cert).validToDate.getTime() - now.getTime() > leafDays * dayMs) return { key, cert };
  }
  const { makeAuthority } = await import('./certificate-signing.ts');
  const start = now.getTime() - dayMs;
  const made = await makeAuthority({ from: new Date(start), to: new Date(start + authorityDays * dayMs) });
  // The key first: a key without a certificate is simply replaced at the next start.
  await writeDurably(keyFile, made.key, 0o600);
  await writeDurably(caFile, made.cert, 0o644);
  return made;
};

const assertPair = (key: string, cert: string, keyFile: string, caFile: string): void => {
  let matches = false;
  try {
    matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    // Unreadable is as bad as mismatched; the message below says what to do about either.
  }
  if (!matches)
    throw new Error(
      `The local certificate authority is damaged: ${keyFile} and ${caFile} do not belong together. ` +
        'Restore both from a backup, or remove both and start again: a new authority is made, and clients must be given the new file.',
    );
};

const isCurrent = (cert: string, authority: string, now: Date): boolean => {
  const leaf = new X509Certificate(cert);
  const halfLife = (leaf.validFromDate.getTime() + leaf.validToDate.getTime()) / 2;
  return now.getTime() < halfLife && leaf.verify(new X509Certificate(authority).publicKey);
};

/** The key and the certificates of a file that holds both; undefined where it holds less. */
const splitPem = (text: string): IssuedCertificate | undefined => {
  const start = text.indexOf('-----BEGIN CERTIFICATE-----');
  return start > 0 && text.endsWith('-----END CERTIFICATE-----\n')
    ? { key: text.slice(0, start), cert: text.slice(start) }
    : undefined;
};

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
