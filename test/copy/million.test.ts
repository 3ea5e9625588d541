// A million rows, there and back: every value arrives as it was, in a worker whose memory does not grow with them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import { openSqlStage } from '../target/sql-stage.ts';
import { contentOf, copyJob, dataset, fill, linkedService, openStage, runJob } from './stage.ts';
import { rowJob } from './table.ts';
import { openWorker } from './worker.ts';

const text = { firstRowAsHeader: true, nullValue: '\\N', escapeChar: '"' };
const column = (name: string, type: string, more: JsonObject = {}) => ({
  source: { name, type },
  sink: { name, type, ...more },
});
const translator: JsonObject = {
  type: 'TabularTranslator',
  mappings: [
    column('id', 'Int64'),
    column('words', 'String'),
    column('amount', 'Decimal', { precision: 18, scale: 4 }),
    column('at', 'DateTime'),
  ],
};

/** A row as the sink writes it, so that the same bytes come back. */
const rowOf = (id: number): string => {
  const words = id % 7 === 0 ? '\\N' : id % 5 === 0 ? `"näme, ""${id}"""` : `row ${id}`;
  const amount = id % 11 === 0 ? '\\N' : `${id % 2 ? '-' : ''}${id * 1001}.000${(id % 9) + 1}`;
  const at = `${1850 + (id % 300)}-0${(id % 9) + 1}-1${id % 10} 23:59:59.${String(id % 1_000_000).padStart(6, '0')}0`;
  return `${id},${words},${amount},${at}`;
};
const fileOf = (count: number): Buffer =>
  Buffer.from(['id,words,amount,at', ...Array.from({ length: count }, (_, id) => rowOf(id)), ''].join('\r\n'));
const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

test('a million rows go from text to Parquet and back in the memory of a few, and are the same bytes', async (context) => {
  const worker = await openWorker(stage.caFile);
  context.after(worker.close);
  await fill(stage.sink, 'rows', {});
  const at = (type: string, account: typeof stage.sink, settings: JsonObject) =>
    dataset(type, linkedService(account), { container: 'rows', fileName: `rows.${type}` }, settings);
  const [from, back] = [at('DelimitedText', stage.source, text), at('DelimitedText', stage.sink, text)];
  const parquet = at('Parquet', stage.sink, { compressionCodec: 'snappy' });
  const peakAfter = async (count: number) => {
    const file = fileOf(count);
    await fill(stage.source, 'rows', { 'rows.DelimitedText': file });
    const there = await worker.run(copyJob(from, parquet, { more: { translator } }));
    const home = await worker.run(copyJob(parquet, back));
    assert.deepEqual([there.output.rowsCopied, home.output.rowsCopied], [count, count]);
    assert.equal(hashOf((await contentOf(stage.sink, 'rows'))['rows.DelimitedText']!), hashOf(file));
    return worker.memory().peak;
  };
  const some = await peakAfter(150_000);
  const most = await peakAfter(1_000_000);
  // The file alone has 80 MiB; its rows, as values, several times as much.
  assert.ok(most - some < 128, `the worker took ${Math.round(some)} MiB for 150,000 rows, and ${Math.round(most)} MiB`);
});

test('a hundred thousand rows go through SQL Database, and none is lost or doubled', async (context) => {
  const sql = await openSqlStage();
  context.after(() => sql.close());
  const count = 100_000;
  const file = fileOf(count);
  await fill(stage.source, 'some', { 'rows.DelimitedText': file });
  await fill(stage.sink, 'some', {});
  const at = (account: typeof stage.sink) =>
    dataset('DelimitedText', linkedService(account), { container: 'some', fileName: 'rows.DelimitedText' }, text);
  const table = sql.table('rows', { connectTimeout: 60 });
  const sink = { type: 'AzureSqlSink', tableOption: 'autoCreate' };
  console.log(performance.now(), process.cpuUsage());
  const there = await runJob(rowJob(at(stage.source), table, { sink, more: { translator } }));
  console.log(performance.now(), process.cpuUsage());
  const home = await runJob(rowJob(table, at(stage.sink), { source: { type: 'AzureSqlSource' } }));
  console.log(performance.now(), process.cpuUsage());
  assert.deepEqual([there.rowsCopied, home.rowsCopied], [count, count]);
  // A table has no order.
  const linesOf = (bytes: Buffer) => bytes.toString().split('\r\n').toSorted().join();
  const [came] = Object.values(await contentOf(stage.sink, 'some'));
  assert.equal(hashOf(Buffer.from(linesOf(came!))), hashOf(Buffer.from(linesOf(file))));
});
