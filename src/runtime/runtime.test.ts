import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createStandInNetwork, standInProgram } from '../../test/stand-in/network.ts';
import type { ActivityJob } from '../activities/job.ts';
import type { ActivityFailure } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import { createLog } from '../base/log.ts';
import type { FlowRecord } from '../network/policy/model.ts';
import { maxLineBytes } from '../worker/protocol.ts';
import { createRuntime, type RuntimeOptions } from './create-runtime.ts';
import type { JobEnd, RuntimePlace } from './runtime.ts';

const log = createLog({ level: 'silent' });
const never = new AbortController().signal;
const open: { close(): Promise<void> }[] = [];
after(async () => {
  for (const each of open) await each.close();
});

const start = (more: Partial<RuntimeOptions> = {}, environment: Record<string, string> = {}) => {
  const network = createStandInNetwork(environment);
  const runtime = createRuntime({ network, log, program: standInProgram, ...more });
  open.push(runtime, network);
  return { network, runtime };
};

let made = 0;
const job = (deed: string, more: JsonObject = {}): ActivityJob => {
  made += 1;
  return {
    jobId: `job-${made}`,
    type: 'Copy',
    name: 'CopyFilms',
    typeProperties: { do: deed, ...more },
    inputs: [],
    outputs: [],
    linkedService: null,
    effectiveIntegrationRuntime: 'sealed (Local)',
  };
};
const place = (more: Partial<RuntimePlace> = {}): RuntimePlace => ({
  factoryKey: '/f',
  runtimeName: 'sealed',
  network: '/f/managedvirtualnetworks/default',
  region: 'Local',
  ...more,
});
const output = (end: JobEnd): JsonObject => {
  assert.equal(end.state, 'succeeded', JSON.stringify(end));
  return (end as { output: JsonObject }).output;
};
const failure = (end: JobEnd): ActivityFailure => {
  assert.equal(end.state, 'failed', JSON.stringify(end));
  return (end as { failure: ActivityFailure }).failure;
};

const { network, runtime } = start({ workerLimits: { graceMs: 200 } });

test('a job runs in a cold worker, and the next in the same one, warm', async () => {
  const first = await runtime.execute(job('echo', { rows: 5 }), place(), { signal: never });
  const second = await runtime.execute(job('echo'), place(), { signal: never });
  assert.equal(output(first).rows, 5);
  assert.equal(output(first).pid, output(second).pid);
  assert.deepEqual([first.timing.warm, second.timing.warm], [false, true]);
  assert.equal(output(second).jobs, 2);
});

test('another factory, runtime or network never gets that worker', async () => {
  const pid = output(await runtime.execute(job('echo'), place(), { signal: never })).pid;
  const others = [{ factoryKey: '/g' }, { runtimeName: 'other' }, { network: '/f/public' }];
  const pids = await Promise.all(
    others.map(async (other) => output(await runtime.execute(job('echo'), place(other), { signal: never })).pid),
  );
  assert.equal(new Set([pid, ...pids]).size, 4);
  for (const other of others) await runtime.drop(place(other).factoryKey, place(other).runtimeName);
});

const violations = [
  'long-line',
  'garbage',
  'not-a-message',
  'wrong-job',
  'no-failure-shape',
  'flood',
  'deep',
  'big-progress',
  'ready-again',
];
for (const deed of violations)
  test(`hostile: ${deed} ends the worker and fails the job`, async () => {
    const before = process.memoryUsage().rss;
    const end = failure(await runtime.execute(job(deed), place(), { signal: never }));
    assert.equal(end.errorCode, 'WorkerProtocolViolation');
    assert.equal(end.failureType, 'SystemError');
    assert.equal(end.target, 'CopyFilms');
    assert.ok(process.memoryUsage().rss - before < 60e6, 'its bytes were kept');
    assert.equal(output(await runtime.execute(job('echo'), place(), { signal: never })).jobs, 1, 'a new worker serves');
  });

test('hostile: words after the end of a job end the worker, not the job', async () => {
  const end = await runtime.execute(job('after-done'), place(), { signal: never });
  assert.deepEqual(output(end), {});
  const isThere = () => runtime.status('/f', 'sealed').nodes.some(({ nodeId }) => nodeId === end.timing.worker);
  while (isThere()) await new Promise(setImmediate);
  assert.equal(output(await runtime.execute(job('echo'), place(), { signal: never })).jobs, 1);
});

