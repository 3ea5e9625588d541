// What each store over HTTP does to a run when it fails or is slow: connector, step, fault -> outcome.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ActivityError } from '../../src/base/error.ts';
import { isStaged } from '../../src/connectors/azure-storage/staged-name.ts';
import { boundedAgent } from '../../src/connectors/http.ts';
import { patience } from '../../src/connectors/patience.ts';
import { busySockets } from '../../src/connectors/transport/exchange.ts';
import type { HttpFault, HttpRule } from './http-proxy.ts';
import { openHttpStores, type Subject } from './http-store.ts';

patience.pace = 0.01;
/** How long a store may be silent on a connection that meets such a fault. All others are waited for, however busy the machine is. */
const silenceMs: Partial<Record<HttpFault['kind'], number>> = { stall: 50, 'stall body': 50, drip: 1500 };

let stores: Awaited<ReturnType<typeof openHttpStores>>;
before(async () => {
  stores = await openHttpStores();
});
after(() => stores?.close());

const ever = Number.POSITIVE_INFINITY;
/** `tries`: how many requests the store gets, the last of which succeeds unless the fault is there for ever. */
type Row = { fault: HttpFault; times: number; tries: number; reads?: true };
const answer = (status: number, headers: Record<string, string> = {}, body = '{"code":"busy","message":"busy"}') =>
  ({ kind: 'answer', status, headers: { 'content-type': 'application/json', ...headers }, body }) as const;
const rows: readonly Row[] = [
  { fault: answer(500), times: 2, tries: 3, reads: true },
  { fault: answer(503), times: 2, tries: 3 },
  { fault: answer(503), times: ever, tries: 6 },
  { fault: answer(502, { 'content-type': 'text/html' }, '<html>'), times: 1, tries: 2, reads: true },
  { fault: answer(429, { 'retry-after': '1', 'x-ms-retry-after-ms': '1' }), times: 1, tries: 2 },
  { fault: { kind: 'reset' }, times: 1, tries: 2 },
  { fault: { kind: 'reset' }, times: ever, tries: 3 },
  { fault: { kind: 'lose the answer' }, times: 1, tries: 2 },
  { fault: { kind: 'stall' }, times: ever, tries: 3 },
  { fault: { kind: 'stall body' }, times: 1, tries: 2, reads: true },
  { fault: { kind: 'cut body' }, times: 1, tries: 2, reads: true },
  { fault: { kind: 'cut body' }, times: ever, tries: 3, reads: true },
  { fault: { kind: 'drip', pieces: 10, ms: 200 }, times: 1, tries: 1, reads: true },
];

const nameOf = ({ fault, times }: Row) =>
  `${fault.kind}${fault.kind === 'answer' ? ` ${fault.status}` : ''}${times === ever ? ' for ever' : ` ${times}x`}`;

/** Where a store differs. An insert that may have been done is not sent twice; a vault that answers is not unreachable. */
const differs: Record<string, string> = {
  'cosmos-db, insert | bulk | answer 503 2x': 'CosmosDbSqlApiOperationFailed 1 not there',
  'cosmos-db, insert | bulk | answer 503 for ever': 'CosmosDbSqlApiOperationFailed 1 not there',
  'cosmos-db, insert | bulk | reset 1x': 'CosmosDbSqlApiOperationFailed 1 not there',
  'cosmos-db, insert | bulk | reset for ever': 'CosmosDbSqlApiOperationFailed 1 not there',
  'cosmos-db, insert | bulk | lose the answer 1x': 'CosmosDbSqlApiOperationFailed 1 there',
  'cosmos-db, insert | bulk | stall for ever': 'CosmosDbSqlApiOperationFailed 1 not there',
  'azure-key-vault | read | answer 503 for ever': 'AzureKeyVaultFailed 6',
};

/** All connections over which something is asked of a store. */
const busy = () => [...Object.values(boundedAgent().sockets).flatMap((all) => all ?? []), ...busySockets()];

