// A probe that cannot be trusted is an error, never a verdict: what a worker may say is tried here with one that says it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { ActivityJob } from '../../src/activities/job.ts';
import type { Attempt, Sight } from '../../src/activities/probe/attempt.ts';
import type { ActivityFailure } from '../../src/base/error.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { JobEnd, RuntimePlace } from '../../src/runtime/runtime.ts';
import { type Estate, furnish, noRuntime, openEstate } from './estate.ts';

const version = 'api-version=2026-11-01';
const dataFactoryContributor = '673868aa-7521-48a0-acc6-0f60742d39f5';
const timing = { queuedMs: 0, warm: false, worker: 'worker-1' };

let estate: Estate;
let place: Awaited<ReturnType<typeof furnish>>;
const jobs: { job: ActivityJob; place: RuntimePlace }[] = [];
let end: (attempts: Attempt[]) => JobEnd | Promise<JobEnd>;

const probe = async (operation: 'explain' | 'reachability', who: Pick<Estate['admin'], 'send'> = estate.admin) => {
  const path = `${place.network}/providers/Postern.Network/${operation}?${version}&probe=true`;
  const { status, body } = await who.send(
    'POST',
    path,
    operation === 'explain' ? { host: 'a.blob.core.windows.net' } : {},
  );
  return { status, body: body as JsonObject & { error?: { code: string; message: string } } };
};
const said = (output: JsonObject): JobEnd => ({ state: 'succeeded', output, timing });
const all = (attempts: Attempt[], seen: Sight['seen']): JobEnd =>
  said({ sights: attempts.map(({ id }) => ({ id, seen, detail: '' })) });

before(async () => {
  estate = await openEstate({
    runtime: {
      ...noRuntime,
      execute: async (job, where) => {
        jobs.push({ job, place: where });
        return end(job.typeProperties.attempts as unknown as Attempt[]);
      },
    },
  });
  place = await furnish(estate, 'acme', ['acmesales']);
});
beforeEach(() => jobs.splice(0));
after(() => estate.discard());

test('a probe runs in a worker that no runtime shares and nobody keeps', async () => {
  end = (attempts) => all(attempts, 'reset');
  assert.equal((await probe('reachability')).status, 200);
  const [{ job, place: where }] = jobs as [(typeof jobs)[number]];
  assert.equal(where.network, place.network.toLowerCase());
  assert.deepEqual([where.timeToLiveMs, /^[A-Za-z0-9]/.test(where.runtimeName)], [0, false]);
  assert.deepEqual([job.inputs, job.outputs, job.linkedService], [[], [], null], 'it is told no secret');
});

test('no way of asking for a probe is answered without one', async () => {
  end = (attempts) => all(attempts, 'reset');
  const path = `${place.network}/providers/Postern.Network/reachability?${version}`;
  assert.ok((await estate.admin.call('GET', `${path}&probe=true`)).probes);
  assert.equal((await estate.admin.call('POST', path, {})).probes, undefined);
});

test('a worker that only claims that all is closed proves nothing without the gateway’s record', async () => {
  end = (attempts) => all(attempts, 'reset');
  const { body } = await probe('reachability');
  assert.equal(body.sealed, false);
  end = () => said({ sights: [] });
  assert.equal((await probe('reachability')).body.sealed, false);
  assert.equal(((await probe('explain')).body.probe as JsonObject).agrees, false);
});

test('a worker that says that it got through is believed', async () => {
  end = (attempts) => all(attempts, 'answered');
  const { body } = await probe('reachability');
  const [first] = body.probes as unknown as { leaks: number }[];
  assert.ok(first!.leaks > 40);
  assert.equal(((await probe('explain')).body.probe as JsonObject).agrees, false);
});

test('what is not an answer of a probe, or none at all, is an error that says so', async () => {
  const failure: ActivityFailure = {
    errorCode: 'WorkerCrashed',
    message: 'It crashed.',
    failureType: 'SystemError',
    target: '',
    details: [],
  };
  const ends: [JobEnd, RegExp][] = [
    [said({}), /did not say what it saw/],
    [said({ sights: [{ id: '0', seen: 'sealed', detail: '' }] }), /did not say what it saw/],
    [said({ sights: [{ id: '0', seen: 'reset', detail: 'x'.repeat(401) }] }), /did not say what it saw/],
    [{ state: 'failed', failure, timing }, /WorkerCrashed: It crashed/],
    [{ state: 'cancelled', timing }, /did not end within 120 seconds/],
  ];
  for (const [how, says] of ends) {
    end = () => how;
    const { status, body } = await probe('reachability');
    assert.deepEqual([status, body.error?.code], [503, 'ProbeFailed']);
    assert.match(body.error!.message, says);
  }
});

test('a factory has two probes at a time, and room again when they are done', async () => {
  const started = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  end = async (attempts) => {
    if (jobs.length === 2) started.resolve();
    await held.promise;
    return all(attempts, 'reset');
  };
  const two = [probe('explain'), probe('explain')];
  await started.promise;
  const third = await probe('explain');
  assert.deepEqual([third.status, third.body.error?.code], [429, 'TooManyProbes']);
  held.resolve();
  assert.deepEqual(
    (await Promise.all(two)).map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await probe('explain')).status, 200);
});

test('while a probe is under way others read and write', async () => {
  const started = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  end = async (attempts) => {
    started.resolve();
    await held.promise;
    return all(attempts, 'reset');
  };
  const probing = probe('reachability');
  await started.promise;
  await estate.admin.call('PUT', `${place.group}-2?api-version=2021-04-01`, { location: 'westeurope' });
  held.resolve();
  assert.equal((await probing).status, 200);
});

test('a probe tells where stores listen only to those who may read them', async () => {
  end = (attempts) => all(attempts, 'reset');
  const engineer = await estate.principal('engineer', [dataFactoryContributor, place.group]);
  const past = async (who?: typeof engineer) => {
    const { body } = await probe('reachability', who);
    return JSON.stringify(body).includes('127.0.0.1:9999');
  };
  assert.deepEqual([await past(), await past(engineer)], [true, false]);
});
