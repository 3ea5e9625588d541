// Microsoft.Storage/storageAccounts/blobServices/containers
import type { ContainerItem } from '@azure/storage-blob';
import { Type } from 'typebox';
import { ServiceError } from '../../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import type { StorageOwner } from '../../../sandbox/sandbox.ts';
import { requireOff } from './asked-off.ts';
import type { Content, ContentKind, Contents } from './content-type.ts';
import { isRefusal } from './failure.ts';
import { capital, factsOf, itemName } from './item.ts';
import { firstPage, prefixOf, requireKnown } from './list-ask.ts';
import { readMetadata } from './metadata.ts';

const Properties = Type.Object({
  publicAccess: Type.Optional(Type.Enum(['Container', 'Blob', 'None'])),
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
});

// What only a store says is taken back without a word: clients send what they have read.
const known = [
  'publicAccess',
  'metadata',
  'lastModifiedTime',
  'leaseStatus',
  'leaseState',
  'leaseDuration',
  'hasLegalHold',
  'hasImmutabilityPolicy',
];
const usual = { defaultEncryptionScope: '$account-encryption-key' };

const accessOf = { Container: 'container', Blob: 'blob', None: undefined } as const;

type Asked = { publicAccess?: keyof typeof accessOf; metadata?: Record<string, string> };

const shown = (item: ContainerItem): Content => {
  const { name, properties } = item;
  return {
    name,
    etag: properties.etag,
    properties: {
      ...usual,
      denyEncryptionScopeOverride: false,
      publicAccess: properties.publicAccess ? capital(properties.publicAccess) : 'None',
      ...factsOf(item),
      hasImmutabilityPolicy: properties.hasImmutabilityPolicy === true,
      hasLegalHold: properties.hasLegalHold === true,
    },
  };
};

/** As in Azure, nobody opens a container to the public where its account does not allow that. */
const requirePublicAllowed = (account: JsonObject, publicAccess: string | undefined): void => {
  const { allowBlobPublicAccess } = isJsonObject(account.properties) ? account.properties : {};
  if (publicAccess === undefined || publicAccess === 'None' || allowBlobPublicAccess === true) return;
  throw new ServiceError(
    409,
    'PublicAccessNotPermitted',
    "Public access is not permitted on this storage account. Its owner permits it with 'allowBlobPublicAccess' of the account.",
    { target: 'properties.publicAccess' },
  );
};

const contents = (owner: StorageOwner, prefix: string, asked: Asked): Contents => {
  const pageOf = async (start: string, size: number, after: string, abortSignal: AbortSignal) =>
    firstPage(
      (await owner.blobs())
        .listContainers({ prefix: start, includeMetadata: true, abortSignal })
        .byPage({ maxPageSize: size, ...(after !== '' && { continuationToken: after }) }),
    );
  return {
    list: async ({ limit, after }, { abortSignal }) => {
      const { containerItems, continuationToken } = await pageOf(prefix, limit, after, abortSignal);
      return { items: containerItems.map(shown), next: continuationToken || undefined };
    },
    // Of all names that begin so, the name itself comes first. Unlike its headers, a list tells metadata in its own letters.
    get: async (name, { abortSignal }) => {
      const [first] = (await pageOf(name, 1, '', abortSignal)).containerItems;
      return first?.name === name ? shown(first) : null;
    },
    put: async (name, { abortSignal }) => {
      const container = (await owner.blobs()).getContainerClient(name);
      const { metadata, publicAccess } = asked;
      const access = publicAccess && accessOf[publicAccess];
      try {
        await container.create({ ...(metadata && { metadata }), ...(access && { access }), abortSignal });
      } catch (error) {
        if (!isRefusal(error, 'ContainerAlreadyExists')) throw error;
        if (metadata) await container.setMetadata(metadata, { abortSignal });
        if (publicAccess === undefined) return;
        // The stored access policies are set with it, and are not ours to take away.
        const { signedIdentifiers } = await container.getAccessPolicy({ abortSignal });
        await container.setAccessPolicy(access, signedIdentifiers, { abortSignal });
      }
    },
    delete: async (name, { abortSignal }) => {
      await (await owner.blobs()).getContainerClient(name).deleteIfExists({ abortSignal });
    },
  };
};

/** Containers of blobs: the file systems of Data Lake, too. */
export const containerKind: ContentKind = {
  type: 'blobServices/containers',
  name: itemName,
  schema: Type.Object({ properties: Type.Optional(Properties) }),
  methods: ['PUT', 'PATCH', 'DELETE'],
  status: { created: 201, updated: 200 },
  missing: { code: 'ContainerNotFound', message: 'The specified container does not exist.' },
  open: ({ owner, account, query, properties }) => {
    requireOff(properties, known, usual);
    const metadata = readMetadata(properties);
    const publicAccess = properties.publicAccess as Asked['publicAccess'];
    requirePublicAllowed(account.body, publicAccess);
    requireKnown(query, '$include', ['deleted']);
    return contents(owner, prefixOf(query), { ...(metadata && { metadata }), ...(publicAccess && { publicAccess }) });
  },
};
