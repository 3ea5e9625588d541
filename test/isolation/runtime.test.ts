// What a hostile program in a true jail says to the true control plane: the runtime's host side hears it and goes on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLog } from '../../src/base/log.ts';
import { programFolder } from '../../src/network/namespace/root-plan.ts';
import { createRuntime } from '../../src/runtime/create-runtime.ts';
import type { JobEnd, Runtime } from '../../src/runtime/runtime.ts';
import { managedKey, sampleNetwork } from '../network/sample.ts';
import { startTrueNetwork, type TrueNetwork } from './true-network.ts';

let truly: TrueNetwork;
let runtime: Runtime;
before(async () => {
  truly = await startTrueNetwork();
  await truly.apply({ networks: [sampleNetwork({ endpoints: [] })], stores: [] });
  const program = { module: `${programFolder}/test/isolation/hostile-worker.ts`, heapMiB: 256 };
  runtime = createRuntime({ network: truly.network, log: createLog({ level: 'silent' }), program });
});
after(async () => {
  await runtime?.close();
  await truly?.close();
});

let jobs = 0;
const doIt = (deed: string): Promise<JobEnd> => {
  jobs += 1;
  const job = {
    jobId: `job-${jobs}`,
    type: 'Copy',
    name: 'Copy',
    typeProperties: { do: deed },
    inputs: [],
    outputs: [],
    linkedService: null,
    effectiveIntegrationRuntime: 'sealed (Local)',
  };
  const place = { factoryKey: '/f', runtimeName: 'sealed', network: managedKey, region: 'Local' };
  return runtime.execute(job, place, { signal: new AbortController().signal });
};
const failureOf = (end: JobEnd) => {
  assert.equal(end.state, 'failed', JSON.stringify(end));
  return (end as Extract<JobEnd, { state: 'failed' }>).failure;
};
const behaves = async () => {
  const end = await doIt('behave');
  assert.equal(end.state, 'succeeded', JSON.stringify(end));
};

test('a line of 100 MB: the worker is ended and the control plane does not keep it; a worker that behaves is heard', async () => {
  await behaves();
  const before = process.memoryUsage().rss;
  const failure = failureOf(await doIt('a line of 100 MB'));
  assert.equal(failure.errorCode, 'WorkerProtocolViolation');
  assert.match(failure.message, /longer than/);
  assert.ok(process.memoryUsage().rss - before < 60 * 1024 * 1024);
  await behaves();
});

test('200 descriptors sent to the control plane: ENOTSOCK each time, and it goes on', async () => {
  const end = await doIt('descriptors, 200 times');
  assert.deepEqual(end.state === 'succeeded' && end.output, { answers: [-88] });
  await behaves();
});

test('a reason forged in the name of the policy: shown without remedy and endpoint, as the words of a worker', async () => {
  const failure = failureOf(await doIt('a forged reason'));
  assert.equal(failure.target, 'Copy');
  assert.deepEqual(failure.details, [{ code: 'EndpointPending', message: 'forged' }]);
  await behaves();
});

test('the end of a job of somebody else: the worker is ended', async () => {
  assert.equal(failureOf(await doIt('the end of another job')).errorCode, 'WorkerProtocolViolation');
  await behaves();
});
