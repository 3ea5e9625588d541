// Functions of arrays and objects.
import type { Json } from '../../../../base/json.ts';
import type { QueryFunction } from '../function.ts';
import { canonical, equals, kindOf, small, type Value } from '../value.ts';

const isArray = (value: Value): value is Json[] => Array.isArray(value);

/** Whether an object has all that another has. */
const holds = (value: Value, wanted: Value): boolean => {
  if (kindOf(value) !== 'object' || kindOf(wanted) !== 'object') return equals(value, wanted);
  const [whole, part] = [value as Record<string, Json>, wanted as Record<string, Json>];
  return Object.keys(part).every((name) => Object.hasOwn(whole, name) && holds(whole[name], part[name]));
};

const ofMany = (run: (found: (item: Value) => boolean, wanted: readonly Value[]) => boolean): QueryFunction => ({
  least: 2,
  most: 1000,
  run: ([items, ...wanted]) => {
    if (!isArray(items)) return undefined;
    const known = new Set(items.map(canonical));
    return run((item) => known.has(canonical(item)), wanted);
  },
});

const ofSets = (run: (one: Map<string, Json>, other: Map<string, Json>) => Iterable<Json>): QueryFunction => ({
  least: 2,
  most: 2,
  run: ([one, other]) => {
    if (!isArray(one) || !isArray(other)) return undefined;
    const setOf = (items: Json[]) => new Map(items.map((item) => [canonical(item), item]));
    return small([...run(setOf(one), setOf(other))]);
  },
});

export const arrayFunctions: Readonly<Record<string, QueryFunction>> = {
  ARRAY_CONCAT: {
    least: 2,
    most: 1000,
    run: (args) => (args.every(isArray) ? small(args.flat(1)) : undefined),
  },
  ARRAY_CONTAINS: {
    least: 2,
    most: 3,
    run: ([items, wanted, isPart = false]) =>
      isArray(items) && typeof isPart === 'boolean'
        ? items.some((item) => (isPart ? holds(item, wanted) : equals(item, wanted)))
        : undefined,
  },
  ARRAY_CONTAINS_ALL: ofMany((isThere, wanted) => wanted.every(isThere)),
  ARRAY_CONTAINS_ANY: ofMany((isThere, wanted) => wanted.some(isThere)),
  ARRAY_LENGTH: { least: 1, most: 1, run: ([items]) => (isArray(items) ? items.length : undefined) },
  ARRAY_SLICE: {
    least: 2,
    most: 3,
    run: ([items, from, count]) => {
      if (!isArray(items) || typeof from !== 'number') return undefined;
      const start = from < 0 ? Math.max(0, items.length + from) : from;
      if (count === undefined) return items.slice(start);
      return typeof count === 'number' ? items.slice(start, start + Math.max(0, count)) : undefined;
    },
  },
  IIF: {
    least: 3,
    most: 3,
    run: ([test, then, otherwise]) => (test === true ? then : otherwise),
  },
  OBJECTTOARRAY: {
    least: 1,
    most: 1,
    run: ([value]) =>
      kindOf(value) === 'object'
        ? Object.entries(value as Record<string, Json>).map(([k, v]) => ({ k, v }))
        : undefined,
  },
  SETINTERSECT: ofSets((one, other) => [...one].flatMap(([key, item]) => (other.has(key) ? [item] : []))),
  SETUNION: ofSets((one, other) => new Map([...one, ...other]).values()),
};
