// What resources with a store have in common: a name that is free, a store that starts, changes and ends with them, the
// connections that lead to it, and where it listens.
import type { ActionType, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { listBelow } from '../../database/resource.ts';
import type { Backend } from '../../network/policy/model.ts';
import type { Attachment } from '../attachment.ts';
import type { Publish } from '../publication.ts';
import type { StoreDirectory } from '../store-directory.ts';
import { connectionsOfTarget, disconnectTarget } from './connection.ts';
import type { Stores } from './keep-stores.ts';
import { embeddedConnection } from './private-endpoint-connection.ts';
import type { TargetKind } from './target.ts';

/** What the life of a store needs. */
export type StoreRooms = { publish: Publish; stores: Stores; directory: StoreDirectory };

/** The tags that a body is written with. */
export const tagsIn = (body: JsonObject): Record<string, string> =>
  isJsonObject(body.tags) ? (body.tags as Record<string, string>) : {};

/** Refuses (409) a name that another resource of the kind has, in whatever group: it is part of a host name. */
export const requireFreeName = async (
  operation: Operation,
  { type }: TargetKind,
  refusal: { code: string; says(name: string): string },
): Promise<void> => {
  const name = operation.id.names[0]!;
  const all = await listBelow(operation.tx, { scopeKey: '', type });
  if (all.every((other) => other.name.toLowerCase() !== name.toLowerCase())) return;
  throw new ServiceError(409, refusal.code, refusal.says(name), { target: 'name' });
};

/** Starts the store of the resource that is created, once it is. */
export const startStore = ({ stores, publish }: StoreRooms, operation: Operation): void => {
  operation.afterCommit(() => stores.create(operation.id.key));
  operation.afterCommit(publish);
};

/** Gives the store of a resource that is written what it is from now on. */
export const renewStore = ({ stores, publish }: StoreRooms, operation: Operation, existing: Resource): void => {
  // A firewall that was closed is closed at once, whether or not the store runs.
  operation.afterCommit(publish);
  operation.afterCommit(() => stores.ensure(existing.key));
  operation.afterCommit(publish);
};

/** Removes a resource's store with it, once nothing leads there any more. */
export const removeStore =
  ({ stores, publish }: StoreRooms): NonNullable<ResourceType['remove']> =>
  async (operation, existing) => {
    await disconnectTarget(operation, existing.key);
    operation.afterCommit(() => stores.remove(existing, publish));
  };

/** The connections that lead to a resource, as its own body shows them. */
export const shownConnections = async (
  operation: Operation,
  kind: TargetKind,
  resource: Resource,
  show = embeddedConnection,
): Promise<JsonObject[]> =>
  (await connectionsOfTarget(operation.tx, resource.key)).map((connection) => show(kind, resource, connection));

/** The refusal (409) of what needs a store that does not run or does not answer. `word` is what its resource is called. */
export const storeUnavailable = ({ id, name }: Resource, word: string, cause?: unknown): ServiceError =>
  new ServiceError(
    409,
    'StoreUnavailable',
    `The store of '${name}' does not ${cause === undefined ? 'run' : 'answer'}. The log of Postern says why; writing the ${word} again starts it.`,
    { target: id, cause },
  );

type Backends = Readonly<Record<string, Backend>>;

/** The action that tells where a store listens on this machine, by sub-resource. `word` is what the resource is called. */
export const listEndpoints = (
  { type }: TargetKind,
  { directory }: Pick<StoreRooms, 'directory'>,
  how: {
    word: string;
    attachment?: Attachment;
    urlOf(place: string, resource: Resource): string;
    /** Which of them are shown; all where it is not given. */
    shown?(backends: Backends): Backends;
  },
): ActionType => ({
  path: 'providers/Postern.Sandbox/listEndpoints',
  method: 'POST',
  permission: `${type}/read`,
  run: async (_operation, resource) => {
    how.attachment?.requireOwn(resource, 'Connect to it where it runs.');
    const known = directory.get(resource.key) ?? {};
    const backends = Object.entries(how.shown?.(known) ?? known);
    if (backends.length === 0) throw storeUnavailable(resource, how.word);
    const urls = backends.map(([groupId, { address, port }]) => [groupId, how.urlOf(`${address}:${port}`, resource)]);
    return { body: Object.fromEntries(urls) };
  },
});
