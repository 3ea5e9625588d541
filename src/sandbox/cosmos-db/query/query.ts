// A query of a client, ready to be given items.
import { isJsonObject, type Json } from '../../../base/json.ts';
import { badRequest } from '../cosmos-error.ts';
import type { Scope } from './evaluate.ts';
import { isSelect, type Select } from './expression.ts';
import { parseQuery } from './parse.ts';
import { type Budget, compileSelect, subqueryCompiler } from './select.ts';
import type { Value } from './value.ts';

/** A query that items are given to, one after the other. */
export type ItemQuery = {
  /** Whether each item gives its results by itself, so that a query can go on after any item. */
  streams: boolean;
  /** The results that are known with this item. */
  take(item: Json): Value[];
  isFull(): boolean;
  /** The results that were not known before the last item. */
  finish(): Value[];
};

/** The name by which a query calls the container: the first of its first source. */
const rootNameOf = ({ sources: [first] }: Select): string => {
  if (!first) return '';
  if (isSelect(first.from)) return rootNameOf(first.from);
  let from = first.from;
  while (from.kind === 'member') from = from.of;
  return from.kind === 'name' ? from.name : '';
};

const parametersOf = (list: Json | undefined): Map<string, Value> => {
  if (list === undefined || list === null) return new Map();
  if (!Array.isArray(list)) throw badRequest("'parameters' of a query must be a list.");
  return new Map(
    list.map((one) => {
      if (!isJsonObject(one) || typeof one.name !== 'string')
        throw badRequest("Each of the 'parameters' of a query must have a name and a value.");
      return [one.name, one.value] as const;
    }),
  );
};

/** Opens the query that a body `{ query, parameters }` holds. Errors: a 400 that says what is wrong with it. */
export const openQuery = (body: Json | undefined, budget: Budget): ItemQuery => {
  if (!isJsonObject(body) || typeof body.query !== 'string')
    throw badRequest("The body of a query must be an object with the text of it in 'query'.");
  const select = parseQuery(body.query);
  const scope: Scope = {
    names: [rootNameOf(select)],
    parameters: parametersOf(body.parameters),
    aggregates: new Map(),
    spend: budget.spend,
    subquery: subqueryCompiler(budget),
  };
  const { rows, begin } = compileSelect(select, scope, budget);
  const run = begin();
  const hasSource = select.sources.length > 0;
  const take = (item: Value): Value[] => {
    const found: Value[] = [];
    for (const row of rows([item])) {
      for (const value of run.take(row)) found.push(value);
      if (run.isFull()) break;
    }
    return found;
  };
  return {
    streams: !(
      select.distinct ||
      select.aggregates ||
      !hasSource ||
      [select.top, select.offset].some((one) => one !== null) ||
      select.groupBy.length + select.orderBy.length > 0
    ),
    take: hasSource ? take : () => [],
    // Without FROM there is one row, whatever the container holds.
    isFull: () => !hasSource || run.isFull(),
    finish: () => [...(hasSource ? [] : take(undefined)), ...run.finish()],
  };
};
