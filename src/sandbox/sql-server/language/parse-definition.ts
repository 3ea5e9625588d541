// Definitions: tables, views, procedures, schemas, indexes.
import { unsupported } from '../sql-error.ts';
import type { SqlType, SqlValue } from '../type/sql-type.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseQuery } from './parse-query.ts';
import { parseStatements } from './parse-statement.ts';
import type {
  ColumnDefinition,
  ObjectKind,
  ObjectName,
  ProcedureParameter,
  Statement,
  TableConstraint,
} from './syntax.ts';
import { readTypeName } from './type-name.ts';

type Definition<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

const bigNumber = (cursor: Cursor): bigint => {
  const isNegative = cursor.accept('-');
  if (cursor.next.kind !== 'number' || !/^\d{1,18}$/.test(cursor.next.text)) throw cursor.wrong();
  const value = BigInt(cursor.take().text);
  return isNegative ? -value : value;
};

const skipIndexOptions = (cursor: Cursor): void => {
  if (!cursor.accept('CLUSTERED')) cursor.accept('NONCLUSTERED');
};
const skipStorage = (cursor: Cursor): void => {
  if (cursor.is('WITH') && cursor.ahead(1).word === '(') {
    cursor.take();
    cursor.skipGroup();
  }
  for (const word of ['ON', 'TEXTIMAGE_ON', 'FILESTREAM_ON'])
    if (cursor.accept(word)) {
      cursor.name();
      if (cursor.is('(')) cursor.skipGroup();
    }
};

const refuseReference = (cursor: Cursor): void => {
  if (cursor.is('FOREIGN', 'REFERENCES')) throw unsupported('A foreign key');
};

const keyColumns = (cursor: Cursor): string[] => {
  cursor.expect('(');
  const columns = cursor.list(() => {
    const name = cursor.name();
    if (!cursor.accept('ASC')) cursor.accept('DESC');
    return name;
  });
  cursor.expect(')');
  return columns;
};

const inParentheses = (cursor: Cursor) => {
  cursor.expect('(');
  const expression = parseExpression(cursor);
  cursor.expect(')');
  return expression;
};

/** Reads one column of a table. */
const parseColumn = (cursor: Cursor): ColumnDefinition => {
  const name = cursor.name();
  if (cursor.is('AS')) throw unsupported('A computed column');
  const column: ColumnDefinition = {
    name,
    type: readTypeName(cursor),
    isNullable: null,
    isPrimary: false,
    isUnique: false,
  };
  for (;;) {
    if (cursor.accept('CONSTRAINT')) cursor.name();
    refuseReference(cursor);
    if (cursor.accept('NOT', 'NULL')) column.isNullable = false;
    else if (cursor.accept('NULL')) column.isNullable = true;
    else if (cursor.accept('NOT', 'ENFORCED')) continue;
    else if (cursor.accept('COLLATE')) cursor.name();
    else if (cursor.accept('IDENTITY')) {
      column.identity = { seed: 1n, increment: 1n };
      if (cursor.accept('(')) {
        const seed = bigNumber(cursor);
        cursor.expect(',');
        column.identity = { seed, increment: bigNumber(cursor) };
        cursor.expect(')');
      }
      cursor.accept('NOT', 'FOR', 'REPLICATION');
    } else if (cursor.accept('DEFAULT')) {
      column.default = parseExpression(cursor);
      if (cursor.accept('WITH')) cursor.expect('VALUES');
    } else if (cursor.accept('PRIMARY', 'KEY')) {
      column.isPrimary = true;
      skipIndexOptions(cursor);
      skipStorage(cursor);
    } else if (cursor.accept('UNIQUE')) {
      column.isUnique = true;
      skipIndexOptions(cursor);
    } else if (cursor.accept('CHECK')) column.check = inParentheses(cursor);
    else if (cursor.is('ROWGUIDCOL', 'SPARSE')) cursor.take();
    else return column;
  }
};

const parseConstraint = (cursor: Cursor): TableConstraint | null => {
  if (cursor.accept('CONSTRAINT')) cursor.name();
  refuseReference(cursor);
  if (cursor.accept('CHECK')) return { kind: 'check', expression: inParentheses(cursor) };
  if (cursor.is('DEFAULT')) throw unsupported('A DEFAULT constraint beside its column', 'Write it with the column.');
  const isPrimary = cursor.accept('PRIMARY', 'KEY');
  if (!isPrimary && !cursor.accept('UNIQUE')) return null;
  skipIndexOptions(cursor);
  cursor.accept('NOT', 'ENFORCED');
  const columns = keyColumns(cursor);
  skipStorage(cursor);
  cursor.accept('NOT', 'ENFORCED');
  return { kind: isPrimary ? 'primary' : 'unique', columns };
};

const parseParts = (cursor: Cursor): { columns: ColumnDefinition[]; constraints: TableConstraint[] } => {
  const columns: ColumnDefinition[] = [];
  const constraints: TableConstraint[] = [];
  do {
    if (cursor.is('INDEX')) {
      cursor.take();
      cursor.name();
      skipIndexOptions(cursor);
      if (!cursor.accept('COLUMNSTORE')) keyColumns(cursor);
      continue;
    }
    const constraint = cursor.is('CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN')
      ? parseConstraint(cursor)
      : null;
    if (constraint) constraints.push(constraint);
    else columns.push(parseColumn(cursor));
  } while (cursor.accept(',') && !cursor.is(')'));
  return { columns, constraints };
};

