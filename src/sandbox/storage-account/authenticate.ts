// Who asks: a holder of an account key, of a signature that such a holder made, or of a token. Everybody else is refused.
import { isBearer, type ReadStorageBearer, wantedOf } from './bearer.ts';
import { type Need, type Signer, verifySharedAccessSignature } from './shared-access-signature.ts';
import { isSigned, sharedKeyTexts } from './shared-key.ts';
import { invalidInput, StorageError } from './storage-error.ts';
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

/** Builds the check for one sub-resource of one account. Throws 401 and 403 in Azure's words. Without `readBearer` no token is taken. */
export const createAuthenticator =
  (signer: Signer, readBearer: ReadStorageBearer | undefined) =>
  async (request: StorageRequest): Promise<Demand> => {
    const authorization = request.header('authorization');
    if (authorization === undefined) {
      if (request.query.has('sig')) return verifySharedAccessSignature(signer, request);
      throw new StorageError(
        401,
        'NoAuthenticationInformation',
        'Server failed to authenticate the request: sign it with an account key or a shared access signature.',
      );
    }
    const { account, service } = signer.face;
    if (readBearer && isBearer(authorization)) {
      // Azure Files know no rights of their own for a token: it must say that it asks as a backup does.
      if (service === 'file' && request.header('x-ms-file-request-intent')?.toLowerCase() !== 'backup')
        throw invalidInput('InvalidHeaderValue', 'x-ms-file-request-intent', "must be 'backup' where a token is used");
      const demand = await readBearer(authorization);
      return (need) => demand(wantedOf(service, need));
    }
    const [scheme, rest = ''] = authorization.split(' ', 2);
    if (scheme !== 'SharedKey')
      throw new StorageError(
        401,
        'InvalidAuthenticationInfo',
        `The sandbox takes SharedKey, shared access signatures and tokens, not '${scheme?.slice(0, 30)}'.`,
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
