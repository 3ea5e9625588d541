// What runs on this machine below a process, read from /proc.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** A number of a process's `stat`, counted from what follows its name; null where it has ended. */
const statOf = (pid: number, at: number): number | null => {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[at]);
  } catch {
    return null;
  }
};
const parentOf = (pid: number) => statOf(pid, 1);

const everyPid = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Every process below `pid`, at this moment. */
export const descendants = (pid: number): number[] => {
  const parents = new Map(everyPid().map((each) => [each, parentOf(each)]));
  const isBelow = (each: number): boolean => {
    const parent = parents.get(each);
    return parent !== undefined && parent !== null && parent > 1 && (parent === pid || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
};

const isAlive = (pid: number) => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** Resolves with those of `pids` that still run once none does, or after `limitMs`. The kernel has no event to wait for here. */
export const stillRunning = async (pids: readonly number[], limitMs = 10_000): Promise<number[]> => {
  const until = Date.now() + limitMs;
  for (;;) {
    const left = pids.filter(isAlive);
    if (left.length === 0 || Date.now() > until) return left;
    await pause(20);
  }
};

const networkNamespaceOf = (pid: number): string[] => {
  try {
    return [readlinkSync(`/proc/${pid}/ns/net`)];
  } catch {
    return [];
  }
};

/** Network namespaces that these processes are in, as the kernel names them. */
export const networkNamespaces = (pids: readonly number[]): Set<string> => new Set(pids.flatMap(networkNamespaceOf));

/** This moment as the kernel counts the beginnings of processes: hundredths of a second since the machine started. */
export const kernelNow = (): number => Math.ceil(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100);

/**
 * Resolves with those of the namespaces that a process is left in, once none is or after `limitMs`. `last` says when each was
 * known to be in use. The kernel gives numbers again: a process that began after that is in another namespace of that number.
 */
export const stillHeld = async (last: ReadonlyMap<string, number>, limitMs = 10_000): Promise<string[]> => {
  const until = Date.now() + limitMs;
  const isHeld = (pid: number) => {
    const [name = ''] = networkNamespaceOf(pid);
    const began = statOf(pid, 19);
    return last.has(name) && began !== null && began <= last.get(name)! ? [name] : [];
  };
  for (;;) {
    const left = everyPid().flatMap(isHeld);
    if (left.length === 0 || Date.now() > until) return left;
    await pause(20);
  }
};
