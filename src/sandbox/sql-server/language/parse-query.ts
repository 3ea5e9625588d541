// Queries: SELECT and what joins several of them.
import { unsupported } from '../sql-error.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './parse-expression.ts';
import type { Cte, Expression, Item, OrderItem, Query, QueryBody, Select, Source } from './syntax.ts';

/** Reads the expressions of an ORDER BY. */
export const parseOrder = (cursor: Cursor): OrderItem[] =>
  cursor.list(() => {
    const expression = parseExpression(cursor);
    const isDescending = cursor.accept('DESC');
    if (!isDescending) cursor.accept('ASC');
    return { expression, isDescending };
  });

/** Reads the common table expressions after WITH. */
export const parseWith = (cursor: Cursor): Cte[] => {
  if (!cursor.accept('WITH')) return [];
  return cursor.list(() => {
    const name = cursor.name();
    const columns = cursor.is('(') ? cursor.names() : [];
    cursor.expect('AS', '(');
    const query = parseQuery(cursor);
    cursor.expect(')');
    return { name, columns, query };
  });
};

/** Reads TOP and its count, with or without parentheses. */
export const parseTop = (cursor: Cursor): Expression | undefined => {
  if (!cursor.accept('TOP')) return undefined;
  if (!cursor.is('(')) {
    if (cursor.next.kind !== 'number') throw cursor.wrong();
    return parseExpression(cursor);
  }
  cursor.take();
  const count = parseExpression(cursor);
  cursor.expect(')');
  return count;
};

const parseTopOfSelect = (cursor: Cursor): Select['top'] => {
  if (!cursor.accept('TOP')) return undefined;
  let count: Expression;
  if (cursor.accept('(')) {
    count = parseExpression(cursor);
    cursor.expect(')');
  } else {
    if (cursor.next.kind !== 'number') throw cursor.wrong();
    count = { kind: 'literal', type: { name: 'bigint' }, value: BigInt(cursor.take().text.split('.')[0] || '0') };
  }
  const isPercent = cursor.accept('PERCENT');
  if (cursor.isPhrase('WITH', 'TIES')) throw unsupported('TOP WITH TIES');
  return { count, isPercent };
};

const assignments = ['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^='];

/** Reads one item of a list of columns. */
export const parseItem = (cursor: Cursor): Item => {
  if (cursor.accept('*')) return { kind: 'star', path: [] };
  if (cursor.next.kind === 'variable' && assignments.includes(cursor.ahead(1).word)) {
    const variable = cursor.take().text;
    const operator = cursor.take().word;
    return { kind: 'assign', variable, operator, expression: parseExpression(cursor) };
  }
  if (
    (cursor.isName() && cursor.ahead(1).word === '=') ||
    (cursor.next.kind === 'string' && cursor.ahead(1).word === '=')
  ) {
    const alias = cursor.take().text;
    cursor.take();
    return { kind: 'expression', expression: parseExpression(cursor), alias };
  }
  for (let ahead = 0; cursor.ahead(ahead).kind === 'name' || cursor.ahead(ahead).kind === 'quoted'; ahead += 2) {
    if (cursor.ahead(ahead + 1).word !== '.') break;
    if (cursor.ahead(ahead + 2).word !== '*') continue;
    const path: string[] = [];
    for (let part = 0; part <= ahead; part += 2) {
      path.push(cursor.take().text);
      cursor.take();
    }
    cursor.take();
    return { kind: 'star', path };
  }
  const expression = parseExpression(cursor);
  if (cursor.accept('AS')) {
    const alias = cursor.next.kind === 'string' ? cursor.take().text : cursor.name();
    return { kind: 'expression', expression, alias };
  }
  if (cursor.isName() || cursor.next.kind === 'string')
    return { kind: 'expression', expression, alias: cursor.take().text };
  return { kind: 'expression', expression };
};

