// Rows by the bulk protocol of SQL Server: as a stream, as fast as the server takes them.
import { type Connection, TYPES } from 'tedious';
import { ActivityError } from '../../base/error.ts';
import { quoted, type TableColumn, type TableName } from '../database/session.ts';
import type { Value } from '../row/record-batch.ts';
import { sqlServerDialect, textLength } from './dialect.ts';
import { writerOf } from './value.ts';

type BulkType = { type: (typeof TYPES)[keyof typeof TYPES]; length?: number; precision?: number; scale?: number };

const simple: Readonly<Record<string, BulkType>> = {
  bit: { type: TYPES.Bit },
  tinyint: { type: TYPES.TinyInt },
  smallint: { type: TYPES.SmallInt },
  int: { type: TYPES.Int },
  bigint: { type: TYPES.BigInt },
  real: { type: TYPES.Real },
  float: { type: TYPES.Float },
  smalldatetime: { type: TYPES.SmallDateTime },
  datetime: { type: TYPES.DateTime },
  date: { type: TYPES.Date },
  uniqueidentifier: { type: TYPES.UniqueIdentifier },
  image: { type: TYPES.Image },
};
const withLength: Readonly<Record<string, BulkType['type']>> = {
  char: TYPES.Char,
  varchar: TYPES.VarChar,
  nchar: TYPES.NChar,
  nvarchar: TYPES.NVarChar,
  binary: TYPES.Binary,
  varbinary: TYPES.VarBinary,
};
const withScale: Readonly<Record<string, BulkType['type']>> = {
  datetime2: TYPES.DateTime2,
  datetimeoffset: TYPES.DateTimeOffset,
  time: TYPES.Time,
};

/** What the client is told of a length that has no limit. */
const unlimited = Number.POSITIVE_INFINITY;

const bulkType = (column: TableColumn): BulkType => {
  if (column.asText) return { type: TYPES.NVarChar, length: textLength(column) ?? unlimited };
  const [, name = '', first, second] = /^(\w+)(?:\((\w+)(?:,(\d+))?\))?$/.exec(column.native) ?? [];
  const [length, scale] = [withLength[name], withScale[name]];
  if (length) return { type: length, length: first === 'max' ? unlimited : Number(first) };
  if (scale) return { type: scale, scale: Number(first) };
  if (name === 'decimal') return { type: TYPES.Decimal, precision: Number(first), scale: Number(second) };
  return simple[name]!;
};

/** A stream of rows under way into a table. `push` resolves once the row was taken. */
export type BulkStream = { push(rows: readonly (readonly Value[])[]): Promise<void>; end(): Promise<void> };

const outOfRange = ({ message }: Error, columns: readonly TableColumn[]): ActivityError =>
  new ActivityError(
    'TypeConversionFailure',
    `A value cannot be written to the table: ${message} Columns: ${columns
      .map(({ name, native }) => `${name} ${native}`)
      .join(', ')
      .slice(0, 1000)}.`,
  );

/** Starts a bulk load. It is one statement: all of its rows are stored, or none. */
export const startBulkLoad = (
  connection: Connection,
  table: TableName,
  columns: readonly TableColumn[],
): BulkStream => {
  const { promise: stored, resolve, reject } = Promise.withResolvers<void>();
  const load = connection.newBulkLoad(
    quoted(sqlServerDialect, table),
    { keepNulls: true, checkConstraints: true },
    (error) => {
      if (!error) resolve();
      else reject(error instanceof TypeError ? outOfRange(error, columns) : error);
    },
  );
  stored.catch(() => {});
  const writers = columns.map((column) => {
    const { type, ...options } = bulkType(column);
    // The client puts the name between brackets as it is.
    load.addColumn(column.name.replaceAll(']', ']]'), type, { nullable: true, ...options });
    return column.asText ? (value: Value) => (value === null ? null : String(value)) : writerOf(column.type);
  });

  let offered = Promise.withResolvers<readonly (readonly Value[])[] | null>();
  let taken = Promise.withResolvers<void>();
  const rows = async function* () {
    for (;;) {
      const next = await offered.promise;
      if (next === null) return;
      offered = Promise.withResolvers();
      for (const row of next) yield row.map((value, at) => writers[at]!(value));
      const done = taken;
      taken = Promise.withResolvers();
      done.resolve();
    }
  };
  connection.execBulkLoad(load, rows());
  return {
    push: async (next) => {
      const done = taken.promise;
      offered.resolve(next);
      await Promise.race([done, stored]);
    },
    end: async () => {
      offered.resolve(null);
      await stored;
    },
  };
};
