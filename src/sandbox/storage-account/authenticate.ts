// Who asks: a holder of an account key, or of a signature that such a holder made. Everybody else is refused.
import { type Need, type Signer, verifySharedAccessSignature } from './shared-access-signature.ts';
import { isSigned, sharedKeyTexts } from './shared-key.ts';
import { StorageError } from './storage-error.ts';
import type { StorageRequest } from './storage-request.ts';

/** Refuses (403) what whoever asks may not do. */
export type Demand = (need: Need) => void;

const skewMs = 15 * 60_000;

const requireRecent = (request: StorageRequest): void => {
  const sent = Date.parse(request.header('x-ms-date') ?? request.header('date') ?? '');
  if (!(Math.abs(Date.now() - sent) <= skewMs))
    throw new StorageError(
      403,
      'AuthenticationFailed',
      'Server failed to authenticate the request: its date (x-ms-date) is missing or differs from this clock by more than 15 minutes.',
    );
};

/** Builds the check for one sub-resource of one account. Throws 401 and 403 in Azure's words. */
export const createAuthenticator =
  (signer: Signer) =>
  (request: StorageRequest): Demand => {
    const authorization = request.header('authorization');
    if (authorization === undefined) {
      if (request.query.has('sig')) return verifySharedAccessSignature(signer, request);
      throw new StorageError(
        401,
        'NoAuthenticationInformation',
        'Server failed to authenticate the request: sign it with an account key or a shared access signature.',
      );
    }
    const { account } = signer.face;
    const [scheme, rest = ''] = authorization.split(' ', 2);
    if (scheme !== 'SharedKey')
      throw new StorageError(
        401,
        'InvalidAuthenticationInfo',
        `The sandbox takes SharedKey and shared access signatures, not '${scheme?.slice(0, 30)}'.`,
      );
    const [name, signature = ''] = rest.split(':', 2);
    if (name !== account || !isSigned(signature, signer.keys(), sharedKeyTexts(request, account)))
      throw new StorageError(
        403,
        'AuthenticationFailed',
        'Server failed to authenticate the request. Make sure the value of the Authorization header is formed correctly, including the signature.',
      );
    requireRecent(request);
    return () => {};
  };
