// The store behind a storage account: one of the sandbox, or one that runs elsewhere and was attached by a tag.
import { isDeepStrictEqual } from 'node:util';
import { ServiceError } from '../../base/error.ts';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../database/database.ts';
import { listBelow, type Resource, readResource } from '../../database/resource.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { Backend } from '../../network/policy/model.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Attachable, parseBackend, type StoreDirectory } from '../store-directory.ts';
import { isHierarchical } from './account-body.ts';
import { readAccountKeys } from './account-key.ts';
import { storageTarget } from './storage-target.ts';

/** The tag that attaches a store: `postern-backend` for blobs, `postern-backend-table` and so on for the others. */
export const backendTag = 'postern-backend';

type Tags = Readonly<Record<string, string>>;

const groupOfTag = (tag: string): string | null => {
  const name = tag.toLowerCase();
  if (name === backendTag) return 'blob';
  return name.startsWith(`${backendTag}-`) ? name.slice(backendTag.length + 1) : null;
};

const attachedTags = (tags: Tags) =>
  Object.entries(tags).flatMap(([tag, text]) => {
    const groupId = groupOfTag(tag);
    return groupId === null ? [] : [{ tag, groupId, text }];
  });

/** Whether tags attach a store instead of having one started. */
export const isAttached = (tags: Tags): boolean => attachedTags(tags).length > 0;

/** Whether two sets of tags attach the same, which may be nothing. */
export const isSameStore = (some: Tags, others: Tags): boolean => {
  const places = (tags: Tags) => new Map(attachedTags(tags).map(({ groupId, text }) => [groupId, text.trim()]));
  return isDeepStrictEqual(places(some), places(others));
};

/** The backends that tags attach, or a refusal that names the tag, the rule and who can change it. */
export const readAttached = (tags: Tags, attachable: Attachable): Record<string, Backend> => {
  const backends: Record<string, Backend> = {};
  for (const { tag, groupId, text } of attachedTags(tags)) {
    const refuse = (status: number, code: string, message: string) =>
      new ServiceError(status, code, message, { target: `tags.${tag}` });
    if (!storageTarget.groupIds.includes(groupId))
      throw refuse(
        400,
        'InvalidTag',
        `The tag '${tag}' names no sub-resource. Sub-resources: ${storageTarget.groupIds.join(', ')}.`,
      );
    const backend = parseBackend(text);
    if (!backend)
      throw refuse(
        400,
        'InvalidTag',
        `The tag '${tag}' is '${text}': write the address and port of the store, as 10.1.2.3:443 or [fd00::3]:443. Host names are not accepted.`,
      );
    if (!attachable.allows(backend.address))
      throw refuse(
        403,
        'AddressNotAttachable',
        `The address ${backend.address} of the tag '${tag}' is not in a range that this Postern lets stores be attached at. Its operator lists ranges with 'postern up --attachable 10.1.0.0/16'.`,
      );
    backends[groupId] = backend;
  }
  return backends;
};

/** What an account's tags attach; a tag that was lawful once and is no longer attaches nothing. */
const stillAttached = (tags: Tags, attachable: Attachable, log: Log): Record<string, Backend> => {
  try {
    return readAttached(tags, attachable);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    log.warn({ code: error.code, target: error.target }, 'a store is not attached any more');
    return {};
  }
};

/** Keeps the directory of stores as the storage accounts say. One thing at a time per account, in order of asking. */
export type AccountStores = {
  /** Starts a new account's store, empty, whatever an earlier account of its name may have left. */
  create(accountKey: string): Promise<void>;
  /** Starts or attaches the store of an account, or gives a running one its keys, and notes where it listens. */
  ensure(accountKey: string): Promise<void>;
  /** Forgets a store, cuts what leads to it (`publish`), and then removes it; a sandbox store goes with its data. */
  remove(account: Resource, publish: () => Promise<void>): Promise<void>;
  /** After a start: every account of the database. A store that fails to start is logged and stays unreachable. */
  ensureAll(): Promise<void>;
};

/** The stores of all storage accounts. */
export const createAccountStores = (rooms: {
  database: Database;
  sandbox: Sandbox;
  directory: StoreDirectory;
  attachable: Attachable;
  secretKey: SecretKey;
  log: Log;
}): AccountStores => {
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = (key: string, step: () => Promise<void>): Promise<void> => {
    const mine = (turns.get(key) ?? Promise.resolve()).then(step, step);
    turns.set(key, mine);
    const leave = () => void (turns.get(key) === mine && turns.delete(key));
    mine.then(leave, leave);
    return mine;
  };
  const start = async (accountKey: string, isNew: boolean): Promise<void> => {
    const account = await readResource(rooms.database, accountKey);
    if (!account) return;
    if (isAttached(account.tags)) {
      rooms.directory.set(account.key, stillAttached(account.tags, rooms.attachable, rooms.log));
      return;
    }
    const name = account.name.toLowerCase();
    if (isNew) await rooms.sandbox.removeStorageAccount(name);
    const keys = await readAccountKeys(rooms.database, rooms.secretKey, account.key);
    const store = await rooms.sandbox.ensureStorageAccount({
      name,
      keys: keys.map(({ value }) => value),
      isHierarchical: isHierarchical(account.body),
    });
    rooms.directory.set(account.key, store.endpoints);
  };
  return {
    create: (accountKey) => inTurn(accountKey, () => start(accountKey, true)),
    ensure: (accountKey) => inTurn(accountKey, () => start(accountKey, false)),
    remove: (account, publish) =>
      inTurn(account.key, async () => {
        rooms.directory.remove(account.key);
        await publish();
        if (!isAttached(account.tags)) await rooms.sandbox.removeStorageAccount(account.name.toLowerCase());
      }),
    ensureAll: async () => {
      const accounts = await listBelow(rooms.database, { scopeKey: '', type: storageTarget.type });
      const ends = await Promise.allSettled(accounts.map(({ key }) => inTurn(key, () => start(key, false))));
      for (const [index, end] of ends.entries())
        if (end.status === 'rejected')
          rooms.log.error({ err: end.reason, account: accounts[index]?.id }, 'the store of an account did not start');
    },
  };
};
