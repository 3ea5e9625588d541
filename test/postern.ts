// Starts the real command in a process of its own, as a person would, and connects to it with the official clients.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, connect } from '../src/cli/client.ts';
import type { Connection } from '../src/main.ts';
import { compiledIn } from './compiled.ts';

const root = path.resolve(import.meta.dirname, '..');

/** A running `postern up` with a data folder of its own. */
export type RunningPostern = {
  pid: number;
  dataDir: string;
  connection: Connection;
  /** The administrator, through the command's own client. */
  admin: Client;
  /** All that the process has printed. */
  printed(): string;
  /** Sends a signal and resolves with the exit once the process is gone. The data folder stays. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Stops it if it runs, and removes the data folder. */
  discard(): Promise<void>;
};

/** A new data folder, empty but for the compiled code of workers. */
export const newDataFolder = async (): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-test-'));
  await compiledIn(folder);
  return folder;
};

const whenServing = (child: ChildProcess, printed: () => string) =>
  new Promise<void>((resolve, reject) => {
    const look = () => {
      if (printed().includes('Postern serves')) resolve();
    };
    child.stdout?.on('data', look);
    child.once('exit', (code, signal) => reject(new Error(`postern up ended (${code ?? signal}):\n${printed()}`)));
  });

/** Starts `postern up` on a free port and resolves once it serves; the failure carries what it printed. */
export const startPosternProcess = async (dataDir?: string, more: readonly string[] = []): Promise<RunningPostern> => {
  const folder = dataDir ?? (await newDataFolder());
  const child = spawn(
    process.execPath,
    [path.join(root, 'bin/postern.js'), 'up', '--data', folder, '--port', '0', ...more],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  await whenServing(child, () => text);
  const connection = JSON.parse(await readFile(path.join(folder, 'connection.json'), 'utf8')) as Connection;
  const admin = await connect(connection);
  assert.ok(child.pid);
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    admin.close();
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  return {
    pid: child.pid,
    dataDir: folder,
    connection,
    admin,
    printed: () => text,
    stop,
    discard: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
