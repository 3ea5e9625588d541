// The one shape of every database with SQL. What reads and writes tables (source.ts, sink.ts) knows nothing of a database
// but this; a new one is a client behind it.
import type { ColumnType } from '../row/column-type.ts';
import type { ConversionSettings, Converter } from '../row/convert.ts';
import type { Column, RecordBatch, Value } from '../row/record-batch.ts';

/** A table as SQL names it; without a schema, the one that the login has. */
export type TableName = { schema: string | undefined; table: string };

/** A column of a table that is there. */
export type TableColumn = Column & {
  /** Its type in the database's own words: `numeric(10,2)`. */
  native: string;
  /**
   * What it keeps of a date or time, where that is less than a hundred nanoseconds: whole days or minutes, ticks of a three
   * hundredth of a second, or digits of a second; of a decimal, its places.
   */
  keeps?: 'day' | 'minute' | 'tick' | number;
  /** The encoding of its text, where that does not have every character. */
  encoding?: string;
  /** The longest text or bytes that it takes, as its encoding counts them, where that is known. */
  length?: number;
  /** It takes no null. */
  isRequired?: true;
  /** It keeps the instant of a DateTimeOffset, not its offset. */
  isInstant?: true;
  /** The database makes its values itself: what is copied there is left out, as in Azure. */
  isGenerated?: true;
  /** The client would round its values: they go as text into the interim table, and the database reads them. */
  asText?: true;
};

/** An argument of a procedure or a parameter of statements, its value in the form of its type; `isOutput`: they write it. */
export type Parameter = { name: string; type: ColumnType; value: Value; isOutput: boolean; size: number | undefined };

/** Rows on their way into a table. They are stored as a whole or, should anything fail before `end`, not at all. */
export type Load = {
  write(rows: readonly (readonly Value[])[], signal: AbortSignal): Promise<void>;
  /** Resolves once the rows are stored. */
  end(signal: AbortSignal): Promise<void>;
};

/** What is run: statements, or a stored procedure of the name `text`. Of a reading, the first result that has columns counts. */
export type Statement = {
  text: string;
  isProcedure?: true;
  parameters?: readonly Parameter[];
  /** Undefined: as long as it takes. */
  timeoutMs?: number | undefined;
  /** The types of columns whose values come as text, by name: their own type would lose something on the way. */
  types?: ReadonlyMap<string, ColumnType>;
};

/** Is told what statements give, in order; what it does not keep is gone. */
export type ResultListener = {
  resultSet(columns: readonly Column[]): void;
  row(values: Value[]): void;
  /** What the statements print. */
  message(text: string): void;
};

/** What statements did: rows that they wrote, -1 where none writes any, and the parameters that they wrote. */
export type Effect = { rowsAffected: number; outputs: readonly { name: string; type: ColumnType; value: Value }[] };

/** One connection. Errors of every call: `ActivityError` with the connector's code, or the abort's reason. */
export type Session = {
  /** The rows of a statement's first result, in batches of bounded size, at least one. More are fetched only when asked for. */
  rows(statement: Statement, signal: AbortSignal): AsyncIterable<RecordBatch>;
  /** Runs statements for what they do. */
  run(text: string, signal: AbortSignal): Promise<void>;
  /** Runs statements and tells all that they give. */
  listen(statement: Statement, to: ResultListener, signal: AbortSignal): Promise<Effect>;
  /** The columns; undefined where there is no such table. */
  columnsOf(table: TableName, signal: AbortSignal): Promise<readonly TableColumn[] | undefined>;
  load(table: TableName, columns: readonly TableColumn[], signal: AbortSignal): Promise<Load>;
  /** Ends the connection, whatever is under way. */
  close(): Promise<void>;
};

/** What differs in the SQL of two databases. Pure. */
export type Dialect = {
  /** What error codes begin with: `Sql` gives `SqlInvalidColumnName`. */
  code: string;
  quote(name: string): string;
  /** The type in which a column of a table that is made for a copy keeps values. */
  typeOf(column: Column): string;
  /** Refuses values of a type that the database does not have, which itself would not say where they are. */
  fit(type: ColumnType, settings: ConversionSettings): Converter | undefined;
  /** A table of this session alone with some of the columns of another, and the statements that make it and empty it. */
  interim(table: TableName, columns: readonly TableColumn[]): { name: TableName; create: string; clear: string };
  /** Moves all rows of `from` into `into`. With `keys`, rows that have the same are replaced; of `from` too, a key's last row stays. */
  move(into: TableName, from: TableName, columns: readonly TableColumn[], keys: readonly string[] | undefined): string;
  /** A date and time, `yyyy-MM-ddTHH:mm:ss.ffffff` in UTC, to compare a column with; `isZoned`: one that knows a zone. */
  moment(clock: string, isZoned: boolean): string;
  /** A statement that gives the names of the columns that keys and indexes of a table begin with, the best first. */
  keys(table: TableName): string;
  /** A statement that gives the schemas and names of the tables that a table is stored as; absent: it is read as one. */
  partitions?(table: TableName): string;
  /** Whether a range may have both ends in it: the database keeps times to the microsecond. */
  closesRanges?: true;
};

/** A database of a linked service. Nothing is sent before `connect`. */
export type Database = {
  /** For messages: `db.corp.example:5432, database sales`. */
  name: string;
  dialect: Dialect;
  connect(signal: AbortSignal): Promise<Session>;
};

/** A text in SQL. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A table's name in SQL. */
export const quoted = ({ quote }: Pick<Dialect, 'quote'>, { schema, table }: TableName): string =>
  schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`;

/** A table's name for messages. */
export const shownTable = ({ schema, table }: TableName): string =>
  schema === undefined ? table : `${schema}.${table}`;
