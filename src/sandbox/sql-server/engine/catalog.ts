// What there is in a database. Types as they were declared are kept as a comment of each table, in its own transaction.
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import {
  type Catalog,
  type ColumnInfo,
  type ModuleInfo,
  quoteName,
  quoteText,
  type TableInfo,
} from '../translate/context.ts';
import type { EngineConnection } from './database-file.ts';
import { systemTables } from './system-view.ts';

/** What is kept of a table beside what the engine keeps. */
export type TableWords = {
  columns: ColumnInfo[];
  primary: string[];
  created: string;
  definition?: string;
  /** The engine's sequence that an identity column draws from. */
  sequence?: string;
};

/** The statement that keeps the words of a table or view. */
export const commentSql = (kind: 'TABLE' | 'VIEW', reference: string, words: TableWords): string =>
  `COMMENT ON ${kind} ${reference} IS ${quoteText(JSON.stringify(words))}`;

/** How the engine names a table; the tables of a session are in its temporary database. */
export const referenceOf = (schema: string, name: string): string =>
  schema === '#' ? `temp.main.${quoteName(name)}` : `${quoteName(schema)}.${quoteName(name)}`;

const readWords = (comment: unknown): TableWords | null => {
  if (typeof comment !== 'string') return null;
  const words = JSON.parse(comment) as JsonObject;
  if (!isJsonObject(words) || !Array.isArray(words.columns)) return null;
  return words as unknown as TableWords;
};

const query = `
  SELECT 'table' AS kind, schema_name, table_name, table_oid, comment, temporary FROM duckdb_tables()
  WHERE NOT internal AND schema_name <> '__postern'
  UNION ALL
  SELECT 'view', schema_name, view_name, view_oid, comment, temporary FROM duckdb_views()
  WHERE NOT internal AND schema_name <> '__postern'
  UNION ALL
  SELECT 'schema', schema_name, NULL, NULL, NULL, FALSE FROM duckdb_schemas()
  WHERE database_name = current_database() AND NOT internal AND schema_name NOT IN ('__postern', 'dbo')
  UNION ALL
  SELECT 'module', schema_name, name, object_id, definition || '~' || created, FALSE FROM __postern.module
  ORDER BY 4`;

/** The words of a table that the catalogue knows. */
export const wordsOf = (table: TableInfo & { sequence?: string }): TableWords => ({
  columns: [...table.columns],
  primary: [...table.primary],
  created: table.created,
  ...(table.definition !== undefined && { definition: table.definition }),
  ...(table.sequence !== undefined && { sequence: table.sequence }),
});

/** Reads the catalogue as this connection's transaction sees it. */
export const readCatalog = async (connection: EngineConnection, database: string): Promise<Catalog> => {
  const rows = await connection.all(query);
  const tables = new Map<string, TableInfo>();
  const modules = new Map<string, ModuleInfo>();
  const schemas = ['dbo'];
  for (const [kind, schemaName, name, oid, text, isOwn] of rows) {
    const schema = isOwn ? '#' : String(schemaName);
    const key = `${schema}.${String(name)}`.toLowerCase();
    const objectId = Number(oid) * 16 + (kind === 'view' ? 2 : kind === 'module' ? 3 : isOwn ? 4 : 1);
    if (kind === 'schema') schemas.push(schema);
    else if (kind === 'module') {
      const [definition, created] = splitLast(String(text));
      modules.set(key, { schema, name: String(name), objectId, definition, created });
    } else {
      const words = readWords(text);
      if (!words) continue;
      const table: TableInfo & { sequence?: string } = {
        ...words,
        kind: kind === 'view' ? 'view' : 'table',
        schema,
        name: String(name),
        objectId,
        reference: referenceOf(schema, String(name)),
      };
      tables.set(key, table);
    }
  }
  const catalog: Catalog = { schemas, tables, modules };
  for (const table of systemTables(catalog, database)) tables.set(`${table.schema}.${table.name}`.toLowerCase(), table);
  return catalog;
};

const splitLast = (text: string): [string, string] => {
  const at = text.lastIndexOf('~');
  return [text.slice(0, at), text.slice(at + 1)];
};
