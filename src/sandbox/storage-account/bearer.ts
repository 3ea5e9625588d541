// Access tokens at a storage account: whom one stands for is checked here; what they may do is asked for each request.
import { createBearer, type TokenFault, TokenRefused } from '../access-token.ts';
import type { GateAnswer, GateQuestion } from '../gate.ts';
import type { StoragePermission } from '../sandbox.ts';
import type { Need } from './shared-access-signature.ts';
import { StorageError } from './storage-error.ts';
import type { FaceService } from './storage-request.ts';

const audience = 'https://storage.azure.com';

/** What an operation asks for: of each list one, all lists. */
export type Wanted = readonly (readonly StoragePermission[])[];

/** Refuses (403) what the bearer of a token may not do; an operation that nothing is known of needs what nobody has. */
export type DemandPermission = (wanted: Wanted) => void;

/** Reads an `Authorization` header with a token. Throws a `StorageError`: 401 with a challenge, or 503. */
export type ReadStorageBearer = (authorization: string) => Promise<DemandPermission>;

/** Whether a header is for this reader. */
export const isBearer = (authorization: string): boolean => /^bearer(\s|$)/i.test(authorization);

const wordsOf = (fault: TokenFault, tenantId: string): string => {
  switch (fault.kind) {
    case 'audience':
      return `Audience validation failed: the token is for '${fault.found.slice(0, 200)}'. Ask for the scope '${audience}/.default'.`;
    case 'tenant':
      return `Issuer validation failed: the token is not from the tenant '${tenantId}'.`;
    case 'host':
      return `Audience validation failed: the token is for the host '${fault.found.slice(0, 200)}' only.`;
    case 'principal':
      return 'The token names no principal.';
    case 'expired':
      return 'Lifetime validation failed: the token has expired.';
    case 'form':
      return "The 'Authorization' header must be 'Bearer' and an access token.";
    case 'signature':
      return 'Signature validation failed: the token was not signed by the issuer that this account trusts.';
  }
};

const roleFor = (permission: StoragePermission): string => {
  const [service] = permission.split('/');
  const reads = permission.endsWith('/read');
  if (service === 'blobServices') {
    if (permission.endsWith('/action')) return 'Storage Blob Data Owner';
    return reads ? 'Storage Blob Data Reader' : 'Storage Blob Data Contributor';
  }
  if (service === 'tableServices') return reads ? 'Storage Table Data Reader' : 'Storage Table Data Contributor';
  return reads ? 'Storage File Data Privileged Reader' : 'Storage File Data Privileged Contributor';
};

/** Builds the reader of one account. `ask` is answered by the control plane, null where it is not. */
export const createStorageBearer = (order: {
  account: string;
  trust: { key: Readonly<Record<string, unknown>>; tenantId: string };
  ask(question: unknown): Promise<unknown>;
}): ReadStorageBearer => {
  const { account, trust } = order;
  const hosts = ['blob', 'dfs', 'file', 'table'].map((service) => `${account}.${service}.core.windows.net`);
  const read = createBearer({ ...trust, audiences: [audience, ...hosts.map((host) => `https://${host}`)], hosts });
  const question = (objectId: string | null) =>
    order.ask({ store: account, objectId } satisfies GateQuestion) as Promise<GateAnswer<StoragePermission> | null>;

  const refuse = async (message: string): Promise<StorageError> => {
    const authority = (await question(null))?.authority ?? 'https://login.microsoftonline.com';
    return new StorageError(401, 'InvalidAuthenticationInfo', `Server failed to authenticate the request. ${message}`, {
      'www-authenticate': `Bearer authorization_uri=${authority}/${trust.tenantId}/oauth2/authorize resource_id=${audience}`,
    });
  };

  return async (authorization) => {
    const { objectId, applicationId } = await read(authorization).catch(async (error: unknown) => {
      throw error instanceof TokenRefused ? await refuse(wordsOf(error.fault, trust.tenantId)) : error;
    });
    const answer = await question(objectId);
    if (!answer)
      throw new StorageError(503, 'ServerBusy', 'Who may do what is not known at the moment. Try the request again.');
    const { permissions } = answer;
    if (permissions === null) throw await refuse(`The principal '${objectId}' of the token does not exist any more.`);
    return (wanted) => {
      const missing = wanted.find((anyOf) => !anyOf.some((one) => permissions.includes(one)));
      if (wanted.length > 0 && !missing) return;
      const why = missing?.[0]
        ? `'appid=${applicationId};oid=${objectId}' does not have Microsoft.Storage/storageAccounts/${missing[0]} on storage account '${account}'. Give it a role such as ${roleFor(missing[0])} there.`
        : 'The sandbox does not do it for a token; use an account key.';
      throw new StorageError(
        403,
        'AuthorizationPermissionMismatch',
        `This request is not authorized to perform this operation using this permission. ${why}`,
      );
    };
  };
};

type Letters = Readonly<Record<string, readonly StoragePermission[]>>;

const blobs = 'blobServices/containers/blobs';
const files = 'fileServices/fileshares/files';
const shares = 'fileServices/shares';
const containers = 'blobServices/containers';

/** What the letters of signatures are as permissions. */
const permissionsOf: Readonly<Record<FaceService, Readonly<Record<Need['level'], Letters>>>> = {
  dfs: {
    service: { l: [`${containers}/read`] },
    container: {
      r: [`${containers}/read`],
      l: [`${blobs}/read`],
      c: [`${containers}/write`],
      w: [`${containers}/write`],
      d: [`${containers}/delete`],
    },
    object: {
      r: [`${blobs}/read`],
      e: [`${blobs}/read`],
      a: [`${blobs}/write`],
      c: [`${blobs}/write`],
      w: [`${blobs}/write`],
      d: [`${blobs}/delete`],
      m: [`${blobs}/write`],
    },
  },
  file: {
    service: { l: [`${shares}/read`] },
    container: {
      r: [`${shares}/read`],
      l: [`${files}/read`],
      c: [`${shares}/write`],
      w: [`${shares}/write`],
      d: [`${shares}/delete`],
    },
    object: { r: [`${files}/read`], c: [`${files}/write`], w: [`${files}/write`], d: [`${files}/delete`] },
  },
};

/** What a need of a signature is for the bearer of a token. */
export const wantedOf = (service: FaceService, { level, anyOf }: Need): Wanted => {
  // Lists of access control are set by owners; what sets other things by the same operation needs as much here.
  if (service === 'dfs' && anyOf.includes('p')) return [[`${blobs}/modifyPermissions/action`]];
  const letters = permissionsOf[service][level];
  return [[...anyOf].flatMap((letter) => letters[letter] ?? [])];
};
