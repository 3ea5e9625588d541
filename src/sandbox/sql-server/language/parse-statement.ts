// A batch: statements one after the other.
import { unsupported } from '../sql-error.ts';
import { Cursor } from './cursor.ts';
import { parseDefinition, parseDrop } from './parse-definition.ts';
import { parseExpression } from './parse-expression.ts';
import { parseQuery, parseWith } from './parse-query.ts';
import { parseDelete, parseInsert, parseMerge, parseUpdate } from './parse-write.ts';
import type { ExecArgument, Expression, Statement } from './syntax.ts';
import { readTypeName } from './type-name.ts';

/** Reads a batch as a whole: a mistake anywhere in it is found before anything is done. */
export const parseBatch = (text: string): Statement[] => {
  const cursor = new Cursor(text);
  return parseStatements(cursor, () => false);
};

/** Reads statements until `isEnd` or the end of the batch. */
export const parseStatements = (cursor: Cursor, isEnd: () => boolean): Statement[] => {
  const statements: Statement[] = [];
  for (;;) {
    while (cursor.accept(';'));
    if (cursor.next.kind === 'end' || isEnd()) return statements;
    statements.push(parseStatement(cursor));
  }
};

const nestedStatement = (cursor: Cursor): Statement => cursor.nested(() => parseStatement(cursor));

const parseDeclare = (cursor: Cursor, line: number): Statement => ({
  kind: 'declare',
  line,
  variables: cursor.list(() => {
    if (cursor.next.kind !== 'variable') throw unsupported(`DECLARE ${cursor.next.text}`);
    const name = cursor.take().text;
    cursor.accept('AS');
    if (cursor.is('TABLE')) throw unsupported('A table variable', 'Use a #temporary table.');
    const type = readTypeName(cursor);
    return cursor.accept('=') ? { name, type, value: parseExpression(cursor) } : { name, type };
  }),
});

const parseSet = (cursor: Cursor, line: number): Statement => {
  if (cursor.next.kind === 'variable') {
    const variable = cursor.take().text;
    const operator = cursor.take().word;
    if (!/^[-+*/%&|^]?=$/.test(operator)) throw cursor.wrong();
    return { kind: 'set', line, variable, operator, expression: parseExpression(cursor) };
  }
  if (cursor.accept('IDENTITY_INSERT')) {
    const table = cursor.objectName();
    const isOn = cursor.accept('ON');
    if (!isOn) cursor.expect('OFF');
    return { kind: 'identityInsert', line, table, isOn };
  }
  if (cursor.accept('TRANSACTION', 'ISOLATION', 'LEVEL')) {
    const words: string[] = [];
    while (cursor.is('READ', 'UNCOMMITTED', 'COMMITTED', 'REPEATABLE', 'SERIALIZABLE', 'SNAPSHOT'))
      words.push(cursor.take().word);
    if (words.length === 0) throw cursor.wrong();
    return { kind: 'option', line, name: 'TRANSACTION ISOLATION LEVEL', value: words.join(' ') };
  }
  const names = [cursor.take().text.toUpperCase()];
  while (cursor.accept(',')) names.push(cursor.take().text.toUpperCase());
  if (cursor.next.kind === 'name' && !cursor.is('ON', 'OFF') && names[0] === 'STATISTICS') cursor.take();
  const isNegative = cursor.accept('-');
  const value = cursor.take();
  if (value.kind === 'end') throw cursor.wrong();
  return { kind: 'option', line, name: names.join(','), value: (isNegative ? '-' : '') + value.text.toUpperCase() };
};

const parseExecArgument = (cursor: Cursor): ExecArgument => {
  let name: string | undefined;
  if (cursor.next.kind === 'variable' && cursor.ahead(1).word === '=') {
    name = cursor.take().text;
    cursor.take();
  }
  // A word without quotes is text here.
  const isWord = cursor.isName() && ![',', '.', '('].includes(cursor.ahead(1).word) && cursor.next.kind === 'name';
  const expression: Expression = isWord
    ? { kind: 'literal', type: { name: 'nvarchar', length: 4000 }, value: cursor.take().text }
    : parseExpression(cursor);
  const isOutput = cursor.accept('OUTPUT') || cursor.accept('OUT');
  return { expression, isOutput, ...(name !== undefined && { name }) };
};

