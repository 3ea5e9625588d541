import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createLog } from '../../src/base/log.ts';
import { programFolder } from '../../src/network/namespace/root-plan.ts';
import { createRuntime } from '../../src/runtime/create-runtime.ts';
import type { RuntimePlace } from '../../src/runtime/runtime.ts';
import { startWorker } from '../../src/runtime/worker.ts';
import type { Measure } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { benchNetwork, benchSnapshot, startBenchNetwork } from '../harness/sealed-client.ts';

const program = { module: `${programFolder}/src/worker/main.ts`, heapMiB: 256 };
const limits = { startMs: 30_000, graceMs: 3000, burst: 200, perSecond: 50 };

const bareNode = async (): Promise<number> => {
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', "process.stdout.write('x')"], { stdio: ['ignore', 'pipe', 'ignore'] });
  const gone = once(child, 'exit');
  await once(child.stdout, 'data');
  const ms = performance.now() - started;
  await gone;
  return ms;
};

/** How long an activity waits for its worker. */
export const workerStart: Measure = {
  name: 'worker-start',
  what: 'cold: from asking for a worker to its first word, namespace, jail and all; warm: one smallest activity there and back; against a bare Node process to its first word',
  unit: 'ms',
  rounds: 15,
  promises: [
    { subject: 'cold worker', medianAtMost: 150 },
    { subject: 'warm worker', medianAtMost: 10 },
  ],
  prepare: () =>
    owning(async (owned) => {
      const network = await owned.add(startBenchNetwork(benchSnapshot([1])));
      const runtime = await owned.add(Promise.resolve(createRuntime({ network, log: createLog({ level: 'warn' }) })));
      const place: RuntimePlace = {
        factoryKey: '/bench',
        runtimeName: 'sealed',
        network: benchNetwork,
        region: 'here',
      };
      let count = 0;
      return {
        subjects: [
          { name: 'bare Node process', sample: async () => [await bareNode()] },
          {
            name: 'cold worker',
            sample: async () => {
              const started = performance.now();
              const id = `bench-${count++}`;
              const worker = await startWorker(network, { id, networkKey: benchNetwork, program, limits });
              const ms = performance.now() - started;
              await worker.end('WorkerRetired', 'It was measured.');
              return [ms];
            },
          },
          {
            name: 'warm worker',
            sample: async () => {
              const started = performance.now();
              const job = {
                jobId: `job-${count++}`,
                type: 'HelloWorld',
                name: 'Hello',
                typeProperties: { name: 'bench' },
                inputs: [],
                outputs: [],
                linkedService: null,
                effectiveIntegrationRuntime: 'sealed (here)',
              };
              const end = await runtime.execute(job, place, { signal: new AbortController().signal });
              if (end.state !== 'succeeded') throw new Error(JSON.stringify(end));
              return [performance.now() - started];
            },
          },
        ],
      };
    }),
};
