// What may be done with one item, by a request of its own or as a part of a batch. Writes are within a transaction.
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { AccountFile, ContainerRow, ItemRow } from './account-file.ts';
import { badRequest, CosmosError } from './cosmos-error.ts';
import { deepestJson, isDeeper } from './json-text.ts';
import { type PartitionText, partitionOf } from './partition-key.ts';
import { patched } from './patch.ts';

/** One operation on one item. `now` is seconds since 1970. */
export type ItemAsk = {
  file: AccountFile;
  container: ContainerRow;
  partition: PartitionText;
  /** The item that the path names; undefined where the body does. */
  id: string | undefined;
  body: Json | undefined;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  now: number;
};

export type ItemAnswer = { status: number; item: ItemRow | null };

const largestItem = 2 * 2 ** 20;
const longestId = 1023;

const notFound = (id: string) =>
  new CosmosError(404, 'NotFound', `Entity with the specified id does not exist in the system: '${id.slice(0, 255)}'.`);

const idIn = (body: JsonObject): string => {
  const { id } = body;
  if (typeof id !== 'string' || id === '')
    throw badRequest("The input content is invalid because the required property 'id' is missing or is no text.");
  if (Buffer.byteLength(id) > longestId || !id.isWellFormed())
    throw badRequest(`An id is at most ${longestId} bytes of well-formed Unicode.`);
  if (/[/\\?#\u0000-\u001f]|\s$/.test(id))
    throw badRequest("An id must not hold '/', '\\', '?', '#' or control characters, nor end with a space.");
  return id;
};

const own = ['_rid', '_self', '_etag', '_attachments', '_ts', '_lsn'];

/** The item to store, checked against the partition that the request names. */
const itemBody = ({ container, partition }: ItemAsk, body: Json | undefined): JsonObject & { id: string } => {
  if (!isJsonObject(body)) throw badRequest('An item must be a JSON object.');
  const id = idIn(body);
  if (partitionOf(body, container.paths) !== partition)
    throw badRequest(
      `PartitionKey extracted from document doesn't match the one specified in the header. The container's key is ${container.paths.join(', ')}.`,
      1001,
    );
  const kept = Object.entries(body).filter(([name]) => !own.includes(name));
  const text = JSON.stringify(body);
  if (Buffer.byteLength(text) > largestItem)
    throw new CosmosError(413, 'RequestEntityTooLarge', 'Request size is too large: an item is at most 2 MB.');
  // A patch may have made it deeper than any body that is read.
  if (isDeeper(text, deepestJson)) throw badRequest(`An item is nested at most ${deepestJson} levels deep.`);
  return { ...Object.fromEntries(kept), id };
};

const demandMatch = ({ ifMatch }: ItemAsk, existing: ItemRow): void => {
  if (ifMatch === undefined || ifMatch === '*' || ifMatch === existing.etag) return;
  throw new CosmosError(
    412,
    'PreconditionFailed',
    'Operation cannot be performed because one of the specified precondition is not met: the item has been changed since.',
  );
};

const require = ({ file, container, partition, id = '' }: ItemAsk): ItemRow => {
  const existing = file.find(container, partition, id);
  if (!existing) throw notFound(id);
  return existing;
};

const read = (ask: ItemAsk): ItemAnswer => {
  const item = require(ask);
  return ask.ifNoneMatch === item.etag ? { status: 304, item: null } : { status: 200, item };
};

const create = (ask: ItemAsk): ItemAnswer => {
  const { file, container, partition, now } = ask;
  const body = itemBody(ask, ask.body);
  if (file.find(container, partition, body.id))
    throw new CosmosError(409, 'Conflict', 'Entity with the specified id already exists in the system.');
  return { status: 201, item: file.put(container, partition, body, null, now) };
};

const upsert = (ask: ItemAsk): ItemAnswer => {
  const { file, container, partition, now } = ask;
  const body = itemBody(ask, ask.body);
  const existing = file.find(container, partition, body.id);
  if (existing) demandMatch(ask, existing);
  return { status: existing ? 200 : 201, item: file.put(container, partition, body, existing, now) };
};

const replaceBy = (ask: ItemAsk, existing: ItemRow, fresh: Json | undefined): ItemAnswer => {
  const body = itemBody(ask, fresh);
  if (body.id !== ask.id)
    throw badRequest(`The id of an item does not change: the path says '${ask.id}', and the item '${body.id}'.`);
  return { status: 200, item: ask.file.put(ask.container, ask.partition, body, existing, ask.now) };
};

const replace = (ask: ItemAsk): ItemAnswer => {
  const existing = require(ask);
  demandMatch(ask, existing);
  return replaceBy(ask, existing, ask.body);
};

const patch = (ask: ItemAsk): ItemAnswer => {
  const existing = require(ask);
  demandMatch(ask, existing);
  return replaceBy(ask, existing, patched(JSON.parse(existing.text) as JsonObject, ask.body));
};

const remove = (ask: ItemAsk): ItemAnswer => {
  const existing = require(ask);
  demandMatch(ask, existing);
  ask.file.remove(ask.container, existing);
  return { status: 204, item: null };
};

/** Every operation, as batches spell it. */
export const itemOperations = {
  Read: read,
  Create: create,
  Upsert: upsert,
  Replace: replace,
  Patch: patch,
  Delete: remove,
};
export type ItemOperationName = keyof typeof itemOperations;
