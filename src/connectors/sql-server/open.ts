// Tables, queries and stored procedures of SQL Server as sources and sinks of rows.
import { readWaits } from '../database/guard.ts';
import { databaseLook } from '../database/look.ts';
import { namesAt } from '../database/name-list.ts';
import { readParameters } from '../database/parameter.ts';
import { readPartitioning } from '../database/partition.ts';
import {
  type Database,
  quoted,
  type Session,
  type Statement,
  shownTable,
  type TableName,
} from '../database/session.ts';
import { databaseFacts, databaseSink } from '../database/sink.ts';
import { databaseSource, wholeQuery } from '../database/source.ts';
import { requireTableName } from '../database/table-name.ts';
import type { TableModule } from '../definition.ts';
import { choiceAt, countAt, flagAt, groupAt, type Properties, propertyError, refuseAt, textAt } from '../property.ts';
import type { ColumnType } from '../row/column-type.ts';
import { timeoutAt } from '../timeout.ts';
import { sqlServerDialect } from './dialect.ts';
import { readLogin } from './login.ts';
import { openSession } from './session.ts';
import { selected } from './value.ts';

/** Rows that are stored as a whole where the sink has no `writeBatchSize`. */
const defaultBatch = 10_000;

const isolationLevels = ['ReadCommitted', 'ReadUncommitted', 'RepeatableRead', 'Serializable', 'Snapshot'] as const;

/** Opens the database of a linked service; the settings of a source or sink say how long it is waited for. */
export const openDatabase = (linkedService: Properties, settings?: Properties): Database => {
  const waits = readWaits(settings);
  const login = readLogin(linkedService);
  return {
    name: `${login.host},${login.port}, database ${login.database}`,
    dialect: sqlServerDialect,
    connect: (signal) => openSession(login, waits, signal),
  };
};

/** All columns of a table, each so that its values come whole. */
const wholeTable = async (table: TableName, session: Session, signal: AbortSignal): Promise<Statement> => {
  const from = quoted(sqlServerDialect, table);
  const columns = (await session.columnsOf(table, signal)) ?? [];
  const types = new Map<string, ColumnType>();
  const parts = columns.map((column) => {
    const name = sqlServerDialect.quote(column.name);
    const text = selected(name, column);
    if (text === undefined) return name;
    types.set(column.name, column.type);
    return `${text} AS ${name}`;
  });
  // Of a table that is not there the server says so.
  return { text: `SELECT ${parts.join(', ') || '*'} FROM ${from}`, types };
};

/** Opens a table, the source's `sqlReaderQuery`, or what its stored procedure gives. */
export const openRowSource: TableModule['openRowSource'] = ({ linkedService, dataset }, settings) => {
  const database = openDatabase(linkedService, settings);
  const timeoutMs = timeoutAt(settings, 'queryTimeout');
  const level = choiceAt(settings, 'isolationLevel', isolationLevels);
  const prepare = async (session: Session, signal: AbortSignal) => {
    if (level === undefined) return;
    const words = level.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase();
    await session.run(`SET TRANSACTION ISOLATION LEVEL ${words}`, signal);
  };
  const query = textAt(settings, 'sqlReaderQuery') || undefined;
  const procedure = textAt(settings, 'sqlReaderStoredProcedureName') || undefined;
  if (query && procedure)
    throw propertyError(
      settings,
      'sqlReaderQuery',
      'and sqlReaderStoredProcedureName are given: leave one of them out',
    );
  const parameters = procedure ? readParameters(groupAt(settings, 'storedProcedureParameters')) : [];
  const partitioning = readPartitioning(settings);
  if (procedure && partitioning)
    throw propertyError(settings, 'partitionOption', 'must be None where a stored procedure is read');
  const table = query || procedure ? undefined : requireTableName(dataset);
  return databaseSource(database, {
    name: table ? shownTable(table) : procedure ? `the stored procedure ${procedure}` : 'the query',
    look: async (session, signal, part) => {
      await prepare(session, signal);
      if (procedure) return { text: procedure, isProcedure: true, parameters, timeoutMs };
      if (!table) return { text: part && 'query' in part ? part.query : wholeQuery(query!), timeoutMs };
      const whole = await wholeTable(table, session, signal);
      const where = part && 'condition' in part ? ` WHERE ${part.condition}` : '';
      return { ...whole, text: whole.text + where, timeoutMs };
    },
    division: partitioning && { read: { settings, property: 'sqlReaderQuery', query, table }, partitioning },
  });
};

/** Opens a table as a sink: by bulk loads of `writeBatchSize` rows or of an input, or over what has the same keys. */
export const openRowSink: TableModule['openRowSink'] = ({ linkedService, dataset }, settings) => {
  refuseAt(settings, ['sqlWriterStoredProcedureName', 'sqlWriterTableType', 'sqlWriterUseTableLock']);
  const behavior = choiceAt(settings, 'writeBehavior', ['Insert', 'Upsert']) ?? 'Insert';
  const upsert = groupAt(settings, 'upsertSettings');
  const keys = behavior === 'Upsert' ? namesAt(upsert, 'keys') : undefined;
  if (keys?.length === 0)
    throw propertyError(upsert, 'keys', 'must name at least one column, for writeBehavior Upsert');
  flagAt(upsert, 'useTempDB');
  const batch = countAt(settings, 'writeBatchSize', 1, 10_000_000) ?? defaultBatch;
  // A statement of the pool's own would have stored an input as a whole; only a dedicated pool has one.
  const isWhole = ['allowCopyCommand', 'allowPolyBase'].some((name) => flagAt(settings, name));
  return databaseSink(openDatabase(linkedService, settings), {
    table: requireTableName(dataset),
    preCopyScript: textAt(settings, 'preCopyScript') || undefined,
    createsTable: choiceAt(settings, 'tableOption', ['none', 'autoCreate']) === 'autoCreate',
    rowsPerLoad: isWhole && !keys ? undefined : batch,
    keys,
  });
};

/** Whether the table is there, and its columns. */
export const readFacts: TableModule['readFacts'] = ({ linkedService, dataset }, signal) =>
  databaseFacts(openDatabase(linkedService), requireTableName(dataset), signal);

/** Its schemas, and the tables of each. */
export const look = databaseLook((linkedService) => openDatabase(linkedService));
