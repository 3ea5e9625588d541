// The operations of a partial update, on a copy of an item. Pure.
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { badRequest } from './cosmos-error.ts';

const mostOperations = 10;

const namesOf = (path: Json | undefined): string[] => {
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw badRequest("A patch needs a 'path' that begins with '/'.");
  return path
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
};

const noPlace = (path: Json | undefined) =>
  badRequest(`The path '${String(path).slice(0, 200)}' of a patch leads to nothing that is there.`);

type Place = { parent: JsonObject | Json[]; name: string };

const placeAt = (root: JsonObject, path: Json | undefined): Place => {
  const names = namesOf(path);
  const name = names.pop()!;
  let parent: Json | undefined = root;
  for (const one of names)
    parent = Array.isArray(parent)
      ? parent[Number(one)]
      : isJsonObject(parent) && Object.hasOwn(parent, one)
        ? parent[one]
        : undefined;
  if (!Array.isArray(parent) && !isJsonObject(parent)) throw noPlace(path);
  return { parent, name };
};

const indexIn = (items: Json[], name: string, most: number, path: Json | undefined): number => {
  const index = name === '-' ? items.length : /^\d+$/.test(name) ? Number(name) : -1;
  if (index < 0 || index > most) throw noPlace(path);
  return index;
};

const presentAt = ({ parent, name }: Place): Json | undefined =>
  Array.isArray(parent) ? parent[Number(name)] : Object.hasOwn(parent, name) ? parent[name] : undefined;

// Assigning would give `__proto__` a meaning of its own.
const write = (parent: JsonObject, name: string, value: Json): void =>
  void Object.defineProperty(parent, name, { value, enumerable: true, writable: true, configurable: true });

const put = (place: Place, value: Json, path: Json | undefined, inserts: boolean): void => {
  const { parent, name } = place;
  if (Array.isArray(parent)) parent.splice(indexIn(parent, name, parent.length, path), inserts ? 0 : 1, value);
  else write(parent, name, value);
};

const remove = (place: Place, path: Json | undefined): void => {
  const { parent, name } = place;
  if (presentAt(place) === undefined) throw noPlace(path);
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else delete parent[name];
};

const valueIn = (operation: JsonObject): Json => {
  if (operation.value === undefined)
    throw badRequest(`A patch '${String(operation.op).slice(0, 20)}' needs a 'value'.`);
  return operation.value;
};

type Apply = (root: JsonObject, operation: JsonObject) => void;

const operations: Readonly<Record<string, Apply>> = {
  add: (root, operation) => put(placeAt(root, operation.path), valueIn(operation), operation.path, true),
  set: (root, operation) => put(placeAt(root, operation.path), valueIn(operation), operation.path, false),
  replace: (root, operation) => {
    const place = placeAt(root, operation.path);
    if (presentAt(place) === undefined) throw noPlace(operation.path);
    put(place, valueIn(operation), operation.path, false);
  },
  remove: (root, { path }) => remove(placeAt(root, path), path),
  incr: (root, operation) => {
    const place = placeAt(root, operation.path);
    const [before, more] = [presentAt(place) ?? 0, valueIn(operation)];
    if (typeof before !== 'number' || typeof more !== 'number' || !Number.isFinite(before + more))
      throw badRequest("A patch 'incr' adds a number to a number.");
    put(place, before + more, operation.path, false);
  },
  move: (root, operation) => {
    const from = placeAt(root, operation.from);
    const value = presentAt(from);
    if (value === undefined) throw noPlace(operation.from);
    remove(from, operation.from);
    put(placeAt(root, operation.path), value, operation.path, true);
  },
};

/** The item after the operations of `patch`: a list, or `{ operations }`. Errors: a 400 that names the path. */
export const patched = (body: JsonObject, patch: Json | undefined): JsonObject => {
  const { operations: list, condition }: { operations?: Json; condition?: Json } = isJsonObject(patch)
    ? patch
    : { operations: patch ?? null };
  if (condition !== undefined && condition !== null)
    throw badRequest('A patch with a condition is not supported by this store: use If-Match.');
  if (!Array.isArray(list) || list.length === 0 || list.length > mostOperations)
    throw badRequest(`A patch has 1 to ${mostOperations} operations.`);
  const root = structuredClone(body);
  for (const one of list) {
    const { op } = isJsonObject(one) ? one : {};
    if (!isJsonObject(one) || typeof op !== 'string' || !Object.hasOwn(operations, op))
      throw badRequest(`Each operation of a patch has an 'op' that is one of ${Object.keys(operations).join(', ')}.`);
    operations[op]!(root, one);
  }
  return root;
};
