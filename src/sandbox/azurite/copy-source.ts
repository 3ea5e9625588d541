import { StorageError } from '../storage-account/storage-error.ts';

/** The part of Azurite that asks for the source of a copy, by its URL, where it is of another account. */
export type CopyHandler = {
  validateCopySource(source: string, account: string, context: { contextId: string }): Promise<void>;
};

/**
 * Lets no source of a copy be asked for. A listener serves one account, so that no other can be a source; and Azurite
 * would send its request to whatever address of this machine the client calls the server by.
 */
export const patchCopySource = (handler: CopyHandler, errorOf: (error: StorageError, requestId: string) => Error) => {
  if (typeof handler.validateCopySource !== 'function')
    throw new TypeError('Azurite no longer asks for sources in validateCopySource: see how it does, and close it.');
  handler.validateCopySource = async (_source, _account, { contextId }) => {
    throw errorOf(
      new StorageError(404, 'CannotVerifyCopySource', 'The source of a copy must be in the same account.'),
      contextId,
    );
  };
};
