// Tables and queries of PostgreSQL as sources and sinks of rows.

import { readWaits } from '../database/guard.ts';
import { databaseLook } from '../database/look.ts';
import { namesAt } from '../database/name-list.ts';
import { readPartitioning } from '../database/partition.ts';
import { type Database, quoted, shownTable } from '../database/session.ts';
import { databaseFacts, databaseSink } from '../database/sink.ts';
import { databaseSource, wholeQuery } from '../database/source.ts';
import { readTableName, requireTableName } from '../database/table-name.ts';
import type { TableModule } from '../definition.ts';
import { choiceAt, countAt, groupAt, type Properties, propertyError, textAt } from '../property.ts';
import { postgres } from './dialect.ts';
import { readLogin } from './login.ts';
import { openSession } from './session.ts';

/** Rows of one batch where the sink has no `writeBatchSize`, for `BulkInsert`. */
const defaultBatch = 10_000;

/** Opens the database of a linked service; the settings of a source or sink say how long it is waited for. */
export const openDatabase = (linkedService: Properties, settings?: Properties): Database => {
  const waits = readWaits(settings);
  const login = readLogin(linkedService);
  return {
    name: `${login.host}:${login.port}, database ${login.database}`,
    dialect: postgres,
    connect: (signal) => openSession(login, waits, signal),
  };
};

/** Opens a table, or the source's `query`. */
export const openRowSource: TableModule['openRowSource'] = ({ linkedService, dataset }, settings) => {
  const database = openDatabase(linkedService, settings);
  const query = textAt(settings, 'query') || undefined;
  const partitioning = readPartitioning(settings);
  const table = query ? readTableName(dataset) : requireTableName(dataset);
  return databaseSource(database, {
    name: query ? 'the query' : shownTable(table!),
    look: async (_session, _signal, part) => {
      if (part && 'query' in part) return { text: part.query };
      if (query) return { text: wholeQuery(query) };
      const from = part && 'from' in part ? part.from : table!;
      const where = part && 'condition' in part ? ` WHERE ${part.condition}` : '';
      return { text: `SELECT * FROM ${quoted(postgres, from)}${where}` };
    },
    division: partitioning && { read: { settings, property: 'query', query, table }, partitioning },
  });
};

/** Opens a table as a sink: by one COPY for an input, by batches of their own, or over what has the same keys. */
export const openRowSink: TableModule['openRowSink'] = ({ linkedService, dataset }, settings) => {
  const method = choiceAt(settings, 'writeMethod', ['CopyCommand', 'BulkInsert', 'Upsert']) ?? 'CopyCommand';
  const batch = countAt(settings, 'writeBatchSize', 1, 10_000_000);
  const upsert = groupAt(settings, 'upsertSettings');
  const keys = method === 'Upsert' ? namesAt(upsert, 'keys') : undefined;
  if (keys?.length === 0) throw propertyError(upsert, 'keys', 'must name at least one column, for writeMethod Upsert');
  return databaseSink(openDatabase(linkedService, settings), {
    table: requireTableName(dataset),
    preCopyScript: textAt(settings, 'preCopyScript') || undefined,
    createsTable: choiceAt(settings, 'tableOption', ['none', 'autoCreate']) === 'autoCreate',
    rowsPerLoad: method === 'BulkInsert' ? (batch ?? defaultBatch) : undefined,
    keys,
  });
};

/** Whether the table is there, and its columns. */
export const readFacts: TableModule['readFacts'] = ({ linkedService, dataset }, signal) =>
  databaseFacts(openDatabase(linkedService), requireTableName(dataset), signal);

/** Its schemas, and the tables of each. */
export const look = databaseLook((linkedService) => openDatabase(linkedService));