const hintWords = [
  'NOLOCK',
  'READUNCOMMITTED',
  'HOLDLOCK',
  'UPDLOCK',
  'ROWLOCK',
  'TABLOCK',
  'TABLOCKX',
  'READPAST',
  'SERIALIZABLE',
  'READCOMMITTED',
  'REPEATABLEREAD',
  'XLOCK',
  'PAGLOCK',
  'NOWAIT',
  'INDEX',
  'FORCESEEK',
  'FORCESCAN',
  'SNAPSHOT',
  'NOEXPAND',
  'KEEPIDENTITY',
  'KEEPDEFAULTS',
];

/** Passes over the hints of a table: this engine needs none. */
export const skipHints = (cursor: Cursor): void => {
  if (cursor.is('WITH') && cursor.ahead(1).word === '(') {
    cursor.take();
    cursor.skipGroup();
  } else if (cursor.is('(') && hintWords.includes(cursor.ahead(1).word)) cursor.skipGroup();
};

/** Reads an alias where there is one. */
export const parseAlias = (cursor: Cursor): string | undefined => {
  if (cursor.accept('AS')) return cursor.name();
  return cursor.isName() && !cursor.is('OUTPUT', 'GO') ? cursor.name() : undefined;
};

const parseRows = (cursor: Cursor): Expression[][] =>
  cursor.list(() => {
    cursor.expect('(');
    const row = cursor.list(() => parseExpression(cursor));
    cursor.expect(')');
    return row;
  });

const parseDerived = (cursor: Cursor): Source => {
  cursor.expect('(');
  if (cursor.accept('VALUES')) {
    const rows = parseRows(cursor);
    cursor.expect(')');
    cursor.accept('AS');
    return { kind: 'rows', rows, alias: cursor.name(), columns: cursor.names() };
  }
  if (!cursor.is('SELECT', 'WITH', '(')) {
    const source = parseSource(cursor);
    cursor.expect(')');
    return source;
  }
  if (cursor.is('(') && !['SELECT', 'WITH', '('].includes(cursor.ahead(1).word)) {
    const source = parseSource(cursor);
    cursor.expect(')');
    return source;
  }
  const query = parseQuery(cursor);
  cursor.expect(')');
  cursor.accept('AS');
  const alias = cursor.name();
  return { kind: 'derived', query, alias, columns: cursor.is('(') ? cursor.names() : [] };
};

const parseTable = (cursor: Cursor): Source => {
  if (cursor.is('(')) return parseDerived(cursor);
  if (cursor.next.kind === 'variable') throw unsupported('A table variable', 'Use a #temporary table.');
  const name = cursor.objectName();
  if (cursor.is('(') && !hintWords.includes(cursor.ahead(1).word))
    throw unsupported(`The table-valued function ${name.parts.join('.')}`);
  if (cursor.isPhrase('FOR', 'SYSTEM_TIME')) throw unsupported('FOR SYSTEM_TIME');
  skipHints(cursor);
  const alias = parseAlias(cursor);
  skipHints(cursor);
  for (const word of ['PIVOT', 'UNPIVOT', 'TABLESAMPLE']) if (cursor.is(word)) throw unsupported(word);
  return { kind: 'table', name, ...(alias !== undefined && { alias }) };
};

const joinWord = (cursor: Cursor): string | null => {
  if (cursor.accept('JOIN')) return 'INNER JOIN';
  if (cursor.accept('CROSS', 'JOIN')) return 'CROSS JOIN';
  for (const side of ['INNER', 'LEFT', 'RIGHT', 'FULL']) {
    if (!cursor.is(side)) continue;
    cursor.take();
    if (side !== 'INNER') cursor.accept('OUTER');
    if (cursor.is('HASH', 'LOOP', 'MERGE')) cursor.take();
    cursor.expect('JOIN');
    return `${side} JOIN`;
  }
  return null;
};