const startsArgument = (cursor: Cursor): boolean => {
  const { kind, word } = cursor.next;
  return (
    ['variable', 'number', 'string', 'binary'].includes(kind) || word === '-' || word === 'NULL' || word === 'DEFAULT'
  );
};

const parseExec = (cursor: Cursor, line: number): Statement => {
  if (cursor.accept('(')) {
    const expression = parseExpression(cursor);
    cursor.expect(')');
    if (cursor.is('AT', 'AS')) throw unsupported(`EXEC (...) ${cursor.next.word}`);
    return { kind: 'execText', line, expression };
  }
  let result: string | undefined;
  if (cursor.next.kind === 'variable') {
    if (cursor.ahead(1).word !== '=') throw unsupported('EXEC of a procedure whose name is in a variable');
    result = cursor.take().text;
    cursor.take();
  }
  const procedure = cursor.objectName();
  const args = startsArgument(cursor) ? cursor.list(() => parseExecArgument(cursor)) : [];
  if (cursor.accept('WITH')) cursor.expect('RECOMPILE');
  return { kind: 'exec', line, procedure, arguments: args, ...(result !== undefined && { result }) };
};

const parseTry = (cursor: Cursor, line: number): Statement => {
  const atEnd = (word: string) => () => cursor.isPhrase('END', word);
  const statements = parseStatements(cursor, atEnd('TRY'));
  cursor.expect('END', 'TRY');
  while (cursor.accept(';'));
  cursor.expect('BEGIN', 'CATCH');
  const handler = parseStatements(cursor, atEnd('CATCH'));
  cursor.expect('END', 'CATCH');
  return { kind: 'try', line, statements, handler };
};

const transactionName = (cursor: Cursor): string => {
  if (cursor.next.kind === 'variable') return cursor.take().text;
  const name = cursor.isName() && !cursor.is('GO') ? cursor.name() : '';
  if (cursor.is('WITH') && cursor.ahead(1).word === '(') {
    cursor.take();
    cursor.skipGroup();
  } else if (cursor.accept('WITH', 'MARK') && cursor.next.kind === 'string') cursor.take();
  return name;
};

const parseBegin = (cursor: Cursor, line: number): Statement => {
  if (cursor.accept('TRANSACTION') || cursor.accept('TRAN'))
    return { kind: 'begin', line, name: transactionName(cursor) };
  if (cursor.accept('TRY')) return parseTry(cursor, line);
  if (cursor.is('DISTRIBUTED', 'DIALOG', 'CONVERSATION', 'ATOMIC')) throw unsupported(`BEGIN ${cursor.next.word}`);
  const statements = cursor.nested(() => parseStatements(cursor, () => cursor.is('END')));
  if (statements.length === 0) throw cursor.wrong();
  cursor.expect('END');
  return { kind: 'block', line, statements };
};

const parseEndOfTransaction = (cursor: Cursor, line: number, kind: 'commit' | 'rollback'): Statement => {
  const isNamed = cursor.accept('TRANSACTION') || cursor.accept('TRAN');
  if (!isNamed) cursor.accept('WORK');
  return { kind, line, name: isNamed ? transactionName(cursor) : '' };
};

const parseRaiserror = (cursor: Cursor, line: number): Statement => {
  cursor.expect('(');
  const [message, severity, state, ...rest] = cursor.list(() => parseExpression(cursor));
  cursor.expect(')');
  if (!message || !severity || !state) throw cursor.wrong();
  if (cursor.accept('WITH')) cursor.list(() => cursor.take());
  return { kind: 'raiserror', line, message, severity, state, arguments: rest };
};

const parseThrow = (cursor: Cursor, line: number): Statement => {
  if (cursor.next.kind !== 'number' && cursor.next.kind !== 'variable') return { kind: 'throw', line };
  const [number, message, state] = cursor.list(() => parseExpression(cursor));
  if (!number || !message || !state) throw cursor.wrong();
  return { kind: 'throw', line, number, message, state };
};

const parseIf = (cursor: Cursor, line: number): Statement => {
  const condition = parseExpression(cursor);
  const yes = nestedStatement(cursor);
  while (cursor.is(';') && cursor.ahead(1).word === 'ELSE') cursor.take();
  if (!cursor.accept('ELSE')) return { kind: 'if', line, condition, yes };
  return { kind: 'if', line, condition, yes, otherwise: nestedStatement(cursor) };
};

