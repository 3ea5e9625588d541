// A query compiled: rows in, results out. The same for a query in a query.
import { badRequest } from '../cosmos-error.ts';
import { type Aggregate, beginAggregate } from './aggregate.ts';
import { compile, type Evaluate, type Row, type Scope } from './evaluate.ts';
import {
  aggregatesIn,
  type Column,
  type Expression,
  isSelect,
  partsOf,
  type Select,
  type Source,
} from './expression.ts';
import { canonical, compare, objectOf, small, type Value } from './value.ts';

/** What a query may cost. Both throw a 400 once it is too much. */
export type Budget = {
  /** Called for each row that is looked at, and for whatever may take long. */
  spend(): void;
  /** Called for what is kept until the end: how many bytes, about. */
  hold(bytes: number): void;
};

/** A query under way. */
export type Run = {
  /** Takes a row and gives the results that are known already. */
  take(row: Row): Value[];
  /** Whether no further row can change anything. */
  isFull(): boolean;
  /** The results that were not known before the last row. */
  finish(): Value[];
};

/** A compiled query. */
export type CompiledSelect = {
  /** The rows that FROM and WHERE make of one. */
  rows(row: Row): Iterable<Row>;
  begin(): Run;
};

type Expand = (row: Row) => Iterable<Row>;

const mostInside = 100_000;

const isDefined = (value: Value) => value !== undefined;

/** The name that a column has without being given one: its last property. */
const columnNames = (columns: readonly Column[]): string[] => {
  let unnamed = 0;
  return columns.map(({ value, name }) => {
    if (name !== null) return name;
    if (value.kind === 'name') return value.name;
    if (value.kind === 'member' && value.name.kind === 'constant' && typeof value.name.value === 'string')
      return value.name.value;
    unnamed += 1;
    return `$${unnamed}`;
  });
};

const projected = ({ projection }: Select): Expression[] => {
  if (projection.kind === 'value') return [projection.value];
  return projection.kind === 'list' ? projection.columns.map(({ value }) => value) : [];
};

/** Whether an expression has one value for a whole group. */
const isOfGroup = (expression: Expression, keys: ReadonlySet<string>): boolean => {
  if (expression.kind === 'aggregate' || keys.has(JSON.stringify(expression))) return true;
  if (expression.kind === 'constant' || expression.kind === 'parameter') return true;
  return expression.kind !== 'name' && expression.kind !== 'subquery'
    ? partsOf(expression).every((part) => isOfGroup(part, keys))
    : false;
};

const countOf = (expression: Expression | null, scope: Scope, what: string): number | null => {
  if (!expression) return null;
  const value = compile(expression, scope)([]);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw badRequest(`${what} must be a whole number that is not negative.`);
};

/** Compiles what FROM names, one source after the other: each may use those before it. */
const compileSources = (
  sources: readonly Source[],
  outer: Scope,
  budget: Budget,
): { names: string[]; expand: Expand } => {
  const names = [...outer.names];
  let expand: Expand = (row) => [row];
  for (const { alias, each, from } of sources) {
    const scope = { ...outer, names: [...names] };
    const single = isSelect(from) ? null : compile(from, scope);
    const many = isSelect(from) ? outer.subquery(from, scope) : null;
    const valuesOf = (row: Row): Value[] => {
      const found = many ? many(row) : [single!(row)];
      return (each ? found.flatMap((value) => (Array.isArray(value) ? value : [])) : found).filter(isDefined);
    };
    const before = expand;
    expand = function* (row) {
      for (const one of before(row))
        for (const value of valuesOf(one)) {
          budget.spend();
          yield [...one, value];
        }
    };
    names.push(alias);
  }
  return { names, expand };
};

const projector = (query: Select, scope: Scope): Evaluate => {
  const { projection } = query;
  if (projection.kind === 'all') return (row) => row.at(scope.names.length - 1);
  if (projection.kind === 'value') return compile(projection.value, scope);
  const names = columnNames(projection.columns);
  const columns = projection.columns.map(({ value }, at) => [names[at]!, compile(value, scope)] as const);
  return (row) => small(objectOf(columns.map(([name, value]) => [name, value(row)])));
};

const sizeOf = (value: Value): number => (value === undefined ? 8 : JSON.stringify(value).length + 16);

