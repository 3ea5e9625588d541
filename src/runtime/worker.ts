// One worker as its owner, the pool, sees it: started in a sealed place, given one job at a time, ended with its
// namespace. Everything the process says is checked (worker-message.ts); what breaks the protocol ends the worker.
import type { ActivityJob } from '../activities/job.ts';
import type { ActivityFailure } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { Jailed, WorkerProgram } from '../network/namespace/seal.ts';
import type { SealedNetwork, WorkerPlace } from '../network/sealed-network.ts';
import { type HostMessage, maxLineBytes } from '../worker/protocol.ts';
import { createAllowance } from './allowance.ts';
import { systemFailure, userFailure } from './failure.ts';
import { createLineSplitter } from './line-splitter.ts';
import { keepTail } from './text-tail.ts';
import { printable, readWorkerMessage } from './worker-message.ts';

/** How a worker's job ended. After `lost` the worker is gone. */
export type WorkerEnd =
  | { state: 'done'; output: JsonObject }
  | { state: 'failed'; failure: ActivityFailure }
  | { state: 'lost'; failure: ActivityFailure };

export type Worker = {
  id: string;
  /** Sends a job. Aborting asks the worker to stop, and after the grace ends it. One at a time. */
  run(job: ActivityJob, signal: AbortSignal, onProgress?: (progress: JsonObject) => void): Promise<WorkerEnd>;
  /** Ends the process and its namespace; `why` becomes the failure of a job that was under way. Idempotent. */
  end(errorCode: string, why: string): Promise<void>;
  /** Resolves once process and namespace are gone. */
  gone: Promise<void>;
  /** True from the moment it is ended or lost. */
  isEnding(): boolean;
};

export type WorkerLimits = {
  startMs: number;
  /** From asking a job to stop to ending its worker. */
  graceMs: number;
  /** Messages of one worker: so many at once, and so many a second. */
  burst: number;
  perSecond: number;
};

/** A worker that did not come to its first word. */
export class WorkerStartFailure extends Error {
  readonly code = 'WorkerStartFailed';
}

const stderrBytes = 8 * 1024;
const outOfMemory = /heap out of memory|allocation failed|ERR_WORKER_OUT_OF_MEMORY|cannot allocate memory/i;

type Loss = { errorCode: string; message: string };