/** Reads one source of FROM with all that is joined to it. */
export const parseSource = (cursor: Cursor): Source =>
  cursor.nested(() => {
    let left = parseTable(cursor);
    for (;;) {
      if (cursor.accept('CROSS', 'APPLY')) left = { kind: 'apply', isOuter: false, left, right: parseTable(cursor) };
      else if (cursor.accept('OUTER', 'APPLY'))
        left = { kind: 'apply', isOuter: true, left, right: parseTable(cursor) };
      else {
        const join = joinWord(cursor);
        if (join === null) return left;
        const right = parseTable(cursor);
        if (join === 'CROSS JOIN') left = { kind: 'join', join, left, right };
        else {
          cursor.expect('ON');
          left = { kind: 'join', join, left, right, on: parseExpression(cursor) };
        }
      }
    }
  });

/** Reads FROM and its sources, none where there is no FROM. */
export const parseFrom = (cursor: Cursor): Source[] =>
  cursor.accept('FROM') ? cursor.list(() => parseSource(cursor)) : [];

const parseSelect = (cursor: Cursor): { select: Select; into?: Query['into'] } => {
  cursor.expect('SELECT');
  const isDistinct = cursor.accept('DISTINCT');
  if (!isDistinct) cursor.accept('ALL');
  const top = parseTopOfSelect(cursor);
  const items = cursor.list(() => parseItem(cursor));
  const into = cursor.accept('INTO') ? cursor.objectName() : undefined;
  const from = parseFrom(cursor);
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : undefined;
  const group: Expression[] = [];
  if (cursor.accept('GROUP', 'BY')) {
    if (cursor.is('ROLLUP', 'CUBE', 'GROUPING')) throw unsupported(`GROUP BY ${cursor.next.word}`);
    group.push(...cursor.list(() => parseExpression(cursor)));
  }
  const having = cursor.accept('HAVING') ? parseExpression(cursor) : undefined;
  const select: Select = {
    kind: 'select',
    isDistinct,
    items,
    from,
    group,
    ...(top && { top }),
    ...(where && { where }),
    ...(having && { having }),
  };
  return into ? { select, into } : { select };
};

const setWord = (cursor: Cursor): 'UNION' | 'UNION ALL' | 'EXCEPT' | 'INTERSECT' | null => {
  if (cursor.accept('UNION', 'ALL')) return 'UNION ALL';
  for (const word of ['UNION', 'EXCEPT', 'INTERSECT'] as const) if (cursor.accept(word)) return word;
  return null;
};

/** Reads a query, with what comes before it and after it. */
export const parseQuery = (cursor: Cursor, ctes?: Cte[]): Query =>
  cursor.nested(() => {
    const before = ctes ?? parseWith(cursor);
    let into: Query['into'];
    const part = (): QueryBody => {
      if (cursor.accept('(')) {
        const inside = parseQuery(cursor);
        cursor.expect(')');
        if (inside.order.length > 0 || inside.with.length > 0) throw cursor.wrong();
        return inside.body;
      }
      const read = parseSelect(cursor);
      into ??= read.into;
      return read.select;
    };
    const product = (): QueryBody => {
      let left = part();
      while (cursor.accept('INTERSECT')) left = { kind: 'set', operator: 'INTERSECT', left, right: part() };
      return left;
    };
    let body = product();
    for (let operator = setWord(cursor); operator !== null; operator = setWord(cursor))
      body = { kind: 'set', operator, left: body, right: product() };
    const query: Query = { with: before, body, order: [], ...(into && { into }) };
    if (cursor.accept('ORDER', 'BY')) {
      query.order = parseOrder(cursor);
      if (cursor.accept('OFFSET')) {
        query.offset = parseExpression(cursor);
        if (!cursor.accept('ROWS')) cursor.expect('ROW');
        if (cursor.accept('FETCH')) {
          if (!cursor.accept('NEXT')) cursor.expect('FIRST');
          query.fetch = parseExpression(cursor);
          if (!cursor.accept('ROWS')) cursor.expect('ROW');
          cursor.expect('ONLY');
        }
      }
    }
    if (cursor.is('FOR') && ['XML', 'JSON', 'BROWSE'].includes(cursor.ahead(1).word))
      throw unsupported(`FOR ${cursor.ahead(1).word}`);
    if (cursor.is('OPTION') && cursor.ahead(1).word === '(') {
      cursor.take();
      cursor.skipGroup();
    }
    return query;
  });
