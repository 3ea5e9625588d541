// The SQL of Cosmos DB, read into a tree. What is not understood is a 400 that names it.
import { badRequest } from '../cosmos-error.ts';
import { aggregatesIn, type Column, type Expression, type Projection, type Select, type Source } from './expression.ts';
import { readExpression } from './parse-expression.ts';
import { createReader, type Reader } from './reader.ts';
import { syntaxError } from './token.ts';

const longestQuery = 256 * 1024;

const listOf = <Item>(reader: Reader, read: () => Item): Item[] => {
  const items = [read()];
  while (reader.acceptSign(',')) items.push(read());
  return items;
};

const readColumn = (reader: Reader): Column => {
  const value = readExpression(reader, readSelect);
  if (reader.acceptWord('AS')) {
    const token = reader.next();
    if (token.kind === 'word') return { value, name: token.text };
    if (token.kind === 'string') return { value, name: token.value };
    throw syntaxError(token, 'the name of a column');
  }
  return { value, name: reader.isName() ? reader.needName('a name') : null };
};

const readProjection = (reader: Reader): Projection => {
  if (reader.acceptSign('*')) return { kind: 'all' };
  // `SELECT value FROM value` is no query, so the word is always the keyword here.
  if (reader.acceptWord('VALUE')) return { kind: 'value', value: readExpression(reader, readSelect) };
  return { kind: 'list', columns: listOf(reader, () => readColumn(reader)) };
};

const lastName = (from: Expression | Select): string | null => {
  if (!('kind' in from)) return null;
  if (from.kind === 'name') return from.name;
  return from.kind === 'member' && from.name.kind === 'constant' && typeof from.name.value === 'string'
    ? from.name.value
    : null;
};

const readFrom = (reader: Reader): Expression | Select => {
  const isQuery = reader.isSign('(') && reader.isWord('SELECT', 1);
  if (!isQuery) {
    if (!reader.isName()) throw syntaxError(reader.peek(), 'a collection');
    return readExpression(reader, readSelect, 'path');
  }
  reader.needSign('(');
  const query = reader.nested(() => readSelect(reader));
  reader.needSign(')');
  return query;
};

const readSource = (reader: Reader): Source => {
  if (reader.isName() && reader.isWord('IN', 1)) {
    const alias = reader.needName('an alias');
    reader.needWord('IN');
    return { alias, each: true, from: readFrom(reader) };
  }
  const from = readFrom(reader);
  const hasAs = reader.acceptWord('AS');
  const alias = hasAs || reader.isName() ? reader.needName('an alias') : lastName(from);
  if (alias === null) throw syntaxError(reader.peek(), 'an alias for what FROM names');
  return { alias, each: false, from };
};

const readSources = (reader: Reader): Source[] => {
  if (!reader.acceptWord('FROM')) return [];
  const sources = [readSource(reader)];
  while (reader.acceptWord('JOIN')) sources.push(readSource(reader));
  const names = sources.map(({ alias }) => alias);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw badRequest(`The alias '${twice}' is used twice in FROM: give each source its own.`);
  return sources;
};

const hasAggregate = (expression: Expression): boolean => aggregatesIn(expression).length > 0;

const readSelect = (reader: Reader): Select => {
  reader.needWord('SELECT');
  const distinct = reader.acceptWord('DISTINCT');
  const top = reader.acceptWord('TOP') ? readExpression(reader, readSelect, 'count') : null;
  const projection = readProjection(reader);
  const sources = readSources(reader);
  if (projection.kind === 'all' && sources.length !== 1)
    throw badRequest("'SELECT *' is only valid with a single input set: name the aliases that are wanted.");
  const where = reader.acceptWord('WHERE') ? readExpression(reader, readSelect) : null;
  const isGrouped = reader.acceptWord('GROUP');
  if (isGrouped) reader.needWord('BY');
  const groupBy = isGrouped ? listOf(reader, () => readExpression(reader, readSelect)) : [];
  const isOrdered = reader.acceptWord('ORDER');
  if (isOrdered) reader.needWord('BY');
  const orderBy = isOrdered
    ? listOf(reader, () => {
        const value = readExpression(reader, readSelect);
        const descending = reader.acceptWord('DESC');
        if (!descending) reader.acceptWord('ASC');
        return { value, descending };
      })
    : [];
  const offset = reader.acceptWord('OFFSET') ? readExpression(reader, readSelect, 'count') : null;
  if (offset) reader.needWord('LIMIT');
  const limit = offset ? readExpression(reader, readSelect, 'count') : null;
  if (top && offset) throw badRequest('TOP and OFFSET LIMIT cannot be in one query: use OFFSET 0 LIMIT n alone.');
  const values =
    projection.kind === 'list'
      ? projection.columns.map(({ value }) => value)
      : projection.kind === 'value'
        ? [projection.value]
        : [];
  const aggregates = values.some(hasAggregate);
  if (where && hasAggregate(where)) throw badRequest('An aggregate function cannot be in WHERE.');
  if (orderBy.length > 0 && (aggregates || groupBy.length > 0))
    throw badRequest("'ORDER BY' is not supported together with GROUP BY or an aggregate function.");
  return { distinct, top, projection, sources, where, groupBy, orderBy, offset, limit, aggregates };
};

/** Reads a query. Errors: a 400 that says where it is wrong. */
export const parseQuery = (text: string): Select => {
  if (text.length > longestQuery) throw badRequest(`A query is at most ${longestQuery / 1024} KB of text.`);
  const reader = createReader(text);
  const query = readSelect(reader);
  if (reader.peek().kind !== 'end') throw syntaxError(reader.peek(), 'the end of the query');
  return query;
};
