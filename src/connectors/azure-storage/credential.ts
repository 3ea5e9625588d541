import type { Access } from '../resolved.ts';

/** A token that was given, as the official clients want one. They are given the same again, however often they ask. */
export const givenToken = ({ token, expiresAt }: Access) => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.parse(expiresAt) }),
});
