// What each database does to a copy when its connection fails or is silent: connector, fault -> outcome.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ActivityError } from '../../src/base/error.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { patience } from '../../src/connectors/patience.ts';
import type { ResolvedDataset } from '../../src/connectors/resolved.ts';
import { runJob } from '../copy/stage.ts';
import { rowJob } from '../copy/table.ts';
import { openPostgresStage } from '../target/postgres-stage.ts';
import { openSqlStage } from '../target/sql-stage.ts';
import { startTcpProxy, type TcpProxy, type TcpRule } from './tcp-proxy.ts';

patience.pace = 0.01;

/** A database, also behind its proxy. */
type Subject = {
  name: string;
  codes: { connect: string; operation: string };
  proxy: TcpProxy;
  /** A table, past the proxy, or by it with so many seconds for a connection. */
  table(name: string, byProxy: number | false): ResolvedDataset;
  source: JsonObject;
  sink: JsonObject;
  query(text: string): Promise<Record<string, unknown>[]>;
};

const rowCount = 3000;
const subjects: Subject[] = [];
const open: { close(): Promise<void> }[] = [];
before(async () => {
  const postgres = await openPostgresStage();
  open.push(postgres);
  const sql = await openSqlStage();
  open.push(sql);
  const [postgresProxy, sqlProxy] = [await startTcpProxy(postgres.server.port), await startTcpProxy(sql.port)];
  open.push(postgresProxy, sqlProxy);
  const sqlAt = (port: number, seconds: number) => ({
    connectionString: `Server=tcp:acme.database.windows.net,${port};Initial Catalog=sales;User ID=owner;Encrypt=True;Connection Timeout=${seconds}`,
  });
  subjects.push(
    {
      name: 'azure-postgre-sql',
      codes: { connect: 'AzurePostgreSqlFailedToConnect', operation: 'AzurePostgreSqlOperationFailed' },
      proxy: postgresProxy,
      table: (name, byProxy) => {
        const at = byProxy && { port: postgresProxy.port, connectionTimeout: byProxy };
        const linkedService = postgres.linkedService(at || {});
        return { ...postgres.table(name), linkedService };
      },
      source: { type: 'AzurePostgreSqlSource' },
      sink: { type: 'AzurePostgreSqlSink' },
      query: postgres.query,
    },
    {
      name: 'azure-sql-database',
      codes: { connect: 'SqlFailedToConnect', operation: 'SqlOperationFailed' },
      proxy: sqlProxy,
      table: (name, byProxy) => sql.table(name, byProxy ? sqlAt(sqlProxy.port, byProxy) : {}),
      source: { type: 'AzureSqlSource' },
      sink: { type: 'AzureSqlSink' },
      query: sql.query,
    },
  );
  for (const { query } of subjects) {
    await query('CREATE TABLE kept (id int, words varchar(1000))');
    const row = (id: number) => `(${id}, '${'x'.repeat(800)}')`;
    const ids = Array.from({ length: rowCount }, (_, id) => id);
    for (let at = 0; at < rowCount; at += 500)
      await query(
        `INSERT INTO kept VALUES ${ids
          .slice(at, at + 500)
          .map(row)
          .join(', ')}`,
      );
    await query('CREATE TABLE landed (id int, words varchar(1000))');
  }
});
after(async () => {
  for (const each of open.reverse()) await each.close();
  // No clock runs on for what is over.
  assert.ok(!process.getActiveResourcesInfo().includes('Timeout'));
});

const ever = Number.POSITIVE_INFINITY;
const inTheMiddle = 1_000_000;
type End = 'ok' | 'connect' | 'operation';
/** What is seen: how a copy ends, how many connections met the fault, and how many rows landed. */
const rows: readonly [name: string, side: 'source' | 'sink', TcpRule, end: End, met: number, landed: number][] = [
  ['refused twice', 'source', { fault: { kind: 'reset', from: 'client', after: 0 }, times: 2 }, 'ok', 2, rowCount],
  ['refused for ever', 'source', { fault: { kind: 'reset', from: 'client', after: 0 }, times: ever }, 'connect', 3, 0],
  [
    'reset in the login',
    'source',
    { fault: { kind: 'reset', from: 'client', after: 300 }, times: 1 },
    'ok',
    1,
    rowCount,
  ],
  [
    'silent from the first byte',
    'source',
    { fault: { kind: 'stall', from: 'client', after: 0 }, times: 1 },
    'connect',
    1,
    0,
  ],
  [
    'silent in the login',
    'source',
    { fault: { kind: 'stall', from: 'client', after: 300 }, times: 1 },
    'connect',
    1,
    0,
  ],
  [
    'reset in the rows',
    'source',
    { fault: { kind: 'reset', from: 'server', after: inTheMiddle }, times: 1 },
    'connect',
    1,
    0,
  ],
  [
    'silent in the rows',
    'source',
    { fault: { kind: 'stall', from: 'server', after: inTheMiddle }, times: 1 },
    'operation',
    1,
    0,
  ],
  ['refused twice', 'sink', { fault: { kind: 'reset', from: 'client', after: 0 }, times: 2 }, 'ok', 2, rowCount],
  [
    'reset in the load',
    'sink',
    { fault: { kind: 'reset', from: 'client', after: inTheMiddle }, times: 1 },
    'connect',
    1,
    0,
  ],
  [
    'silent in the load',
    'sink',
    { fault: { kind: 'stall', from: 'client', after: inTheMiddle }, times: 1 },
    'operation',
    1,
    0,
  ],
];

/** Seconds that a silence is waited for: with nothing before it, or after much has gone. All else is waited for longer than any machine is busy. */
const brief = { connect: 1, operation: 2 };
const patient = 100;
const timeSpan = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19);

const runOne = async (subject: Subject, side: 'source' | 'sink', silence?: 'connect' | 'operation'): Promise<End> => {
  const { table, codes } = subject;
  const toConnect = silence === 'connect' ? brief.connect : patient;
  const toAnswer = timeSpan(silence === 'operation' ? brief.operation : patient);
  const job = rowJob(table('kept', side === 'source' && toConnect), table('landed', side === 'sink' && toConnect), {
    source: { ...subject.source, queryTimeout: toAnswer },
    sink: { ...subject.sink, writeBatchTimeout: toAnswer },
  });
  try {
    await runJob(job);
    return 'ok';
  } catch (error) {
    if (!(error instanceof ActivityError)) throw error;
    const found = (['connect', 'operation'] as const).find((end) => codes[end] === error.errorCode);
    assert.ok(found, error.message);
    if (found === 'operation') assert.match(error.message, /silent for 2 seconds.*queryTimeout/);
    return found;
  }
};

const landed = async ({ query }: Subject) => Number((await query('SELECT count(*) AS n FROM landed'))[0]!.n);

const check = async (subject: Subject) => {
  const { proxy, query } = subject;
  const seen: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const [name, side, rule, end, met, count] of rows) {
    proxy.set(rule);
    const silence = rule.fault.kind === 'stall' && end !== 'ok' ? end : undefined;
    const found = await runOne(subject, side, silence);
    await proxy.settled();
    seen[`${side}: ${name}`] = [found, proxy.met(), await landed(subject)];
    expected[`${side}: ${name}`] = [end, met, count];
    await query('DELETE FROM landed');
  }
  assert.deepEqual(seen, expected, subject.name);
};

test('a database that fails or is silent: a clear failure, nothing half-written, no connection left', async () => {
  await Promise.all(subjects.map(check));
});
