// The program inside the jail. Messages come in on stdin and go out on stdout, one JSON object a line; nothing else may
// write there. Almost nothing is loaded before it says `ready`: a worker's start is a person's wait.
import { Console } from 'node:console';
import type { ActivityJob } from '../activities/job.ts';
import { messageOf } from '../base/error.ts';
import { createInput } from './input.ts';
import { createOutput } from './output.ts';
import { type HostMessage, maxLineBytes } from './protocol.ts';

const output = createOutput(process.stdout);
// Whatever a library prints would break the protocol: it goes where complaints go.
globalThis.console = new Console(process.stderr, process.stderr);

let current: { jobId: string; controller: AbortController } | undefined;
const executor = () => import('./executor.ts');

const end = async (code: number): Promise<never> => {
  await Promise.race([output.flushed(), new Promise((resolve) => setTimeout(resolve, 1000))]);
  process.exit(code);
};

/** An error that no job caught: the job fails, and the worker, whose state nobody knows, ends. */
const giveUp = (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  if (current)
    output.send({
      kind: 'failed',
      jobId: current.jobId,
      failure: {
        errorCode: 'InternalError',
        message: `The worker failed: ${messageOf(error)}`.slice(0, 2000),
        failureType: 'SystemError',
        target: '',
        details: [],
      },
    });
  current = undefined;
  void end(70);
};
process.on('uncaughtException', giveUp);
process.on('unhandledRejection', giveUp);

const run = async (job: ActivityJob) => {
  const { execute, failureOf } = await executor();
  if (current) {
    const busy = new Error(`it runs job ${current.jobId} already`);
    output.send({ kind: 'failed', jobId: job.jobId, failure: failureOf(busy, job.name) });
    return;
  }
  const mine = { jobId: job.jobId, controller: new AbortController() };
  current = mine;
  await execute(job, mine.controller.signal, output);
  if (current === mine) current = undefined;
};

const take = (message: HostMessage) => {
  if (message.kind === 'run') void run(message.job);
  else if (message.kind === 'stop') void end(0);
  else
    void executor().then(({ Cancelled }) => {
      if (current?.jobId === message.jobId) current.controller.abort(new Cancelled('The activity was cancelled.'));
    });
};

const input = createInput(maxLineBytes, take);
process.stdin.on('data', (chunk: Buffer) => {
  try {
    input(chunk);
  } catch (error) {
    giveUp(error);
  }
});
process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));

output.send({ kind: 'ready' });
// After the word is out and whatever is waiting on stdin was read.
setTimeout(() => {
  executor()
    .then(({ preload }) => preload())
    .catch(giveUp);
}, 20).unref();
