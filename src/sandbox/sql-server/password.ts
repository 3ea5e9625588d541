import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

/** What is kept of a password: enough to know it again, too little to say it. */
export const hashPassword = (password: string): string => {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${scryptSync(password.normalize(), salt, 32).toString('hex')}`;
};

/** Whether a password is the one of the hash. Takes as long for a wrong one. */
export const matchesPassword = (password: string, hash: string): boolean => {
  const [salt = '', digest = ''] = hash.split(':');
  const expected = Buffer.from(digest, 'hex');
  const actual = scryptSync(password.normalize(), Buffer.from(salt, 'hex'), 32);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
};
