// Microsoft.Storage/storageAccounts/fileServices/shares
import type { ShareItem } from '@azure/storage-file-share';
import { Type } from 'typebox';
import { requireOff } from './asked-off.ts';
import type { Content, ContentAsk, ContentKind, Contents } from './content-type.ts';
import { isRefusal } from './failure.ts';
import { factsOf, itemName } from './item.ts';
import { firstPage, prefixOf, requireKnown, wordsOf } from './list-ask.ts';
import { readMetadata } from './metadata.ts';

const Properties = Type.Object({
  shareQuota: Type.Optional(Type.Integer({ minimum: 1, maximum: 102_400 })),
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
  enabledProtocols: Type.Optional(Type.Enum(['SMB', 'NFS'])),
  accessTier: Type.Optional(Type.Enum(['TransactionOptimized', 'Hot', 'Cool', 'Premium'])),
});

const known = [
  'shareQuota',
  'metadata',
  'lastModifiedTime',
  'leaseStatus',
  'leaseState',
  'leaseDuration',
  'shareUsageBytes',
  'accessTierChangeTime',
];
const usual = { accessTier: 'TransactionOptimized', enabledProtocols: 'SMB', rootSquash: 'NoRootSquash' };

const shown = (item: ShareItem): Content => ({
  name: item.name,
  etag: item.properties.etag,
  properties: {
    shareQuota: item.properties.quota,
    accessTier: usual.accessTier,
    enabledProtocols: usual.enabledProtocols,
    ...factsOf(item),
  },
});

const contents = ({ owner, query, properties }: ContentAsk): Contents => {
  const prefix = prefixOf(query);
  const withUsage = wordsOf(query, '$expand').includes('stats');
  const quota = properties.shareQuota as number | undefined;
  const metadata = readMetadata(properties);
  const pageOf = async (start: string, size: number, after: string, abortSignal: AbortSignal) =>
    firstPage(
      (await owner.shares())
        .listShares({ prefix: start, includeMetadata: true, abortSignal })
        .byPage({ maxPageSize: size, ...(after !== '' && { continuationToken: after }) }),
    );
  return {
    list: async ({ limit, after }, { abortSignal }) => {
      const { shareItems = [], continuationToken } = await pageOf(prefix, limit, after, abortSignal);
      return { items: shareItems.map(shown), next: continuationToken || undefined };
    },
    // Of all names that begin so, the name itself comes first.
    get: async (name, { abortSignal }) => {
      const [first] = (await pageOf(name, 1, '', abortSignal)).shareItems ?? [];
      if (first?.name !== name) return null;
      const share = shown(first);
      if (!withUsage) return share;
      const { shareUsageBytes = 0 } = await (await owner.shares()).getShareClient(name).getStatistics({ abortSignal });
      return { ...share, properties: { ...share.properties, shareUsageBytes } };
    },
    put: async (name, { abortSignal }) => {
      const share = (await owner.shares()).getShareClient(name);
      try {
        await share.create({ ...(metadata && { metadata }), ...(quota !== undefined && { quota }), abortSignal });
      } catch (error) {
        if (!isRefusal(error, 'ShareAlreadyExists')) throw error;
        if (metadata) await share.setMetadata(metadata, { abortSignal });
        if (quota !== undefined) await share.setQuota(quota, { abortSignal });
      }
    },
    delete: async (name, { abortSignal }) => {
      await (await owner.shares()).getShareClient(name).deleteIfExists({ abortSignal });
    },
  };
};

/** Shares of Azure Files. */
export const shareKind: ContentKind = {
  type: 'fileServices/shares',
  name: itemName,
  schema: Type.Object({ properties: Type.Optional(Properties) }),
  methods: ['PUT', 'PATCH', 'DELETE'],
  status: { created: 201, updated: 200 },
  missing: { code: 'ShareNotFound', message: 'The specified share does not exist.' },
  open: (ask) => {
    requireOff(ask.properties, known, usual);
    // There are no snapshots and nothing deleted, so that lists of them are complete.
    requireKnown(ask.query, '$expand', ['stats', 'deleted', 'snapshots']);
    return contents(ask);
  },
};
