import type { TokenGate } from '../sandbox/sandbox.ts';

/** What stores that take tokens need to know of their issuer. */
export type TokenIssuer = Pick<TokenGate<never>, 'key' | 'authority'>;
