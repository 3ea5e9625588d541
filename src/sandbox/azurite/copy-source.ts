import { StorageError } from '../storage-account/storage-error.ts';

/** A request in Azurite, and the container that it names. */
type Context = {
  contextId: string;
  container?: string;
  context?: { container?: string };
  request?: { getQuery(name: string): string | undefined };
};

type Copy = (source: string, options: unknown, context: Context) => Promise<unknown>;

/** The parts of Azurite that copy a blob, and that ask for the source by its URL where it is of another account. */
export type CopyHandler = {
  startCopyFromURL: Copy;
  copyFromURL: Copy;
  validateCopySource(source: string, account: string, context: Context): Promise<void>;
};

/** Account, container and blob of a URL, as Azurite reads them. */
export type PartsOf = (host: string, path: string) => readonly [string?, string?, string?];

/** Whether the signature that lets a request in grants reading the source too. A request without one has a key or a token. */
const grantsReading = (source: string, context: Context, partsOf: PartsOf): boolean => {
  const at = (name: string) => context.request?.getQuery(name) ?? '';
  if (at('sig') === '') return true;
  if (!at('sp').includes('r')) return false;
  if (at('ss') !== '') return at('srt').includes('o');
  const url = URL.parse(source);
  const container = context.container ?? context.context?.container;
  return url !== null && at('sr') === 'c' && partsOf(url.hostname, url.pathname)[1] === container;
};

/**
 * Lets no source of a copy be asked for: a listener serves one account, so that no other can be a source; and Azurite
 * would send its request to whatever address of this machine the client calls the server by. A source in the same account,
 * which Azurite reads without a check, must be what the request's own signature lets its bearer read.
 */
export const patchCopySource = (
  handler: CopyHandler,
  errorOf: (error: StorageError, requestId: string) => Error,
  partsOf: PartsOf,
) => {
  for (const name of ['validateCopySource', 'startCopyFromURL', 'copyFromURL'] as const)
    if (typeof handler[name] !== 'function')
      throw new TypeError(`Azurite no longer copies by ${name}: see how it does, and close it.`);
  const refuse = (status: number, message: string, { contextId }: Context) =>
    errorOf(new StorageError(status, 'CannotVerifyCopySource', message), contextId);
  handler.validateCopySource = async (_source, _account, context) => {
    throw refuse(404, 'The source of a copy must be in the same account.', context);
  };
  for (const name of ['startCopyFromURL', 'copyFromURL'] as const) {
    const copy = handler[name];
    handler[name] = async function (this: CopyHandler, source, options, context) {
      if (!grantsReading(source, context, partsOf))
        throw refuse(403, 'The signature of the request does not grant reading the source of the copy.', context);
      return copy.call(this, source, options, context);
    };
  }
};
