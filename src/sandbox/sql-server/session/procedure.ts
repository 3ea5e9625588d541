// Procedures of the server's own that clients call: sp_executesql, sp_prepare and their like.
import { Cursor } from '../language/cursor.ts';
import { readTypeName } from '../language/type-name.ts';
import { SqlError } from '../sql-error.ts';
import { quoteText } from '../translate/context.ts';
import type { SqlType, SqlValue } from '../type/sql-type.ts';

/** A parameter that a text declares: `@id int, @name nvarchar(50) OUTPUT`. */
export const readDeclaration = (text: string): { name: string; type: SqlType; isOutput: boolean }[] => {
  const cursor = new Cursor(text);
  if (cursor.next.kind === 'end') return [];
  const parameters = cursor.list(() => {
    if (cursor.next.kind !== 'variable') throw cursor.wrong();
    const name = cursor.take().text;
    cursor.accept('AS');
    const type = readTypeName(cursor);
    return { name, type, isOutput: cursor.accept('OUTPUT') || cursor.accept('OUT') };
  });
  const { kind } = cursor.next as { kind: string };
  if (kind !== 'end') throw cursor.wrong();
  return parameters;
};

const like = (column: string, value: SqlValue | undefined): string =>
  value === undefined || value === null ? '' : ` AND ${column} LIKE N${quoteText(String(value))}`;

/** Catalogue procedures, as the query that each stands for. Arguments are by name, without the mark. */
export const catalogProcedures: Readonly<Record<string, (given: ReadonlyMap<string, SqlValue>) => string>> = {
  sp_tables: (given) =>
    `SELECT TABLE_CATALOG AS TABLE_QUALIFIER, TABLE_SCHEMA AS TABLE_OWNER, TABLE_NAME, CASE TABLE_TYPE WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END AS TABLE_TYPE, CAST(NULL AS varchar(254)) AS REMARKS FROM INFORMATION_SCHEMA.TABLES WHERE 1 = 1${like('TABLE_NAME', given.get('table_name'))}${like('TABLE_SCHEMA', given.get('table_owner'))} ORDER BY TABLE_SCHEMA, TABLE_NAME`,
  sp_columns: (given) =>
    `SELECT TABLE_CATALOG AS TABLE_QUALIFIER, TABLE_SCHEMA AS TABLE_OWNER, TABLE_NAME, COLUMN_NAME, DATA_TYPE AS TYPE_NAME, NUMERIC_PRECISION AS [PRECISION], CHARACTER_MAXIMUM_LENGTH AS LENGTH, NUMERIC_SCALE AS SCALE, IS_NULLABLE, ORDINAL_POSITION FROM INFORMATION_SCHEMA.COLUMNS WHERE 1 = 1${like('TABLE_NAME', given.get('table_name'))}${like('TABLE_SCHEMA', given.get('table_owner'))} ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
  sp_databases: () =>
    'SELECT name AS DATABASE_NAME, 0 AS DATABASE_SIZE, CAST(NULL AS varchar(254)) AS REMARKS FROM sys.databases',
  sp_helptext: (given) =>
    `SELECT definition AS Text FROM sys.sql_modules WHERE object_id = OBJECT_ID(N${quoteText(String(given.get('objname') ?? ''))})`,
};

/** The order of the arguments that catalogue procedures take without names. */
export const catalogArguments: Readonly<Record<string, readonly string[]>> = {
  sp_tables: ['table_name', 'table_owner'],
  sp_columns: ['table_name', 'table_owner'],
  sp_databases: [],
  sp_helptext: ['objname'],
};

/** The text of a value that must be one. */
export const requireText = (value: SqlValue | undefined, procedure: string): string => {
  if (typeof value === 'string') return value;
  throw new SqlError(214, `Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'. (${procedure})`);
};
