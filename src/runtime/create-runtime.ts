import { randomUUID } from 'node:crypto';
import type { ActivityFailure } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import { programFolder } from '../network/namespace/root-plan.ts';
import type { WorkerProgram } from '../network/namespace/seal.ts';
import type { SealedNetwork } from '../network/sealed-network.ts';
import { explainFailure } from './explain.ts';
import { systemFailure } from './failure.ts';
import { createJobLedger } from './job-ledger.ts';
import { createPools, type PoolLimits, RuntimeRemoved } from './pool.ts';
import type { JobEnd, JobTiming, Runtime } from './runtime.ts';
import { startWorker, type WorkerLimits } from './worker.ts';

/** The program of every worker, as it lies in the jail. */
const workerProgram: WorkerProgram = { module: `${programFolder}/src/worker/main.ts`, heapMiB: 256 };

const workerLimits: WorkerLimits = { startMs: 30_000, graceMs: 3_000, burst: 200, perSecond: 50 };
const poolLimits: PoolLimits = { workersPerRuntime: 8, workers: 32, timeToLiveMs: 60_000 };
const flowsWithinMs = 5_000;

export type RuntimeOptions = {
  network: Pick<SealedNetwork, 'open' | 'flows' | 'current'>;
  log: Log;
  program?: WorkerProgram;
  workerLimits?: Partial<WorkerLimits>;
  poolLimits?: Partial<PoolLimits>;
};

/** A runtime whose workers live in `network`. */
export const createRuntime = (options: RuntimeOptions): Runtime => {
  const { network, log } = options;
  const program = options.program ?? workerProgram;
  const limits = { ...workerLimits, ...options.workerLimits };
  const ledger = createJobLedger();
  const pools = createPools({ ...poolLimits, ...options.poolLimits }, (place) => {
    const id = `worker-${randomUUID().slice(0, 13)}`;
    return { id, worker: startWorker(network, { id, networkKey: place.network, program, limits }) };
  });

  const explain = async (failure: ActivityFailure, worker: string, since: string): Promise<ActivityFailure> => {
    try {
      const late = new Promise<[]>((resolve) => setTimeout(resolve, flowsWithinMs, []).unref());
      const flows = await Promise.race([network.flows({ worker, since }), late]);
      return explainFailure(failure, flows, network.current());
    } catch (error) {
      log.warn({ error, worker }, 'the flows of a failed job are not known');
      return failure;
    }
  };

  const execute: Runtime['execute'] = async (job, place, { signal, onStart, onProgress }) => {
    const asked = performance.now();
    const timing: JobTiming = { queuedMs: 0, warm: false, worker: null };
    const failed = (failure: ActivityFailure): JobEnd => ({ state: 'failed', failure, timing });
    try {
      const lease = await pools.acquire(place, signal);
      try {
        timing.queuedMs = performance.now() - asked;
        timing.warm = lease.warm;
        timing.worker = lease.worker.id;
        const ready = (await onStart?.(lease.worker.id)) ?? job;
        if (signal.aborted) return { state: 'cancelled', timing };
        const since = new Date().toISOString();
        const ended = ledger.begin(lease.worker.id, job.jobId);
        const end = await lease.worker.run(ready, signal, onProgress).finally(ended);
        if (end.state === 'lost')
          log.warn({ worker: lease.worker.id, code: end.failure.errorCode }, 'a worker was lost');
        if (signal.aborted) return { state: 'cancelled', timing };
        if (end.state === 'done') return { state: 'succeeded', output: end.output, timing };
        return failed(await explain(end.failure, lease.worker.id, since));
      } finally {
        lease.release();
      }
    } catch (error) {
      if (signal.aborted) return { state: 'cancelled', timing };
      timing.queuedMs = performance.now() - asked;
      if (error instanceof RuntimeRemoved) return failed(systemFailure(error.code, error.message, job.name));
      log.error({ error, runtime: place.runtimeName }, 'a worker did not start');
      const why = `No worker of the integration runtime ${place.runtimeName} could be started: ${(error as Error).message}`;
      return failed(systemFailure('WorkerStartFailed', why, job.name));
    }
  };

  return {
    execute,
    status: pools.status,
    jobAt: ledger.at,
    drop: (factoryKey, runtimeName) =>
      pools.drop(
        (place) =>
          place.factoryKey === factoryKey &&
          (runtimeName === undefined || place.runtimeName.toLowerCase() === runtimeName.toLowerCase()),
      ),
    close: async () => {
      pools.stop();
      await pools.drop(() => true);
    },
  };
};