const refused = [
  'WAITFOR',
  'GRANT',
  'REVOKE',
  'DENY',
  'GOTO',
  'OPEN',
  'CLOSE',
  'FETCH',
  'DEALLOCATE',
  'BACKUP',
  'RESTORE',
  'KILL',
  'BULK',
  'COPY',
  'DBCC',
  'ENABLE',
  'DISABLE',
  'RENAME',
  'READTEXT',
  'WRITETEXT',
  'UPDATETEXT',
  'REVERT',
  'SHUTDOWN',
  'CHECKPOINT',
  'RECONFIGURE',
];

/** Reads one statement. */
export const parseStatement = (cursor: Cursor): Statement => {
  const { line, word, kind } = cursor.next;
  if (cursor.is('WITH')) {
    const ctes = parseWith(cursor);
    if (cursor.is('INSERT')) return parseInsert(cursor, ctes);
    if (cursor.is('UPDATE')) return parseUpdate(cursor, ctes);
    if (cursor.is('DELETE')) return parseDelete(cursor, ctes);
    if (cursor.is('MERGE')) return parseMerge(cursor, ctes);
    return { kind: 'select', line, query: parseQuery(cursor, ctes) };
  }
  if (cursor.is('SELECT', '(')) return { kind: 'select', line, query: parseQuery(cursor) };
  if (cursor.is('INSERT')) return parseInsert(cursor, []);
  if (cursor.is('UPDATE')) return parseUpdate(cursor, []);
  if (cursor.is('DELETE')) return parseDelete(cursor, []);
  if (cursor.is('MERGE')) return parseMerge(cursor, []);
  if (cursor.is('CREATE', 'ALTER')) return parseDefinition(cursor);
  if (cursor.is('DROP')) return parseDrop(cursor);
  if (cursor.accept('TRUNCATE', 'TABLE')) return { kind: 'truncate', line, table: cursor.objectName() };
  if (cursor.accept('DECLARE')) return parseDeclare(cursor, line);
  if (cursor.accept('SET')) return parseSet(cursor, line);
  if (cursor.accept('IF')) return parseIf(cursor, line);
  if (cursor.accept('WHILE')) {
    const condition = parseExpression(cursor);
    return { kind: 'while', line, condition, body: nestedStatement(cursor) };
  }
  if (cursor.accept('BEGIN')) return parseBegin(cursor, line);
  if (cursor.accept('COMMIT')) return parseEndOfTransaction(cursor, line, 'commit');
  if (cursor.accept('ROLLBACK')) return parseEndOfTransaction(cursor, line, 'rollback');
  if (cursor.accept('SAVE')) {
    if (!cursor.accept('TRANSACTION')) cursor.expect('TRAN');
    return { kind: 'save', line, name: transactionName(cursor) };
  }
  if (cursor.accept('PRINT')) return { kind: 'print', line, expression: parseExpression(cursor) };
  if (cursor.accept('RAISERROR')) return parseRaiserror(cursor, line);
  if (cursor.accept('THROW')) return parseThrow(cursor, line);
  if (cursor.accept('EXEC') || cursor.accept('EXECUTE')) return parseExec(cursor, line);
  if (cursor.accept('RETURN')) {
    const hasValue = ['number', 'variable'].includes(cursor.next.kind) || cursor.is('-', '(');
    return hasValue ? { kind: 'return', line, expression: parseExpression(cursor) } : { kind: 'return', line };
  }
  if (cursor.accept('BREAK')) return { kind: 'break', line };
  if (cursor.accept('CONTINUE')) return { kind: 'continue', line };
  if (cursor.accept('USE')) return { kind: 'use', line, database: cursor.name() };
  if (refused.includes(word)) {
    const into = word === 'COPY' ? ' INTO' : '';
    throw Object.assign(unsupported(`The statement ${word}${into}`), { line });
  }
  // The first statement of a batch may call a procedure without EXEC.
  if (cursor.taken === 0 && (kind === 'name' || kind === 'quoted') && cursor.isName()) return parseExec(cursor, line);
  throw cursor.wrong();
};
