// What a translation knows: tables and their columns, variables, and the session. Names are found here and nowhere else.
import { SqlError, unsupported } from '../sql-error.ts';
import type { SqlType, SqlValue } from '../type/sql-type.ts';

/** A column of a table, a view or a result in the middle of a query. */
export type ColumnInfo = {
  name: string;
  type: SqlType | null;
  isNullable: boolean;
  identity?: { seed: string; increment: string };
  hasDefault?: boolean;
};

/** A table or view. `reference` is its text in a FROM of the engine. */
export type TableInfo = {
  kind: 'table' | 'view' | 'system';
  schema: string;
  name: string;
  objectId: number;
  reference: string;
  columns: readonly ColumnInfo[];
  /** Columns of the primary key, in order. */
  primary: readonly string[];
  /** Text of a view's definition. */
  definition?: string;
  created: string;
};

/** A stored procedure, as it was written. */
export type ModuleInfo = { schema: string; name: string; objectId: number; definition: string; created: string };

/** What there is in a database, as one statement sees it. */
export type Catalog = {
  schemas: readonly string[];
  tables: ReadonlyMap<string, TableInfo>;
  modules: ReadonlyMap<string, ModuleInfo>;
};

/** What a session says of itself. */
export type SessionFacts = {
  server: string;
  database: string;
  databases: readonly string[];
  login: string;
  application: string;
  sessionId: number;
  transactionCount: number;
  isDoomed: boolean;
  rowCount: bigint;
  errorNumber: number;
  /** Text of the last identity value, or null. */
  identity: string | null;
  /** The error that a CATCH is about. */
  caught: SqlError | null;
  isWarehouse: boolean;
};

/** A piece of SQL for the engine, and the type that SQL Server would say it has; null where that is not known. */
export type Piece = { sql: string; type: SqlType | null };

/** A source of FROM. Its columns are found under `alias` or by the name of its table. */
export type ScopeSource = {
  alias: string;
  table: TableInfo | null;
  columns: readonly { name: string; sql: string; type: SqlType | null; isNullable: boolean; isIdentity: boolean }[];
  /** The engine's own row number. */
  rowId: string;
};

/** The sources that a name may be of, from the inside out. */
export type Scope = { sources: ScopeSource[]; parent: Scope | null };

type Variables = ReadonlyMap<string, { type: SqlType; value: SqlValue }>;

/** One translation. */
export type Context = {
  catalog: Catalog;
  variables: Variables;
  facts: SessionFacts;
  /** Values that go beside the text. Null where none can, in a definition. */
  bound: Bound[] | null;
  /** Common table expressions that are in reach, by lower-case name. */
  ctes: ReadonlyMap<string, { sql: string; columns: readonly ColumnInfo[] }>;
  /** Makes names that nothing else has. */
  count: { next: number };
};

/** A value for the engine: text, a number of bytes, or nothing. */
export type Bound = string | Buffer | null;

export const createContext = (
  parts: Pick<Context, 'catalog' | 'variables' | 'facts'>,
): Context & { bound: Bound[] } => ({
  ...parts,
  bound: [],
  ctes: new Map(),
  count: { next: 1 },
});

/** An identifier for the engine. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** The text, of whole characters: the engine would keep half of a pair of surrogates as a question mark. */
export const wholeText = (text: string): string => {
  if (text.isWellFormed()) return text;
  throw unsupported('Half of a pair of surrogates in a text', 'Leave it out.');
};
/** A string for the engine, whose strings know no escapes. */
export const quoteText = (text: string): string =>
  text.includes('\0')
    ? `(${text
        .split('\0')
        .map((part) => `'${wholeText(part).replaceAll("'", "''")}'`)
        .join(' || chr(0) || ')})`
    : `'${wholeText(text).replaceAll("'", "''")}'`;

/** The next name of its kind: s1, s2, ... */
export const freshName = (context: Context, prefix: string): string => `${prefix}${context.count.next++}`;

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const matches = (source: ScopeSource, path: readonly string[]): boolean => {
  if (path.length === 1 && same(source.alias, path[0]!)) return true;
  const { table } = source;
  // A source with an alias of its own answers to that only.
  if (!table || !same(source.alias, table.name) || path.length < 2) return false;
  return same(table.name, path.at(-1)!) && same(table.schema, path.at(-2) || 'dbo');
};

/** The sources that `path` (`alias`, `schema.table`) names in the innermost scope that knows it. */
export const findSources = (scope: Scope | null, path: readonly string[]): ScopeSource[] => {
  for (let one = scope; one; one = one.parent) {
    const found = one.sources.filter((source) => matches(source, path));
    if (found.length > 0) return found;
  }
  return [];
};

/** Finds a column: errors 207, 209 and 4104 as SQL Server words them. */
export const findColumn = (scope: Scope | null, path: readonly string[]): ScopeSource['columns'][number] => {
  const name = path.at(-1)!;
  const ofSource = (source: ScopeSource) => source.columns.filter((column) => same(column.name, name));
  if (path.length > 1) {
    const sources = findSources(scope, path.slice(0, -1));
    if (sources.length === 0)
      throw new SqlError(4104, `The multi-part identifier "${path.join('.')}" could not be bound.`);
    const [column] = sources.flatMap(ofSource);
    if (!column) throw new SqlError(207, `Invalid column name '${name}'.`);
    return column;
  }
  for (let one = scope; one; one = one.parent) {
    const found = one.sources.flatMap(ofSource);
    if (found.length > 1) throw new SqlError(209, `Ambiguous column name '${name}'.`);
    if (found[0]) return found[0];
  }
  throw new SqlError(207, `Invalid column name '${name}'.`);
};
