// Access tokens at Azurite. Its own check of tokens looks at no signature and stays off; ours stands before its check of
// account keys, where Azurite has already said which operation a request is. Where the patch found nothing to hold on
// to, tokens would be refused as before.
import type { StoragePermission } from '../sandbox.ts';
import { isBearer, type ReadStorageBearer, type Wanted } from '../storage-account/bearer.ts';
import { StorageError } from '../storage-account/storage-error.ts';
import type { AzuriteServer } from './library.ts';

/** A request's context in Azurite: the number of its operation, and its id under either name. */
type Context = { operation?: number; account?: string; contextId?: string; contextID?: string };

/** Azurite's check of account keys: true lets a request in, undefined leaves it to the next check. */
export type Authenticator = {
  dataStore: { getAccount(name: string): object | undefined };
  validate(request: { getHeader(name: string): string | undefined }, context: Context): Promise<boolean | undefined>;
};

/** What differs between blobs and tables. `operations` is Azurite's enumeration: names by number. */
export type Patch = {
  service: 'blob' | 'table';
  operations: Readonly<Record<number, string>>;
  errorOf(error: StorageError, context: Context): Error & { headers?: Record<string, string> };
};

const every = (names: string, ...wanted: StoragePermission[]): [string, Wanted][] =>
  names.split(' ').map((name) => [name, wanted.map((one) => [one])]);

const containers = 'blobServices/containers';
const blobs = 'blobServices/containers/blobs';
const tables = 'tableServices/tables';
const entities = 'tableServices/tables/entities';
const leases = (owner: string) =>
  ['Acquire', 'Release', 'Renew', 'Break', 'Change'].map((verb) => `${owner}_${verb}Lease`).join(' ');

/** The operations that a token can be good for. Batches, policies, tags, properties of the service and the rest are not. */
const wantedOf: Readonly<Record<Patch['service'], ReadonlyMap<string, Wanted>>> = {
  blob: new Map([
    ...every(
      'Service_ListContainersSegment Container_GetProperties Container_GetPropertiesWithHead',
      `${containers}/read`,
    ),
    ...every(`Container_Create Container_SetMetadata ${leases('Container')}`, `${containers}/write`),
    ...every('Container_Delete', `${containers}/delete`),
    ...every('Container_ListBlobFlatSegment Container_ListBlobHierarchySegment', `${blobs}/read`),
    ...every('Blob_Download Blob_GetProperties BlockBlob_GetBlockList', `${blobs}/read`),
    ...every('PageBlob_GetPageRanges PageBlob_GetPageRangesDiff', `${blobs}/read`),
    ...every('Blob_Delete', `${blobs}/delete`),
    ...every(
      `Blob_SetHTTPHeaders Blob_SetMetadata Blob_CreateSnapshot Blob_SetTier ${leases('Blob')}`,
      `${blobs}/write`,
    ),
    ...every('BlockBlob_Upload BlockBlob_StageBlock BlockBlob_CommitBlockList', `${blobs}/write`),
    ...every('PageBlob_Create PageBlob_UploadPages PageBlob_ClearPages PageBlob_Resize', `${blobs}/write`),
    ...every('PageBlob_UpdateSequenceNumber AppendBlob_Create AppendBlob_AppendBlock', `${blobs}/write`),
    ...every('AppendBlob_Seal Blob_AbortCopyFromURL', `${blobs}/write`),
    // A source in the same account is read without a check of its own.
    ...every('Blob_StartCopyFromURL Blob_CopyFromURL', `${blobs}/read`, `${blobs}/write`),
  ]),
  table: new Map([
    ...every('Table_Query', `${tables}/read`),
    ...every('Table_Create', `${tables}/write`),
    ...every('Table_Delete', `${tables}/delete`),
    ...every('Table_QueryEntities Table_QueryEntitiesWithPartitionAndRowKey', `${entities}/read`),
    ...every('Table_InsertEntity Table_UpdateEntity Table_MergeEntity Table_MergeEntityWithMerge', `${entities}/write`),
    ...every('Table_DeleteEntity', `${entities}/delete`),
    // Which of them it holds is known only later.
    ...every('Table_Batch', `${entities}/read`, `${entities}/write`, `${entities}/delete`),
  ]),
};

// By where a server keeps its accounts, which is what its checks know it by.
const readers = new WeakMap<object, ReadStorageBearer>();

/** Lets the bearers of tokens into a server, as far as they may. */
export const takeBearers = (server: AzuriteServer, read: ReadStorageBearer): void => {
  readers.set(server.accountDataStore, read);
};

/** Puts the check of tokens before a check of account keys. */
export const patchAuthentication = (authenticator: Authenticator, { service, operations, errorOf }: Patch): void => {
  const validate = authenticator.validate;
  authenticator.validate = async function (this: Authenticator, request, context) {
    const authorization = request.getHeader('authorization') ?? '';
    const read = readers.get(this.dataStore);
    // A reader is of one account, and so is the server; a request may name another.
    const isHere = context.account !== undefined && this.dataStore.getAccount(context.account) !== undefined;
    if (!read || !isHere || !isBearer(authorization)) return validate.call(this, request, context);
    try {
      const demand = await read(authorization);
      demand(wantedOf[service].get(operations[context.operation ?? -1] ?? '') ?? []);
      return true;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const thrown = errorOf(error, context);
      thrown.headers = { ...thrown.headers, ...error.headers };
      throw thrown;
    }
  };
};
