// A worker's own process beside the stage, without a jail: how much memory jobs take there, and what they leave open.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ActivityJob } from '../../src/activities/job.ts';
import type { WorkerMessage } from '../../src/worker/protocol.ts';

/** KiB in one. */
const mebibyte = 1024;

// It has no namespace here that leads the stores' names to the stores.
const toLoopback =
  'data:text/javascript,import dns from "node:dns"; const { lookup } = dns; dns.lookup = (_, options, answer) => lookup("127.0.0.1", options, answer);';

/** Starts it. `caFile` is that of the stage whose stores its jobs reach. */
export const openWorker = async (caFile: string) => {
  const program = fileURLToPath(new URL('../../src/worker/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--max-old-space-size=256', '--import', toLoopback, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { NODE_EXTRA_CA_CERTS: caFile },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<WorkerMessage> => {
    const { value, done } = await lines.next();
    assert.ok(!done, 'the worker has ended');
    return JSON.parse(value) as WorkerMessage;
  };
  const status = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / mebibyte;
  assert.equal((await next()).kind, 'ready');
  return {
    /** Runs a job to its end, which must be a good one. Gives all that the worker said. */
    run: async (job: ActivityJob) => {
      const said: WorkerMessage[] = [];
      child.stdin.write(`${JSON.stringify({ kind: 'run', job })}\n`);
      do said.push(await next());
      while (said.at(-1)!.kind === 'progress');
      const last = said.at(-1)!;
      assert.ok(last.kind === 'done', JSON.stringify(last));
      return { said, output: last.output };
    },
    /** What it takes now, and the most that it ever took, in MiB. */
    memory: () => ({ now: status('VmRSS'), peak: status('VmHWM') }),
    sockets: () =>
      readdirSync(`/proc/${child.pid}/fd`).filter((descriptor) => {
        try {
          return readlinkSync(`/proc/${child.pid}/fd/${descriptor}`).startsWith('socket:');
        } catch {
          return false;
        }
      }).length,
    close: () => void child.kill('SIGKILL'),
  };
};
