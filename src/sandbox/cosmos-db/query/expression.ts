// What a query is once it is read.
import type { Value } from './value.ts';

/** An expression. */
export type Expression =
  | { kind: 'constant'; value: Value }
  | { kind: 'parameter'; name: string }
  | { kind: 'name'; name: string }
  | { kind: 'member'; of: Expression; name: Expression }
  | { kind: 'call'; name: string; arguments: Expression[] }
  | { kind: 'aggregate'; name: AggregateName; argument: Expression }
  | { kind: 'unary'; sign: string; operand: Expression }
  | { kind: 'binary'; sign: string; left: Expression; right: Expression }
  | { kind: 'in'; operand: Expression; among: Expression[] }
  | { kind: 'between'; operand: Expression; low: Expression; high: Expression }
  | { kind: 'like'; operand: Expression; pattern: Expression; escape: Expression | null }
  | { kind: 'choice'; test: Expression; chosen: Expression; otherwise: Expression }
  | { kind: 'array'; items: Expression[] }
  | { kind: 'object'; entries: { name: string; value: Expression }[] }
  | { kind: 'subquery'; as: 'scalar' | 'exists' | 'array'; query: Select };

/** The functions that take a whole group. */
export const aggregateNames = ['COUNT', 'SUM', 'AVG', 'MIN', 'MAX'] as const;
export type AggregateName = (typeof aggregateNames)[number];

/** Where rows come from. `each`: the items of an array, one by one. */
export type Source = { alias: string; each: boolean; from: Expression | Select };

/** One column of a list; `name` is null where it has none of its own. */
export type Column = { value: Expression; name: string | null };

export type Projection = { kind: 'all' } | { kind: 'value'; value: Expression } | { kind: 'list'; columns: Column[] };

/** A query, or a query in a query. */
export type Select = {
  distinct: boolean;
  top: Expression | null;
  projection: Projection;
  /** The first is the container, or a place in it. Without any, there is one row. */
  sources: Source[];
  where: Expression | null;
  groupBy: Expression[];
  orderBy: { value: Expression; descending: boolean }[];
  offset: Expression | null;
  limit: Expression | null;
  /** Whether a column is an aggregate, of this query itself. */
  aggregates: boolean;
};

/** Whether what a source comes from is a query. */
export const isSelect = (from: Expression | Select): from is Select => 'projection' in from;

/** The expressions that an expression is made of, not those of queries in it. */
export const partsOf = (expression: Expression): Expression[] => {
  switch (expression.kind) {
    case 'member':
      return [expression.of, expression.name];
    case 'call':
      return expression.arguments;
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'in':
      return [expression.operand, ...expression.among];
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'like':
      return [expression.operand, expression.pattern, ...(expression.escape ? [expression.escape] : [])];
    case 'choice':
      return [expression.test, expression.chosen, expression.otherwise];
    case 'array':
      return expression.items;
    case 'object':
      return expression.entries.map(({ value }) => value);
    default:
      return [];
  }
};

/** The aggregates of an expression, not those of queries in it. */
export const aggregatesIn = (expression: Expression): (Expression & { kind: 'aggregate' })[] =>
  expression.kind === 'aggregate' ? [expression] : partsOf(expression).flatMap(aggregatesIn);