test('hostile: a flood of complaints is not kept', async () => {
  const before = process.memoryUsage().rss;
  output(await runtime.execute(job('complain'), place(), { signal: never }));
  assert.ok(process.memoryUsage().rss - before < 60e6);
});

test('what a worker says is shown without control characters', async () => {
  assert.equal(output(await runtime.execute(job('escapes'), place(), { signal: never })).a, ' [31mred ');
});

test('a worker chooses neither the target nor remedies', async () => {
  const end = failure(await runtime.execute(job('fail'), place(), { signal: never }));
  assert.equal(end.errorCode, 'AzureBlobOperationFailed');
  assert.equal(end.target, 'CopyFilms');
  assert.deepEqual(end.details, [{ code: 'EndpointPending', message: 'forged' }]);
});

test('a worker that says its last word and leaves has done its job', async () => {
  assert.deepEqual(output(await runtime.execute(job('done-and-exit'), place(), { signal: never })), { last: true });
});

const crashes = [
  ['exit', 'WorkerCrashed', /exit code 3/],
  ['kill', 'WorkerCrashed', /killed from outside/],
  ['close-output', 'WorkerCrashed', /closed its output/],
  ['memory', 'WorkerOutOfMemory', /64 MiB/],
] as const;
for (const [deed, errorCode, message] of crashes)
  test(`a worker that ends in its job (${deed}) fails it with the reason`, async () => {
    const end = failure(await runtime.execute(job(deed), place({ runtimeName: deed }), { signal: never }));
    assert.equal(end.errorCode, errorCode);
    assert.match(end.message, message);
    assert.equal(end.failureType, 'SystemError');
  });

test('a job is stopped when its worker is asked; the worker stays', async () => {
  const stop = new AbortController();
  const progress: JsonObject[] = [];
  const end = await runtime.execute(job('wait'), place(), {
    signal: stop.signal,
    onProgress: (how) => {
      progress.push(how);
      stop.abort();
    },
  });
  assert.equal(end.state, 'cancelled');
  assert.deepEqual(progress, [{ dataRead: 7 }]);
  const again = await runtime.execute(job('echo'), place(), { signal: never });
  assert.equal(again.timing.warm, true);
});

test('a worker that does not stop is ended after the grace', async () => {
  const stop = new AbortController();
  const end = await runtime.execute(job('hang'), place(), { signal: stop.signal, onProgress: () => stop.abort() });
  assert.equal(end.state, 'cancelled');
  assert.equal(output(await runtime.execute(job('echo'), place(), { signal: never })).jobs, 1);
});

test('a job larger than a line is refused and the worker stays', async () => {
  const end = failure(
    await runtime.execute(job('echo', { text: 'x'.repeat(maxLineBytes) }), place(), { signal: never }),
  );
  assert.deepEqual([end.errorCode, end.failureType], ['ActivityPayloadTooLarge', 'UserError']);
});

const flow = (more: Partial<FlowRecord>): FlowRecord => ({
  id: 'f',
  worker: '*',
  network: '/f/managedvirtualnetworks/default',
  at: '9999',
  address: '10.0.0.4',
  port: 443,
  protocol: 'tcp',
  host: 'sales.blob.core.windows.net',
  verdict: 'denied',
  code: 'EndpointPending',
  message: 'The endpoint sales-blob waits for its approval.',
  remedy: 'Ask the owner to approve it.',
  endpoint: '/mpe/sales-blob',
  bytesSent: 0,
  bytesReceived: 0,
  endedAt: null,
  end: null,
  ...more,
});

test('a failure tells which connections were refused, once each, before what the worker says', async () => {
  network.log.push(
    flow({}),
    flow({ id: 'again' }),
    flow({ worker: 'another', code: 'AddressLiteral' }),
    flow({ at: '2000', code: 'HostNotAllowed' }),
  );
  const end = failure(await runtime.execute(job('fail'), place(), { signal: never }));
  network.log.length = 0;
  assert.equal(end.errorCode, 'AzureBlobOperationFailed');
  assert.equal(end.message, 'The endpoint sales-blob waits for its approval. read ECONNRESET');
  assert.deepEqual(end.details, [
    {
      code: 'EndpointPending',
      message: 'The endpoint sales-blob waits for its approval.',
      remedy: 'Ask the owner to approve it.',
      host: 'sales.blob.core.windows.net',
      endpoint: '/mpe/sales-blob',
    },
    { code: 'EndpointPending', message: 'forged' },
  ]);
});

