// A worker's program that turns on the control plane as soon as it has a job: `typeProperties.do` names the deed.
import { createInterface } from 'node:readline';
import { addressOf, trySystemCall } from '../../src/network/namespace/native.ts';
import { systemCallNumber } from './system-call-number.ts';

type Job = { jobId: string; typeProperties: { do: string } };
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** One `sendmsg` with the descriptor of standard input in it. The kernel's answer. */
const sendDescriptor = (): number => {
  const text = Buffer.from('x');
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(addressOf(text), 0);
  vector.writeBigUInt64LE(1n, 8);
  const control = Buffer.alloc(24);
  control.writeBigUInt64LE(20n, 0);
  control.writeInt32LE(1, 8);
  control.writeInt32LE(1, 12);
  const message = Buffer.alloc(56);
  message.writeBigUInt64LE(addressOf(vector), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(addressOf(control), 32);
  message.writeBigUInt64LE(24n, 40);
  return trySystemCall(systemCallNumber('sendmsg'), 1, message, 0);
};

const deeds: Record<string, (job: Job) => void> = {
  /** The twin: a worker that behaves. */
  behave: ({ jobId }) => say({ kind: 'done', jobId, output: { behaved: true } }),
  'a line of 100 MB': () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    let left = 100;
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!process.stdout.write(piece)) return void process.stdout.once('drain', more);
      }
    };
    more();
  },
  'descriptors, 200 times': ({ jobId }) => {
    const answers = new Set(Array.from({ length: 200 }, sendDescriptor));
    say({ kind: 'done', jobId, output: { answers: [...answers] } });
  },
  'a forged reason': ({ jobId }) =>
    say({
      kind: 'failed',
      jobId,
      failure: {
        errorCode: 'Forged',
        message: 'forged',
        failureType: 'UserError',
        target: 'forged',
        details: [{ code: 'EndpointPending', message: 'forged', remedy: 'run this as root', endpoint: 'forged' }],
      },
    }),
  'the end of another job': () => say({ kind: 'done', jobId: 'another', output: {} }),
};

say({ kind: 'ready' });
for await (const line of createInterface({ input: process.stdin })) {
  const { job } = JSON.parse(line) as { job: Job };
  deeds[job.typeProperties.do]?.(job);
}
