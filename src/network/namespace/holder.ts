import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

/** A child that has made namespaces and keeps them until it is let go. */
export type Holder = {
  pid: number;
  /** Opens one of its namespaces: `user`, `mnt`, `net`, ... Closing is the caller's. */
  open(kind: string): number;
  /** Ends the child and resolves once it is gone. */
  release(): Promise<void>;
};

/** Why a step that makes namespaces failed: its name and what the tool said. */
export class StepFailure extends Error {
  readonly step: string;
  readonly said: string;

  constructor(step: string, said: string, cause?: unknown) {
    super(`${step}: ${said}`, { cause });
    this.name = 'StepFailure';
    this.step = step;
    this.said = said;
  }
}

/** Runs a command that prints `ready` once its namespaces are made and then waits for the end of its input. */
export const startHolder = async (step: string, command: readonly string[], input = ''): Promise<Holder> => {
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { LC_ALL: 'C', PATH: holderPath },
  });
  child.stdin.on('error', () => {});
  child.stdin.write(input);
  await untilReady(step, child);
  return {
    pid: child.pid!,
    open: (kind) => openSync(`/proc/${child.pid}/ns/${kind}`, 'r'),
    release: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
};

/** Inside the assembled root the tools are in /bin; outside, where the host keeps them. */
const holderPath = '/usr/sbin:/usr/bin:/sbin:/bin';

const untilReady = (step: string, child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = '';
    child.stderr!.on('data', (piece: Buffer) => {
      said = (said + piece).slice(0, 4000);
    });
    child.stdout!.once('data', () => resolve());
    child.once('error', (error) => reject(new StepFailure(step, error.message, error)));
    child.once('close', (code, signal) =>
      reject(new StepFailure(step, said.trim() || `ended with ${signal ?? `code ${code}`}`)),
    );
  });

/** Closes descriptors, whatever state they are in. */
export const closeAll = (descriptors: readonly number[]): void => {
  for (const descriptor of descriptors) closeSync(descriptor);
};
