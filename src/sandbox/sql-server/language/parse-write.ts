// INSERT, UPDATE, DELETE, MERGE and INSERT BULK.
import { unsupported } from '../sql-error.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseAlias, parseFrom, parseItem, parseQuery, parseSource, parseTop, skipHints } from './parse-query.ts';
import { parseStatement } from './parse-statement.ts';
import type { Assignment, Cte, Expression, MergeAction, MergeBranch, Output, Statement } from './syntax.ts';
import { readTypeName } from './type-name.ts';

const parseOutput = (cursor: Cursor): { output?: Output } => {
  if (!cursor.accept('OUTPUT')) return {};
  const items = cursor.list(() => parseItem(cursor));
  if (!cursor.accept('INTO')) return { output: { items } };
  if (cursor.next.kind === 'variable') throw unsupported('OUTPUT INTO a table variable', 'Use a #temporary table.');
  const into = cursor.objectName();
  if (cursor.is('(')) throw unsupported('OUTPUT INTO with a list of columns');
  return { output: { items, into } };
};

const parseRow = (cursor: Cursor): Expression[] => {
  cursor.expect('(');
  const row = cursor.list(() => parseExpression(cursor));
  cursor.expect(')');
  return row;
};

export const parseInsert = (cursor: Cursor, ctes: Cte[]): Statement => {
  const { line } = cursor.next;
  cursor.expect('INSERT');
  if (cursor.accept('BULK')) return parseInsertBulk(cursor, line);
  if (cursor.is('TOP')) throw unsupported('INSERT TOP', 'Write TOP in its SELECT.');
  cursor.accept('INTO');
  if (cursor.next.kind === 'variable') throw unsupported('A table variable', 'Use a #temporary table.');
  const table = cursor.objectName();
  skipHints(cursor);
  const columns = cursor.is('(') && cursor.ahead(1).word !== 'SELECT' ? cursor.names() : [];
  const output = parseOutput(cursor);
  const head = { kind: 'insert' as const, line, with: ctes, table, columns, ...output };
  if (cursor.accept('DEFAULT', 'VALUES')) return { ...head, rows: { kind: 'default' } };
  if (cursor.accept('VALUES')) return { ...head, rows: { kind: 'values', rows: cursor.list(() => parseRow(cursor)) } };
  if (cursor.is('EXEC', 'EXECUTE')) return { ...head, rows: { kind: 'exec', statement: parseStatement(cursor) } };
  return { ...head, rows: { kind: 'query', query: parseQuery(cursor) } };
};

const parseInsertBulk = (cursor: Cursor, line: number): Statement => {
  const table = cursor.objectName();
  cursor.expect('(');
  const columns = cursor.list(() => {
    const name = cursor.name();
    const type = readTypeName(cursor);
    if (cursor.accept('COLLATE')) cursor.name();
    return { name, type };
  });
  cursor.expect(')');
  const options: string[] = [];
  if (cursor.accept('WITH')) {
    cursor.expect('(');
    options.push(
      ...cursor.list(() => {
        const word = cursor.take().text.toUpperCase();
        if (cursor.accept('=')) cursor.take();
        if (cursor.is('(')) cursor.skipGroup();
        return word;
      }),
    );
    cursor.expect(')');
  }
  return { kind: 'insertBulk', line, table, columns, options };
};

const parseAssignments = (cursor: Cursor): Assignment[] =>
  cursor.list(() => {
    if (cursor.next.kind === 'variable') throw unsupported('UPDATE that sets a variable');
    let column = cursor.name();
    while (cursor.accept('.')) column = cursor.name();
    const operator = cursor.take().word;
    if (!/^[-+*/%&|^]?=$/.test(operator)) throw cursor.wrong();
    const right = parseExpression(cursor);
    if (operator === '=') return { column, expression: right };
    const left: Expression = { kind: 'column', path: [column] };
    return { column, expression: { kind: 'binary', operator: operator.slice(0, -1), left, right } };
  });

export const parseUpdate = (cursor: Cursor, ctes: Cte[]): Statement => {
  const { line } = cursor.next;
  cursor.expect('UPDATE');
  if (cursor.is('STATISTICS')) {
    while (cursor.next.kind !== 'end' && !cursor.is(';')) cursor.take();
    return { kind: 'nothing', line };
  }
  const top = parseTop(cursor);
  const table = cursor.objectName();
  skipHints(cursor);
  cursor.expect('SET');
  const set = parseAssignments(cursor);
  const output = parseOutput(cursor);
  const from = parseFrom(cursor);
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : undefined;
  skipOption(cursor);
  return {
    kind: 'update',
    line,
    with: ctes,
    table,
    set,
    from,
    ...output,
    ...(top && { top }),
    ...(where && { where }),
  };
};

const skipOption = (cursor: Cursor): void => {
  if (cursor.is('OPTION') && cursor.ahead(1).word === '(') {
    cursor.take();
    cursor.skipGroup();
  }
};

export const parseDelete = (cursor: Cursor, ctes: Cte[]): Statement => {
  const { line } = cursor.next;
  cursor.expect('DELETE');
  const top = parseTop(cursor);
  cursor.accept('FROM');
  const table = cursor.objectName();
  skipHints(cursor);
  const output = parseOutput(cursor);
  const from = parseFrom(cursor);
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : undefined;
  skipOption(cursor);
  return { kind: 'delete', line, with: ctes, table, from, ...output, ...(top && { top }), ...(where && { where }) };
};

const parseMergeAction = (cursor: Cursor): MergeAction => {
  if (cursor.accept('DELETE')) return { kind: 'delete' };
  if (cursor.accept('UPDATE')) {
    cursor.expect('SET');
    return { kind: 'update', set: parseAssignments(cursor) };
  }
  cursor.expect('INSERT');
  const columns = cursor.is('(') ? cursor.names() : [];
  if (cursor.accept('DEFAULT', 'VALUES')) return { kind: 'insert', columns: [], values: null };
  cursor.expect('VALUES');
  return { kind: 'insert', columns, values: parseRow(cursor) };
};

const parseBranch = (cursor: Cursor): MergeBranch => {
  cursor.expect('WHEN');
  const isNegated = cursor.accept('NOT');
  cursor.expect('MATCHED');
  const bySource = isNegated && cursor.accept('BY', 'SOURCE');
  if (isNegated && !bySource) cursor.accept('BY', 'TARGET');
  const condition = cursor.accept('AND') ? parseExpression(cursor) : undefined;
  cursor.expect('THEN');
  const when = isNegated ? (bySource ? 'NOT MATCHED BY SOURCE' : 'NOT MATCHED') : 'MATCHED';
  return { when, action: parseMergeAction(cursor), ...(condition && { condition }) };
};

export const parseMerge = (cursor: Cursor, ctes: Cte[]): Statement => {
  const { line } = cursor.next;
  cursor.expect('MERGE');
  if (cursor.is('TOP')) throw unsupported('MERGE TOP');
  cursor.accept('INTO');
  const table = cursor.objectName();
  skipHints(cursor);
  const alias = cursor.is('USING') ? undefined : parseAlias(cursor);
  cursor.expect('USING');
  const source = parseSource(cursor);
  cursor.expect('ON');
  const on = parseExpression(cursor);
  const branches: MergeBranch[] = [];
  while (cursor.is('WHEN')) branches.push(parseBranch(cursor));
  const output = parseOutput(cursor);
  skipOption(cursor);
  return {
    kind: 'merge',
    line,
    with: ctes,
    table,
    source,
    on,
    branches,
    ...output,
    ...(alias !== undefined && { alias }),
  };
};
