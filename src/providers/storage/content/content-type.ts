// What is inside a storage account as resources: its services, and their containers, shares and tables. The account's store
// keeps them and is asked each time, by Azure's own clients and with the account's key; here they get the shape of resources.
import type { TSchema } from 'typebox';
import { resourceNotFound } from '../../../arm/containment.ts';
import type { PageAsk } from '../../../arm/page.ts';
import type { Keeper, NameRule, Operation, Resource, ResourceType } from '../../../arm/resource-type.ts';
import { ServiceError } from '../../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import type { Sandbox, StorageOwner } from '../../../sandbox/sandbox.ts';
import { storeUnavailable } from '../../target/store-life.ts';
import { storageAttachment } from '../account-store.ts';
import { storageTarget } from '../storage-target.ts';
import { storeFailure } from './failure.ts';

const deadlineMs = 10_000;

/** One of them: what it says beside its id and type. */
export type Content = { name: string; etag?: string | undefined; sku?: JsonObject; properties: JsonObject };

/** What a request is about. `properties` are those of its body. */
export type ContentAsk = {
  owner: StorageOwner;
  account: Resource;
  query: Operation['query'];
  properties: JsonObject;
};

type Cancel = { abortSignal: AbortSignal };

/** How those of one kind are kept. Names are as the store has them. */
export type Contents = {
  list(page: PageAsk, cancel: Cancel): Promise<{ items: Content[]; next?: string | undefined }>;
  get(name: string, cancel: Cancel): Promise<Content | null>;
  /** Makes it, or gives it what the properties name. */
  put(name: string, cancel: Cancel): Promise<void>;
  delete?(name: string, cancel: Cancel): Promise<void>;
};

/** One kind of them. */
export type ContentKind = {
  /** Below `Microsoft.Storage/storageAccounts`: `blobServices/containers`. */
  type: `${string}Services` | `${string}Services/${string}`;
  name: NameRule;
  schema: TSchema;
  methods: NonNullable<ResourceType['kept']>['methods'];
  status?: ResourceType['status'];
  missing: { code: string; message: string };
  /** Runs in the transaction, and refuses what the properties may not ask for. */
  open(ask: ContentAsk): Contents;
};

const keeperOf = (account: Resource, kind: ContentKind, contents: Contents): Keeper => {
  const [service, collection] = kind.type.split('/');
  const place = `${account.id}/${service}${collection ? `/default/${collection}` : ''}`;
  const type = `${storageTarget.type}/${kind.type}`;
  const show = ({ name, etag, sku, properties }: Content): JsonObject => ({
    id: `${place}/${name}`,
    name,
    type,
    ...(etag !== undefined && { etag: `"${etag.replaceAll('"', '')}"` }),
    ...(sku && { sku }),
    properties,
  });
  const ask = async <Value>(gone: AbortSignal, step: (cancel: Cancel) => Promise<Value>): Promise<Value> => {
    try {
      return await step({ abortSignal: AbortSignal.any([gone, AbortSignal.timeout(deadlineMs)]) });
    } catch (error) {
      throw storeFailure(account, error);
    }
  };
  const get = async (name: string, cancel: Cancel) => {
    // What no store could hold, none is asked for.
    if (!kind.name.pattern.test(name)) return null;
    const content = await contents.get(name, cancel);
    return content && show(content);
  };
  return {
    list: (page, gone) =>
      ask(gone, async (cancel) => {
        const { items, next } = await contents.list(page, cancel);
        return { value: items.map(show), next };
      }),
    get: (name, gone) => ask(gone, (cancel) => get(name, cancel)),
    put: (name, gone) =>
      ask(gone, async (cancel) => {
        await contents.put(name, cancel);
        const there = await get(name, cancel);
        if (there) return there;
        throw new ServiceError(404, kind.missing.code, kind.missing.message, { target: `${place}/${name}` });
      }),
    delete: (name, gone) => ask(gone, async (cancel) => contents.delete?.(name, cancel)),
  };
};

const requireDefaultService = ({ id }: Operation): void => {
  const service = id.names[1];
  if (service !== undefined && service.toLowerCase() !== 'default') throw resourceNotFound(id);
};

/** The resource type of one kind. */
export const contentType = (sandbox: Sandbox, kind: ContentKind): ResourceType => ({
  type: `${storageTarget.type}/${kind.type}`,
  scope: 'resourceGroup',
  apiVersions: storageTarget.apiVersions,
  name: kind.name,
  tracked: false,
  schema: kind.schema,
  etag: 'none',
  conditionalGet: false,
  status: kind.status ?? { created: 200, updated: 200 },
  kept: {
    within: storageTarget.type,
    methods: kind.methods,
    missing: kind.missing,
    open: async (operation, account) => {
      requireDefaultService(operation);
      storageAttachment.requireOwn(account, 'Ask it where it runs: Postern has no key of it.');
      const owner = sandbox.openStorageAccount(account.name.toLowerCase());
      if (!owner) throw storeUnavailable(account, 'account');
      const { query, body } = operation;
      const properties = isJsonObject(body.properties) ? body.properties : {};
      return keeperOf(account, kind, kind.open({ owner, account, query, properties }));
    },
  },
});