/** Shortens the patience with one connection, by the port that it comes from. */
const shorten = (port: number, ms: number) => {
  const socket = busy().find(({ localPort }) => localPort === port);
  if (!socket) return;
  assert.equal(socket.timeout, patience.silentMs, 'no connection is waited for without a limit');
  socket.setTimeout(ms);
};

/** How a run ended, after how many requests, once no connection is left that met the fault. */
const outcome = async (subject: Subject, rule: HttpRule, run: () => Promise<unknown>): Promise<string> => {
  const ms = silenceMs[rule.fault.kind];
  subject.proxy.set({ ...rule, ...(ms && { silent: (port) => shorten(port, ms) }) });
  let end = 'ok';
  try {
    await run();
  } catch (error) {
    if (!(error instanceof ActivityError)) throw error;
    end = error.errorCode;
    if (rule.fault.kind !== 'answer') assert.notEqual(error.details[0]!.code, 'Unknown', error.message);
  }
  await subject.proxy.settled();
  const tries = subject.proxy.picked();
  subject.proxy.set(undefined);
  return `${end} ${tries}`;
};

/** Every fault in every step of one store. */
const outcomes = async (subject: Subject): Promise<{ seen: object; expected: object }> => {
  const { signal } = new AbortController();
  const { name: store, read, write } = subject;
  const seen: Record<string, string> = {};
  const expected: Record<string, string> = {};
  const expect = (step: string, row: Row, [good, bad]: readonly [string, string]) => {
    const key = `${store} | ${step} | ${nameOf(row)}`;
    expected[key] =
      differs[key] ?? (row.times === ever ? `${subject.errorCode} ${row.tries}${bad}` : `ok ${row.tries}${good}`);
    return key;
  };
  for (const row of rows) {
    const { fault, times } = row;
    const reading = async () => assert.equal(await read.run(signal), read.holds);
    seen[expect('read', row, ['', ''])] = await outcome(subject, { fault, times, picks: read.picks }, reading);
    if (row.reads || !write) continue;
    for (const [step, picks] of Object.entries(write.steps)) {
      const name = `${step}${rows.indexOf(row)}`;
      const end = await outcome(subject, { fault, times, picks }, () => write.run(name, signal));
      const isThere = (await subject.visible()).includes(name);
      seen[expect(step, row, [' there', ' not there'])] = `${end} ${isThere ? 'there' : 'not there'}`;
    }
  }
  return { seen, expected };
};

const check = async (subject: Subject) => {
  const { seen, expected } = await outcomes(subject);
  assert.deepEqual(seen, expected);
  const left = (await subject.visible()).filter((name) => name.startsWith('.'));
  // What could not be removed while the store was away stays hidden; nothing else does.
  assert.ok(
    left.every((name) => isStaged(name)),
    left.join(),
  );
};

test('a store that fails or is slow: tried again by rule, then a clear failure, nothing half-written, no connection left', async () => {
  const [blob, lake, file, table, upsert, insert, vault] = stores.subjects;
  await Promise.all([
    ...[blob, lake, file, table, vault].map(check),
    // These two are behind one proxy.
    check(upsert).then(() => check(insert)),
  ]);
  assert.deepEqual(busy(), []);
});

test('a run that is given up while its store is silent ends at once, and so does its connection', async () => {
  for (const { name, proxy, read, write } of stores.subjects)
    for (const [picks, run] of [
      [read.picks, (signal: AbortSignal) => read.run(signal)],
      ...Object.values(write?.steps ?? {}).map(
        (each) => [each, (signal: AbortSignal) => write!.run('given-up', signal)] as const,
      ),
    ] as const) {
      const controller = new AbortController();
      const reason = new Error('given up');
      proxy.set({
        fault: { kind: 'stall' },
        times: ever,
        picks: (request) => {
          const isPicked = picks(request);
          if (isPicked) setImmediate(() => controller.abort(reason));
          return isPicked;
        },
      });
      await assert.rejects(run(controller.signal), (error) => error === reason, name);
      await proxy.settled();
      assert.equal(proxy.picked(), 1);
      proxy.set(undefined);
    }
  for (const { visible } of stores.subjects) assert.ok(!(await visible()).includes('given-up'));
  assert.deepEqual(busy(), []);
});