const beginGroups = (query: Select, scope: Scope, budget: Budget): Run => {
  const keys = new Set(query.groupBy.map((key) => JSON.stringify(key)));
  const stray = projected(query).find((value) => !isOfGroup(value, keys));
  if (stray || query.projection.kind === 'all')
    throw badRequest(
      'A column of a query with GROUP BY or an aggregate function is neither an aggregate nor among the expressions of GROUP BY.',
    );
  const keyOf = query.groupBy.map((key) => compile(key, scope));
  const found = projected(query).flatMap(aggregatesIn);
  const feeds = found.map(({ argument }) => compile(argument, scope));
  const names = [...scope.names, ...found.map((_, at) => `$aggregate${at}`)];
  const places = new Map<Expression, number>(found.map((one, at) => [one, scope.names.length + at]));
  const project = projector(query, { ...scope, names, aggregates: places });
  const groups = new Map<string, { row: Row; aggregates: Aggregate[] }>();
  const groupAt = (key: string, row: Row) => {
    const known = groups.get(key);
    if (known) return known;
    const fresh = { row, aggregates: found.map(({ name }) => beginAggregate(name)) };
    groups.set(key, fresh);
    return fresh;
  };
  return {
    take: (row) => {
      const key = keyOf.map((one) => canonical(one(row))).join('\u0000');
      if (!groups.has(key)) budget.hold(key.length + row.reduce<number>((sum, value) => sum + sizeOf(value), 0));
      const { aggregates } = groupAt(key, row);
      for (const [at, feed] of feeds.entries()) aggregates[at]!.take(feed(row));
      return [];
    },
    isFull: () => false,
    finish: () => {
      // Without GROUP BY there is one group, even of no rows.
      if (query.groupBy.length === 0)
        groupAt(
          '',
          scope.names.map(() => undefined),
        );
      return [...groups.values()]
        .map(({ row, aggregates }) => project([...row, ...aggregates.map((one) => one.result())]))
        .filter(isDefined);
    },
  };
};

const beginRows = (query: Select, scope: Scope, budget: Budget): Run => {
  const project = projector(query, scope);
  if (query.orderBy.length === 0)
    return { take: (row) => [project(row)].filter(isDefined), isFull: () => false, finish: () => [] };
  const orders = query.orderBy.map(({ value, descending }) => ({ value: compile(value, scope), descending }));
  const kept: { keys: Value[]; value: Value }[] = [];
  return {
    take: (row) => {
      const value = project(row);
      if (value === undefined) return [];
      const keys = orders.map((one) => one.value(row));
      budget.hold(sizeOf(value) + keys.length * 16);
      kept.push({ keys, value });
      return [];
    },
    isFull: () => false,
    finish: () => {
      kept.sort((one, other) => {
        for (const [at, { descending }] of orders.entries()) {
          const order = compare(one.keys[at], other.keys[at]);
          if (order !== 0) return descending ? -order : order;
        }
        return 0;
      });
      return kept.map(({ value }) => value);
    },
  };
};

/** Leaves out what was there before. */
const distinctOf = (run: Run, budget: Budget): Run => {
  const seen = new Set<string>();
  const fresh = (values: Value[]) =>
    values.filter((value) => {
      const key = canonical(value);
      if (seen.has(key)) return false;
      budget.hold(key.length + 16);
      seen.add(key);
      return true;
    });
  return { take: (row) => fresh(run.take(row)), isFull: run.isFull, finish: () => fresh(run.finish()) };
};

/** Leaves out the first `offset` results, and all after `limit` more. */
const limitedTo = (run: Run, offset: number, limit: number): Run => {
  let seen = 0;
  const within = (values: Value[]) =>
    values.filter(() => {
      seen += 1;
      return seen > offset && seen <= offset + limit;
    });
  return {
    take: (row) => within(run.take(row)),
    isFull: () => seen >= offset + limit || run.isFull(),
    finish: () => within(run.finish()),
  };
};

/** Compiles a query within what is known outside of it. */
export const compileSelect = (query: Select, outer: Scope, budget: Budget): CompiledSelect => {
  const { names, expand } = compileSources(query.sources, outer, budget);
  const scope: Scope = { ...outer, names, aggregates: new Map() };
  const where = query.where && compile(query.where, scope);
  const top = countOf(query.top, outer, 'TOP');
  const offset = countOf(query.offset, outer, 'OFFSET');
  const limit = countOf(query.limit, outer, 'LIMIT');
  return {
    *rows(row) {
      for (const one of expand(row)) {
        budget.spend();
        if (!where || where(one) === true) yield one;
      }
    },
    begin: () => {
      const isGrouped = query.groupBy.length > 0 || query.aggregates;
      const run = isGrouped ? beginGroups(query, scope, budget) : beginRows(query, scope, budget);
      const distinct = query.distinct ? distinctOf(run, budget) : run;
      return limit === null && top === null ? distinct : limitedTo(distinct, offset ?? 0, limit ?? top ?? 0);
    },
  };
};

/** Compiles queries in queries: what each gives for a row of the one around it. */
export const subqueryCompiler =
  (budget: Budget): Scope['subquery'] =>
  (query, scope) => {
    const { rows, begin } = compileSelect(query, scope, budget);
    return (row) => {
      const run = begin();
      const found: Value[] = [];
      for (const one of rows(row)) {
        for (const value of run.take(one)) found.push(value);
        if (found.length > mostInside)
          throw badRequest(`A query inside the query gives more than ${mostInside} results: give it a filter.`);
        if (run.isFull()) break;
      }
      for (const value of run.finish()) found.push(value);
      return found;
    };
  };
