// A table of a database as a sink of rows: added, or put in the place of those with the same keys.
import { ActivityError } from '../../base/error.ts';
import { type ConversionSettings, plainConversion } from '../row/convert.ts';
import type { Column, RecordBatch, Value } from '../row/record-batch.ts';
import type { RowSink, RowWriting } from '../row/row-store.ts';
import { type Fit, fitInto, limitsInto } from './fit.ts';
import {
  type Database,
  type Load,
  quoted,
  type Session,
  shownTable,
  type TableColumn,
  type TableName,
} from './session.ts';

/** How rows are written. */
export type Writing = {
  table: TableName;
  /** Statements that run once, before the first row. */
  preCopyScript: string | undefined;
  /** Whether a table that is not there is made, with the columns of the rows. */
  createsTable: boolean;
  /** So many rows are stored as a whole; undefined: all of an input. */
  rowsPerLoad: number | undefined;
  /** The columns that tell which rows are the same; undefined: rows are only added. */
  keys: readonly string[] | undefined;
};

const isAlike = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const createStatement = ({ dialect }: Database, table: TableName, columns: readonly Column[]): string =>
  `CREATE TABLE ${quoted(dialect, table)} (${columns
    .map((column) => `${dialect.quote(column.name)} ${dialect.typeOf(column)}`)
    .join(', ')})`;

/** Rows under way by one connection: as they come, or by way of a table of the session where they replace others or go as text. */
const beginLoading = (session: Session, { dialect }: Database, writing: Writing, fit: Fit) => {
  const { table, rowsPerLoad } = writing;
  const { columns } = fit;
  const keys = writing.keys?.map((key) => columns.find(({ name }) => isAlike(name, key))!.name);
  const interim = keys || columns.some(({ asText }) => asText) ? dialect.interim(table, columns) : undefined;
  let isMade = false;
  let load: Load | undefined;
  let loaded = 0;
  let rowsBefore = 0;
  const finish = async (signal: AbortSignal): Promise<void> => {
    const open = load;
    load = undefined;
    loaded = 0;
    await open?.end(signal);
    if (open && interim) await session.run(dialect.move(table, interim.name, columns, keys), signal);
  };
  const begin = async (signal: AbortSignal): Promise<Load> => {
    if (interim) await session.run(isMade ? interim.clear : interim.create, signal);
    isMade = true;
    return session.load(interim?.name ?? table, columns, signal);
  };
  return {
    write: async ({ rows }: RecordBatch, signal: AbortSignal): Promise<void> => {
      const fitted = fit.apply(rows, rowsBefore);
      rowsBefore += rows.length;
      for (let at = 0; at < fitted.length; ) {
        const count = Math.min(fitted.length - at, (rowsPerLoad ?? Number.POSITIVE_INFINITY) - loaded);
        load ??= await begin(signal);
        await load.write(fitted.slice(at, at + count) as Value[][], signal);
        at += count;
        loaded += count;
        if (loaded === rowsPerLoad) await finish(signal);
      }
    },
    finish,
  };
};

/** Opens the table as a sink. */
export const databaseSink = (database: Database, writing: Writing): RowSink => {
  const { dialect } = database;
  const { table } = writing;
  const name = shownTable(table);
  let there: readonly TableColumn[] | undefined;
  let creation: Promise<readonly TableColumn[]> | undefined;

  const missing = () =>
    new ActivityError(
      `${dialect.code}TableNotFound`,
      `The table ${name} does not exist (${database.name}). Create it, correct the dataset, or let the sink have tableOption autoCreate.`,
    );
  const requireKeys = ({ columns }: Fit): void => {
    const key = writing.keys?.find((one) => !columns.some((column) => isAlike(column.name, one)));
    if (key === undefined) return;
    throw new ActivityError(
      `${dialect.code}InvalidColumnName`,
      `The key '${key}' of upsertSettings.keys is not among the columns that are written: ${columns
        .map((column) => column.name)
        .join(', ')
        .slice(0, 1000)}.`,
    );
  };
  const create = async (session: Session, columns: readonly Column[], signal: AbortSignal) => {
    await session.run(createStatement(database, table, columns), signal);
    return (await session.columnsOf(table, signal))!;
  };

  const begin = (columns: readonly Column[], conversion: ConversionSettings = plainConversion): RowWriting => {
    let session: Session | undefined;
    let loading: ReturnType<typeof beginLoading> | undefined;
    const open = async (signal: AbortSignal) => {
      session = await database.connect(signal);
      const own = session;
      // Several inputs may come at once: one of them makes the table.
      creation ??= there ? Promise.resolve(there) : create(own, columns, signal);
      const fit = fitInto(dialect, table, await creation, columns, conversion);
      requireKeys(fit);
      return beginLoading(own, database, writing, fit);
    };
    return {
      write: async (batch, signal) => {
        loading ??= await open(signal);
        await loading.write(batch, signal);
      },
      end: async (signal) => {
        try {
          // What was given up is not finished.
          signal.throwIfAborted();
          await loading?.finish(signal);
        } finally {
          await session?.close();
        }
      },
    };
  };

  return {
    name: `${name} (${database.name})`,
    keeps: (type) => type,
    limits: (column, settings) => there && limitsInto(dialect, there, column, settings),
    demands: [],
    prepare: async (signal) => {
      const session = await database.connect(signal);
      try {
        if (writing.preCopyScript !== undefined) await session.run(writing.preCopyScript, signal);
        there = await session.columnsOf(table, signal);
      } finally {
        await session.close();
      }
      if (!there && !writing.createsTable) throw missing();
      // What the database makes itself is left out, so it may be anything.
      return (there ?? []).filter(({ isGenerated }) => !isGenerated);
    },
    begin,
  };
};

/** Whether the table is there, and its columns in the database's own types. */
export const databaseFacts = async (database: Database, table: TableName, signal: AbortSignal) => {
  const session = await database.connect(signal);
  try {
    const columns = await session.columnsOf(table, signal);
    return { exists: columns !== undefined, columns: columns?.map(({ name, native }) => ({ name, type: native })) };
  } finally {
    await session.close();
  }
};
