// The token that a linked service was given, where an identity signs in for it. Pure.
import { groupAt, type Properties, textAt } from './property.ts';
import { type Access, accessProperty } from './resolved.ts';

/** The access in `typeProperties`, or undefined where the control plane gave none. */
export const accessAt = (from: Properties): Access | undefined => {
  const access = groupAt(from, accessProperty);
  const [token, expiresAt, holder] = ['token', 'expiresAt', 'holder'].map((each) => textAt(access, each));
  return token && expiresAt && holder ? { token, expiresAt, holder } : undefined;
};

/** A token that was given, as the official clients want one. They are given the same again, however often they ask. */
export const givenToken = ({ token, expiresAt }: Pick<Access, 'token' | 'expiresAt'>) => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.parse(expiresAt) }),
});