const explainExit = (exit: { code: number | null; signal: string | null }, stderr: string, heapMiB?: number): Loss => {
  if (outOfMemory.test(stderr))
    return {
      errorCode: 'WorkerOutOfMemory',
      message: `The worker ran out of its memory${heapMiB ? ` (${heapMiB} MiB)` : ''} and was ended.`,
    };
  // A program in a jail that the kernel kills shows as 128 + SIGKILL where a first process reports for it.
  const killed = exit.signal === 'SIGKILL' || exit.code === 137;
  return {
    errorCode: 'WorkerCrashed',
    message: killed
      ? 'The worker was killed from outside: the machine ran out of memory, or the gateway of its network ended.'
      : `The worker ended before its job did (${exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code}`}).`,
  };
};

const pause = (ms: number) => new Promise<undefined>((resolve) => setTimeout(resolve, ms, undefined).unref());

type Current = {
  job: ActivityJob;
  settle: (end: WorkerEnd) => void;
  onProgress: ((progress: JsonObject) => void) | undefined;
};

const converse = (id: string, place: WorkerPlace, jailed: Jailed, limits: WorkerLimits, heapMiB?: number) => {
  const ready = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const allowance = createAllowance(limits.burst, limits.perSecond);
  const stderr = keepTail(jailed.stderr, stderrBytes);
  let isReady = false;
  let loss: Loss | undefined;
  let current: Current | undefined;

  // The first reason stays: what follows (an exit, a closed pipe) is its consequence.
  const end = (errorCode: string, message: string): Promise<void> => {
    if (loss) return gone.promise;
    loss = { errorCode, message };
    lines.stop();
    jailed.stdout.destroy();
    jailed.kill();
    // The job ends when its process did, not when its namespace is tidied away.
    void Promise.race([jailed.exited, pause(2000)]).then(() => {
      const words = isReady ? '' : printable(stderr()).trim().slice(-600);
      ready.reject(new WorkerStartFailure(words === '' ? message : `${message} It said: ${words}`));
      const ended = current;
      current = undefined;
      ended?.settle({ state: 'lost', failure: systemFailure(errorCode, message, ended.job.name) });
    });
    void place
      .close()
      .catch(() => {})
      .then(() => gone.resolve());
    return gone.promise;
  };
  const violate = (rule: string) =>
    void end('WorkerProtocolViolation', `The worker was ended because it broke the protocol: ${rule}.`);

  const hear = (line: Buffer) => {
    if (!allowance.take()) return violate('it sent more messages than it may');
    const reading = readWorkerMessage(line);
    if (reading.kind === 'violation') return violate(`a line ${reading.rule}`);
    if (reading.kind === 'ready') {
      if (isReady) return violate('it said twice that it is ready');
      isReady = true;
      return ready.resolve();
    }
    if (!current || reading.jobId !== current.job.jobId) return violate('it spoke of a job that it does not have');
    if (reading.kind === 'progress') return current.onProgress?.(reading.progress);
    const { settle, job } = current;
    current = undefined;
    if (reading.kind === 'done') settle({ state: 'done', output: reading.output });
    else settle({ state: 'failed', failure: { ...reading.failure, target: job.name } });
  };
  const lines = createLineSplitter(maxLineBytes, {
    line: hear,
    tooLong: () => violate(`a line is longer than ${maxLineBytes} bytes`),
  });

  jailed.stdout.on('data', lines.push);
  jailed.stdout.on('error', () => {});
  jailed.stdin.on('error', () => {});
  // The pipe's end comes after the last words; the exit may come before them.
  const silent = new Promise<void>((resolve) => {
    jailed.stdout.once('end', resolve);
    jailed.stdout.once('close', resolve);
  });
  void jailed.exited.then(async (exit) => {
    await Promise.race([silent, pause(1000)]);
    const { errorCode, message } = explainExit(exit, stderr(), heapMiB);
    void end(errorCode, message);
  });
  void silent.then(async () => {
    if ((await Promise.race([jailed.exited, pause(1000)])) === undefined)
      void end('WorkerCrashed', 'The worker closed its output before its job ended.');
  });

  const send = (message: HostMessage) => void jailed.stdin.write(`${JSON.stringify(message)}\n`);

  const run: Worker['run'] = (job, signal, onProgress) => {
    const { promise, resolve } = Promise.withResolvers<WorkerEnd>();
    if (loss) {
      resolve({ state: 'lost', failure: systemFailure(loss.errorCode, loss.message, job.name) });
      return promise;
    }
    const text = JSON.stringify({ kind: 'run', job } satisfies HostMessage);
    if (Buffer.byteLength(text) > maxLineBytes) {
      const message = `The activity with all that it refers to is larger than ${maxLineBytes} bytes: make it smaller.`;
      resolve({ state: 'failed', failure: userFailure('ActivityPayloadTooLarge', message, job.name) });
      return promise;
    }
    let grace: NodeJS.Timeout | undefined;
    const stop = () => {
      send({ kind: 'cancel', jobId: job.jobId });
      const why = 'The worker was ended because it did not stop when it was asked to.';
      grace = setTimeout(() => void end('WorkerUnresponsive', why), limits.graceMs);
    };
    current = {
      job,
      onProgress,
      settle: (how) => {
        clearTimeout(grace);
        signal.removeEventListener('abort', stop);
        resolve(how);
      },
    };
    jailed.stdin.write(`${text}\n`);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    return promise;
  };
  const worker: Worker = { id, run, end, gone: gone.promise, isEnding: () => loss !== undefined };
  return { worker, ready: ready.promise };
};

/** Opens a place in `networkKey`, starts the program and waits for its first word. Errors: `WorkerStartFailure`. */
export const startWorker = async (
  network: Pick<SealedNetwork, 'open'>,
  ask: { id: string; networkKey: string; program: WorkerProgram; limits: WorkerLimits },
): Promise<Worker> => {
  const tooLate = `The worker did not start within ${ask.limits.startMs} ms.`;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new WorkerStartFailure(tooLate)), ask.limits.startMs);
  late.promise.catch(() => {});
  const opening = network.open(ask.id, ask.networkKey);
  let place: WorkerPlace | undefined;
  let worker: Worker | undefined;
  try {
    place = await Promise.race([opening, late.promise]);
    const jailed = await Promise.race([place.launch(ask.program), late.promise]);
    const conversation = converse(ask.id, place, jailed, ask.limits, ask.program.heapMiB);
    worker = conversation.worker;
    await Promise.race([conversation.ready, late.promise]);
    return worker;
  } catch (error) {
    if (worker) await worker.end('WorkerStartFailed', tooLate);
    else if (place) await place.close().catch(() => {});
    else void opening.then((opened) => opened.close()).catch(() => {});
    throw error instanceof WorkerStartFailure
      ? error
      : new WorkerStartFailure((error as Error).message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
};
