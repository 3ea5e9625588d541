// The authorities whose certificates workers accept, beside the public ones: Postern's own, and those that the operator names
// for services of their own.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../base/error.ts';
import { writeDurably } from './write-durably.ts';

/** A file that holds no certificate of an authority. */
export class BadTrustFile extends Error {
  readonly code = 'BadTrustFile';

  constructor(file: string, why: string) {
    super(`${file} cannot be trusted: ${why}. Name a PEM file with the certificates of authorities.`);
  }
}

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a file, one after the other; whatever else it holds, such as a key, is left there. */
const certificatesOf = async (file: string): Promise<string[]> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new BadTrustFile(file, messageOf(error));
  });
  const blocks = text.match(block) ?? [];
  if (blocks.length === 0) throw new BadTrustFile(file, 'it holds no certificate');
  for (const one of blocks) {
    let isAuthority: boolean;
    try {
      isAuthority = new X509Certificate(one).ca;
    } catch {
      throw new BadTrustFile(file, 'it holds a certificate that cannot be read');
    }
    if (!isAuthority) throw new BadTrustFile(file, 'it holds a certificate that is no authority’s');
  }
  return blocks;
};

/** The file of all of them: `ownFile` itself where there are no others, else one in `folder`. Throws `BadTrustFile`. */
export const writeTrusted = async (folder: string, ownFile: string, others: readonly string[]): Promise<string> => {
  if (others.length === 0) return ownFile;
  const file = join(folder, 'trusted.pem');
  const all = await Promise.all([ownFile, ...others].map(certificatesOf));
  await writeDurably(file, `${all.flat().join('\n')}\n`, 0o644);
  return file;
};
