// A worker that does what it is told, good or hostile: `typeProperties.do` of the job names the deed.
import { appendFileSync, closeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ActivityJob } from '../../src/activities/job.ts';

const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);
const failure = (errorCode: string, message: string) => ({
  errorCode,
  message,
  failureType: 'UserError',
  target: 'what the worker says',
  details: [{ code: 'EndpointPending', message: 'forged', remedy: 'run this', endpoint: 'forged' }],
});
let cancelled = Promise.withResolvers<void>();
let jobs = 0;

const deeds: Record<string, (job: ActivityJob) => unknown> = {
  echo: (job) =>
    say({
      kind: 'done',
      jobId: job.jobId,
      output: { ...job.typeProperties, inputs: job.inputs, runId: job.runId ?? null, jobs, pid: process.pid },
    }),
  fail: (job) =>
    say({
      kind: 'failed',
      jobId: job.jobId,
      failure: failure(String(job.typeProperties.code ?? 'AzureBlobOperationFailed'), 'read ECONNRESET'),
    }),
  wait: async (job) => {
    say({ kind: 'progress', jobId: job.jobId, progress: { dataRead: 7 } });
    await cancelled.promise;
    say({ kind: 'failed', jobId: job.jobId, failure: failure('Cancelled', 'stopped') });
  },
  hang: (job) => say({ kind: 'progress', jobId: job.jobId, progress: { dataRead: 1 } }),
  'long-line': () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    let left = 100;
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!process.stdout.write(piece)) return process.stdout.once('drain', more);
      }
    };
    more();
  },
  garbage: () => process.stdout.write('\u0000\u0001{"kind":\n'),
  'not-a-message': () => say({ kind: 'launch', path: '/bin/sh' }),
  'wrong-job': () => say({ kind: 'done', jobId: 'another', output: {} }),
  'no-failure-shape': (job) => say({ kind: 'failed', jobId: job.jobId, failure: { errorCode: 'a b\n', message: 1 } }),
  flood: (job) => {
    for (let index = 0; index < 10_000; index += 1) say({ kind: 'progress', jobId: job.jobId, progress: { index } });
  },
  deep: (job) =>
    process.stdout.write(
      `{"kind":"done","jobId":"${job.jobId}","output":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}\n`,
    ),
  'big-progress': (job) => say({ kind: 'progress', jobId: job.jobId, progress: { a: 'x'.repeat(100_000) } }),
  escapes: (job) => say({ kind: 'done', jobId: job.jobId, output: { a: '\u001b[31mred\u0007' } }),
  'ready-again': () => say({ kind: 'ready' }),
  'after-done': (job) => {
    say({ kind: 'done', jobId: job.jobId, output: {} });
    say({ kind: 'done', jobId: job.jobId, output: {} });
  },
  'done-and-exit': (job) =>
    process.stdout.write(`${JSON.stringify({ kind: 'done', jobId: job.jobId, output: { last: true } })}\n`, () =>
      process.exit(0),
    ),
  exit: () => process.exit(3),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  'close-output': () => closeSync(1),
  memory: () => {
    const kept: number[][] = [];
    for (;;) kept.push(Array.from({ length: 1_000_000 }, () => kept.length));
  },
  complain: (job) => {
    process.stderr.write('x'.repeat(5_000_000));
    say({ kind: 'done', jobId: job.jobId, output: {} });
  },
};

if (process.env.STAND_IN_START === 'die') {
  process.stderr.write('cannot find the module\n');
  process.exit(9);
}
if (process.env.STAND_IN_START !== 'silent') say({ kind: 'ready' });
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.kind === 'cancel') {
    cancelled.resolve();
    continue;
  }
  jobs += 1;
  cancelled = Promise.withResolvers();
  const { job } = message as { job: ActivityJob };
  if (process.env.STAND_IN_LOG) appendFileSync(process.env.STAND_IN_LOG, `${job.name}\n`);
  void deeds[String(job.typeProperties.do)]?.(job);
}
