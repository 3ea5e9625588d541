// The services of a storage account: Microsoft.Storage/storageAccounts/blobServices and its like, each with one resource,
// which is called default and always there.
import { type Static, type TSchema, Type } from 'typebox';
import type { NameRule } from '../../../arm/resource-type.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import { shownSku } from '../account-body.ts';
import { requireOff } from './asked-off.ts';
import type { ContentAsk, ContentKind } from './content-type.ts';
import { Cors, type StoredRule, shownCors, storedRules } from './cors.ts';

const onlyName: NameRule = { pattern: /^default$/i, min: 7, max: 7, says: "there is one, called 'default'" };

/** Where a service's rules for browsers are kept. */
type Rules = {
  read(ask: ContentAsk, abortSignal: AbortSignal): Promise<StoredRule[] | undefined>;
  write(ask: ContentAsk, cors: StoredRule[], abortSignal: AbortSignal): Promise<unknown>;
};

/** A service. `absent` is what the stores of the sandbox do not do, in the words that say so. */
const faceKind = (type: ContentKind['type'], absent: JsonObject, rules: Rules | null): ContentKind => {
  const schema: TSchema = Type.Object({ properties: Type.Optional(Type.Object({ cors: Type.Optional(Cors) })) });
  return {
    type,
    name: onlyName,
    schema,
    methods: ['PUT'],
    missing: { code: 'ResourceNotFound', message: 'The specified service does not exist.' },
    open: (ask) => {
      requireOff(ask.properties, rules ? ['cors'] : []);
      const get = async (abortSignal: AbortSignal) => ({
        name: 'default',
        sku: shownSku(ask.account.body),
        properties: { cors: shownCors(await rules?.read(ask, abortSignal)), ...absent } as Record<string, Json>,
      });
      return {
        list: async (_page, { abortSignal }) => ({ items: [await get(abortSignal)] }),
        get: async (_name, { abortSignal }) => get(abortSignal),
        put: async (_name, { abortSignal }) => {
          const cors = storedRules(ask.properties.cors as Static<typeof Cors> | undefined);
          if (cors) await rules?.write(ask, cors, abortSignal);
        },
      };
    },
  };
};

/** The services, in reading order. What a body does not name stays as it is. */
export const faceKinds: readonly ContentKind[] = [
  faceKind(
    'blobServices',
    {
      deleteRetentionPolicy: { allowPermanentDelete: false, enabled: false },
      containerDeleteRetentionPolicy: { enabled: false },
      isVersioningEnabled: false,
      changeFeed: { enabled: false },
      restorePolicy: { enabled: false },
    },
    {
      read: async ({ owner }, abortSignal) => (await (await owner.blobs()).getProperties({ abortSignal })).cors,
      write: async ({ owner }, cors, abortSignal) => (await owner.blobs()).setProperties({ cors }, { abortSignal }),
    },
  ),
  // Its files keep no properties of the service.
  faceKind('fileServices', { shareDeleteRetentionPolicy: { enabled: false } }, null),
  faceKind(
    'tableServices',
    {},
    {
      read: async ({ owner }, abortSignal) => (await (await owner.tables()).getProperties({ abortSignal })).cors,
      write: async ({ owner }, cors, abortSignal) => (await owner.tables()).setProperties({ cors }, { abortSignal }),
    },
  ),
];