const parseCreateTable = (cursor: Cursor, line: number): Statement => {
  const table = cursor.objectName();
  // CREATE TABLE AS SELECT is of the data warehouse.
  if (!cursor.is('(')) {
    skipStorage(cursor);
    cursor.expect('AS');
    return { kind: 'createTableAs', line, table, query: parseQuery(cursor) };
  }
  cursor.expect('(');
  const parts = parseParts(cursor);
  cursor.expect(')');
  skipStorage(cursor);
  return { kind: 'createTable', line, table, ...parts };
};

const parseAlterTable = (cursor: Cursor, line: number): Statement => {
  const table = cursor.objectName();
  if (cursor.accept('ADD')) return { kind: 'addColumns', line, table, ...parseParts(cursor) };
  if (cursor.accept('ALTER', 'COLUMN')) return { kind: 'alterColumn', line, table, column: parseColumn(cursor) };
  if (cursor.accept('DROP', 'COLUMN')) {
    const ifExists = cursor.accept('IF', 'EXISTS');
    return { kind: 'dropColumns', line, table, ifExists, columns: cursor.list(() => cursor.name()) };
  }
  throw unsupported(`ALTER TABLE ... ${cursor.next.text.toUpperCase()} ${cursor.ahead(1).text.toUpperCase()}`);
};

const parseView = (cursor: Cursor, line: number, start: number, verb: Verb): Definition<'createView'> => {
  const name = cursor.objectName();
  const columns = cursor.is('(') ? cursor.names() : [];
  if (cursor.accept('WITH')) cursor.list(() => cursor.name());
  cursor.expect('AS');
  const query = parseQuery(cursor);
  if (cursor.is('WITH')) throw unsupported('WITH CHECK OPTION');
  return { kind: 'createView', line, name, columns, query, text: cursor.text.slice(start, cursor.taken), ...verb };
};

const parseDefault = (cursor: Cursor): SqlValue => {
  const value = parseExpression(cursor);
  if (value.kind === 'literal') return value.value;
  throw unsupported('A default of a parameter that is no constant');
};

const parseParameter = (cursor: Cursor): ProcedureParameter => {
  if (cursor.next.kind !== 'variable') throw cursor.wrong();
  const name = cursor.take().text;
  cursor.accept('AS');
  const type: SqlType = readTypeName(cursor);
  const value = cursor.accept('=') ? { default: parseDefault(cursor) } : {};
  const isOutput = cursor.accept('OUTPUT') || cursor.accept('OUT');
  if (cursor.is('READONLY')) throw unsupported('A table-valued parameter');
  return { name, type, isOutput, ...value };
};

const parseProcedure = (cursor: Cursor, line: number, start: number, verb: Verb): Definition<'createProcedure'> => {
  const name = cursor.objectName();
  const isEnclosed = cursor.accept('(');
  const parameters = cursor.next.kind === 'variable' ? cursor.list(() => parseParameter(cursor)) : [];
  if (isEnclosed) cursor.expect(')');
  if (cursor.accept('WITH')) cursor.list(() => cursor.take());
  cursor.expect('AS');
  const body = parseStatements(cursor, () => false);
  return { kind: 'createProcedure', line, name, parameters, body, text: cursor.text.slice(start), ...verb };
};

type Verb = { replaces: boolean; mustExist: boolean };

/** Reads CREATE, CREATE OR ALTER and ALTER. */
export const parseDefinition = (cursor: Cursor): Statement => {
  const { line, start } = cursor.next;
  const isAlter = cursor.accept('ALTER');
  if (!isAlter) cursor.expect('CREATE');
  const replaces = isAlter || cursor.accept('OR', 'ALTER');
  const verb = { replaces, mustExist: isAlter };
  if (cursor.accept('VIEW')) return parseView(cursor, line, start, verb);
  if (cursor.accept('PROCEDURE') || cursor.accept('PROC')) return parseProcedure(cursor, line, start, verb);
  if (cursor.accept('TABLE')) return isAlter ? parseAlterTable(cursor, line) : parseCreateTable(cursor, line);
  if (!isAlter && cursor.accept('SCHEMA')) {
    const name = cursor.name();
    if (cursor.accept('AUTHORIZATION')) cursor.name();
    return { kind: 'createSchema', line, name };
  }
  const isUnique = cursor.accept('UNIQUE');
  skipIndexOptions(cursor);
  if (cursor.accept('COLUMNSTORE')) throw unsupported('CREATE COLUMNSTORE INDEX');
  if (cursor.accept('INDEX')) {
    const name = cursor.name();
    cursor.expect('ON');
    const table = cursor.objectName();
    const columns = keyColumns(cursor);
    if (cursor.accept('INCLUDE')) cursor.names();
    if (cursor.is('WHERE')) throw unsupported('A filtered index');
    skipStorage(cursor);
    return { kind: 'createIndex', line, table, name, columns, isUnique };
  }
  throw unsupported(`${isAlter ? 'ALTER' : 'CREATE'} ${cursor.next.text.toUpperCase()}`);
};

/** Reads DROP of tables, views, procedures, schemas and indexes. */
export const parseDrop = (cursor: Cursor): Statement => {
  const { line } = cursor.next;
  cursor.expect('DROP');
  const word = cursor.accept('PROC') ? 'PROCEDURE' : cursor.take().word;
  if (!['TABLE', 'VIEW', 'PROCEDURE', 'SCHEMA', 'INDEX'].includes(word)) throw unsupported(`DROP ${word}`);
  const object = word as ObjectKind;
  const ifExists = cursor.accept('IF', 'EXISTS');
  const names: ObjectName[] = cursor.list(() => cursor.objectName());
  if (object !== 'INDEX') return { kind: 'drop', line, object, names, ifExists };
  cursor.expect('ON');
  return { kind: 'drop', line, object, names, ifExists, table: cursor.objectName() };
};
