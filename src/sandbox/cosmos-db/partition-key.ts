// Partition keys: one text for each, from an item or from a header. Pure.
import type { Json, JsonObject } from '../../base/json.ts';
import { badRequest } from './cosmos-error.ts';
import { readJson } from './json-text.ts';
import { memberOf } from './query/value.ts';

/** The key of a partition as the file knows it: a JSON list with `{}` for what is not there. */
export type PartitionText = string;

/** A partition, or all partitions whose keys begin alike. */
export type PartitionChoice = { text: PartitionText; isWhole: boolean };

const longestHeader = 8 * 1024;

/** The names that a path such as `/a/"b c"/d` leads through. */
export const namesOfPath = (path: string): string[] =>
  [...path.matchAll(/\/("(?:[^"\\]|\\.)*"|[^/]+)/g)].map(([, name]) =>
    name!.startsWith('"') ? String(readJson(name!) ?? name) : name!,
  );

/** What stands at a path of an item. */
export const valueAt = (body: Json, names: readonly string[]): Json | undefined =>
  names.reduce<Json | undefined>((value, name) => memberOf(value, name), body);

const isEmptyObject = (value: Json) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

const componentOf = (value: Json | undefined): Json => {
  if (value === undefined || (value !== null && isEmptyObject(value))) return {};
  if (value !== null && typeof value === 'object')
    throw badRequest(
      'A partition key is text, a number, true, false, null, or not there: never a list or an object.',
      1001,
    );
  return value;
};

/** The partition that an item belongs to. */
export const partitionOf = (body: JsonObject, paths: readonly string[]): PartitionText =>
  JSON.stringify(paths.map((path) => componentOf(valueAt(body, namesOfPath(path)))));

/** Reads a partition key as clients send it: a JSON list. Fewer values than the key has parts choose all that begin alike. */
export const readPartition = (text: string, paths: readonly string[]): PartitionChoice => {
  const list = text.length <= longestHeader ? readJson(text) : undefined;
  if (!Array.isArray(list) || list.length > paths.length)
    throw badRequest(
      `The partition key must be a JSON list of at most ${paths.length} values, for the container's key is ${paths.join(', ')}.`,
    );
  // A client that knows of no key at all sends an empty list.
  const values = list.length === 0 ? paths.map(() => ({})) : list.map(componentOf);
  return { text: JSON.stringify(values), isWhole: values.length === paths.length };
};

/** Reads the partition key of an operation on one item, which must be whole. */
export const readWholePartition = (text: string | undefined, paths: readonly string[]): PartitionText => {
  if (text === undefined) throw badRequest('The partition key of the item must be given for this operation.');
  const { text: partition, isWhole } = readPartition(text, paths);
  if (!isWhole) throw badRequest(`The partition key must have a value for each of ${paths.join(', ')}.`);
  return partition;
};