test('no more workers than the limit: jobs queue and all are done', async () => {
  const small = start({ poolLimits: { workersPerRuntime: 2 } });
  const ends = await Promise.all(
    Array.from({ length: 9 }, (_, index) => small.runtime.execute(job('echo', { index }), place(), { signal: never })),
  );
  assert.deepEqual(
    ends.map((end) => output(end).index),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  );
  assert.equal(small.network.opened.length, 2);
  assert.equal(small.runtime.status('/f', 'SEALED').nodes.length, 2);
});

test('a runtime with a long queue does not keep another from its first worker', async () => {
  const small = start({ poolLimits: { workersPerRuntime: 2, workers: 2 } });
  const begun: string[] = [];
  const stops = new Map<string, AbortController>();
  const twoBegan = Promise.withResolvers<void>();
  const lateBegan = Promise.withResolvers<void>();
  const run = (runtimeName: string, name: string) => {
    const stop = new AbortController();
    stops.set(name, stop);
    const waiting = job('wait');
    const onStart = async () => {
      begun.push(name);
      if (begun.length === 2) twoBegan.resolve();
      if (begun.length === 3) lateBegan.resolve();
      return waiting;
    };
    return small.runtime.execute(waiting, place({ runtimeName }), { signal: stop.signal, onStart });
  };
  const ends = ['a', 'b', 'c', 'd', 'e'].map((name) => run('busy', name));
  await twoBegan.promise;
  ends.push(run('late', 'late'));
  stops.get('a')!.abort();
  await lateBegan.promise;
  assert.deepEqual(begun, ['a', 'b', 'late']);
  for (const stop of stops.values()) stop.abort();
  await Promise.all(ends);
});

test('a job that waits for a worker can be stopped, and leaves the queue', async () => {
  const small = start({ poolLimits: { workersPerRuntime: 1 } });
  const stop = new AbortController();
  const holding = new AbortController();
  const held = Promise.withResolvers<void>();
  const first = small.runtime.execute(job('wait'), place(), {
    signal: holding.signal,
    onProgress: () => held.resolve(),
  });
  await held.promise;
  const second = small.runtime.execute(job('echo'), place(), { signal: stop.signal });
  assert.equal(small.runtime.status('/f', 'sealed').waiting, 1);
  stop.abort();
  assert.equal((await second).state, 'cancelled');
  assert.equal(small.runtime.status('/f', 'sealed').waiting, 0);
  holding.abort();
  assert.equal((await first).state, 'cancelled');
});

test('an idle worker ends with its time to live', async () => {
  const small = start();
  const ends = Promise.withResolvers<void>();
  const end = await small.runtime.execute(job('echo'), place({ timeToLiveMs: 0 }), { signal: never });
  const wait = () => (small.network.pids().includes(Number(output(end).pid)) ? setImmediate(wait) : ends.resolve());
  wait();
  await ends.promise;
  assert.deepEqual(small.runtime.status('/f', 'sealed').nodes, []);
});

test('dropping a factory ends its workers and fails their jobs', async () => {
  const small = start();
  const began = Promise.withResolvers<void>();
  const running = small.runtime.execute(job('hang'), place(), { signal: never, onProgress: () => began.resolve() });
  await began.promise;
  await small.runtime.drop('/f');
  assert.equal(failure(await running).errorCode, 'RuntimeRemoved');
  assert.deepEqual(small.network.pids(), []);
  output(await small.runtime.execute(job('echo'), place(), { signal: never }));
});

test('closing ends every worker, also one that is starting', async () => {
  const small = start();
  const starting = small.runtime.execute(job('echo'), place(), { signal: never });
  await small.runtime.close();
  assert.equal(failure(await starting).errorCode, 'RuntimeRemoved');
  assert.deepEqual(small.network.pids(), []);
});

test('a worker that cannot start fails its job and says why', async () => {
  const dying = start({}, { STAND_IN_START: 'die' });
  const end = failure(await dying.runtime.execute(job('echo'), place(), { signal: never }));
  assert.equal(end.errorCode, 'WorkerStartFailed');
  assert.match(end.message, /sealed.*cannot find the module/s);
  const silent = start({ workerLimits: { startMs: 300 } }, { STAND_IN_START: 'silent' });
  const late = failure(await silent.runtime.execute(job('echo'), place(), { signal: never }));
  assert.match(late.message, /did not start within 300 ms/);
  assert.deepEqual(silent.network.pids(), []);
});
