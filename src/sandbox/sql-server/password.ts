import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const bytes = 32;

/** What is kept of a password: enough to know it again, too little to say it. */
export const hashPassword = (password: string): string => {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${scryptSync(password.normalize(), salt, bytes).toString('hex')}`;
};

/** Whether a password is the one of the hash. Takes as long for a wrong one, and keeps nobody else waiting. */
export const matchesPassword = async (password: string, hash: string): Promise<boolean> => {
  const [salt = '', digest = ''] = hash.split(':');
  const expected = Buffer.from(digest, 'hex');
  const actual = await derive(password.normalize(), Buffer.from(salt, 'hex'), bytes);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
};
