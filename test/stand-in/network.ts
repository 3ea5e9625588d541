// A network for tests whose subject is not the network: places are ordinary child processes, nothing is sealed. What
// is sealed is tested with the real one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Jailed } from '../../src/network/namespace/seal.ts';
import type { FlowRecord, Snapshot } from '../../src/network/policy/model.ts';
import type { FlowFilter, WorkerPlace } from '../../src/network/sealed-network.ts';

/** The program that does what a job's `typeProperties.do` says. */
export const standInProgram = { module: path.join(import.meta.dirname, 'worker.ts'), heapMiB: 64 };

export type StandInNetwork = {
  open(worker: string, network: string): Promise<WorkerPlace>;
  flows(filter: FlowFilter): Promise<FlowRecord[]>;
  current(): Snapshot;
  /** Process ids of the places that are open. */
  pids(): number[];
  opened: { worker: string; network: string }[];
  /** What `flows` answers. */
  log: FlowRecord[];
  /** Ends what is left. */
  close(): Promise<void>;
};

/** `environment` is given to every worker. */
export const createStandInNetwork = (environment: Record<string, string> = {}): StandInNetwork => {
  const running = new Map<number, Jailed>();
  const opened: StandInNetwork['opened'] = [];
  const log: FlowRecord[] = [];
  return {
    opened,
    log,
    open: async (worker, network) => {
      opened.push({ worker, network });
      let jailed: Jailed | undefined;
      return {
        worker,
        network,
        launch: async (program) => {
          const child = spawn(process.execPath, [`--max-old-space-size=${program.heapMiB ?? 64}`, program.module], {
            stdio: ['pipe', 'pipe', 'pipe'],
            env: { ...environment, ...program.environment },
          });
          const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }) as Awaited<Jailed['exited']>);
          await once(child, 'spawn');
          const pid = child.pid!;
          jailed = {
            ...child,
            pid,
            stdin: child.stdin,
            stdout: child.stdout,
            stderr: child.stderr,
            exited,
            kill: () => void child.kill('SIGKILL'),
          };
          running.set(pid, jailed);
          void exited.then(() => running.delete(pid));
          return jailed;
        },
        close: async () => {
          jailed?.kill();
          await jailed?.exited;
        },
      };
    },
    flows: async ({ worker, since }) =>
      log.filter((flow) => (!worker || flow.worker === worker || flow.worker === '*') && (!since || flow.at >= since)),
    current: () => ({ version: 0, networks: [], stores: [] }),
    pids: () => [...running.keys()],
    close: async () => {
      for (const jailed of running.values()) jailed.kill();
      await Promise.all([...running.values()].map((jailed) => jailed.exited));
    },
  };
};
