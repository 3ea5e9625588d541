import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFlowLog } from './flow-log.ts';
import type { FlowRecord } from './policy/model.ts';

const record = (id: string, changes: Partial<FlowRecord> = {}): FlowRecord => ({
  id,
  worker: 'worker',
  network: 'network',
  at: '2026-11-01T00:00:00.000Z',
  address: '10.77.0.4',
  port: 443,
  protocol: 'tcp',
  host: null,
  verdict: 'denied',
  code: 'EndpointPending',
  message: '',
  remedy: '',
  endpoint: null,
  bytesSent: 0,
  bytesReceived: 0,
  endedAt: null,
  end: null,
  ...changes,
});

const ids = (records: readonly FlowRecord[]) => records.map(({ id }) => id);

test('flows over some endpoints are found behind any number of others', () => {
  const log = createFlowLog();
  log.put(record('1', { endpoint: '/Factories/f/ManagedPrivateEndpoints/Sales' }));
  for (let at = 0; at < 1500; at += 1) log.put(record(`other ${at}`, { endpoint: at % 2 === 0 ? '/other' : null }));
  const endpoints = new Set(['/factories/f/managedprivateendpoints/sales']);
  assert.deepEqual(ids(log.find({ endpoints })), ['1']);
  assert.deepEqual(log.find({ endpoints: new Set() }), []);
});

test('flows are found newest first, by worker, network and time', () => {
  const log = createFlowLog();
  log.put(record('1', { at: '2026-11-01T00:00:01.000Z' }));
  log.put(record('2', { at: '2026-11-01T00:00:02.000Z', worker: 'other' }));
  log.put(record('3', { at: '2026-11-01T00:00:03.000Z', network: 'elsewhere' }));
  assert.deepEqual(ids(log.find({})), ['3', '2', '1']);
  assert.deepEqual(ids(log.find({ worker: 'worker' })), ['3', '1']);
  assert.deepEqual(ids(log.find({ network: 'network' })), ['2', '1']);
  assert.deepEqual(ids(log.find({ since: '2026-11-01T00:00:02.000Z' })), ['3', '2']);
  assert.deepEqual(ids(log.find({ limit: 1 })), ['3']);
  assert.deepEqual(ids(log.find({ worker: 'nobody' })), []);
});

test('a flow that ends replaces what was known of it, in its place', () => {
  const log = createFlowLog();
  log.put(record('1'));
  log.put(record('2'));
  log.put(record('1', { end: 'closed', endedAt: '2026-11-01T00:00:09.000Z' }));
  assert.deepEqual(ids(log.find({})), ['2', '1']);
  assert.deepEqual(ids(log.live()), ['2']);
});

test('a noisy worker pushes out its own records only', () => {
  const log = createFlowLog({ total: 100, perWorker: 10 });
  log.put(record('quiet', { worker: 'quiet' }));
  for (let index = 0; index < 1000; index += 1) log.put(record(`noise ${index}`, { worker: 'noisy' }));
  assert.equal(log.find({ worker: 'noisy' }).length, 10);
  assert.deepEqual(ids(log.find({ worker: 'quiet' })), ['quiet']);
});

test('the log is bounded in all', () => {
  const log = createFlowLog({ total: 100, perWorker: 10 });
  for (let index = 0; index < 1000; index += 1) log.put(record(`${index}`, { worker: `worker ${index}` }));
  assert.equal(log.find({}).length, 100);
  assert.equal(log.find({})[0]!.id, '999');
});

test('what changed since an instant is what ended since, or lives', () => {
  const log = createFlowLog();
  const at = (second: number) => `2026-11-01T10:00:0${second}.000Z`;
  log.put(record('old', { at: at(1), endedAt: at(2) }));
  log.put(record('long', { at: at(1), endedAt: at(5) }));
  log.put(record('live', { at: at(1) }));
  log.put(record('new', { at: at(4) }));
  assert.deepEqual(ids(log.find({ changedSince: at(4) })), ['new', 'live', 'long']);
});
