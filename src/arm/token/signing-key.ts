import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import path from 'node:path';
import { keyFile } from '../../database/key-file.ts';

/** The key that signs access tokens, and its public half as the JWKS shows it. */
export type SigningKey = { id: string; privateKey: KeyObject; publicKey: KeyObject; jwk: Record<string, unknown> };

const makePem = () =>
  Buffer.from(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  );

/** Reads the key in the data folder (`token.key`, mode 0600), making it on first use. */
export const openSigningKey = (dataDir: string): SigningKey => {
  const privateKey = createPrivateKey(keyFile(path.join(dataDir, 'token.key'), makePem));
  const publicKey = createPublicKey(privateKey);
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 27);
  const jwk = { ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: id };
  return { id, privateKey, publicKey, jwk };
};
