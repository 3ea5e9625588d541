// What runs on this machine below a process, read from /proc.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const parentOf = (pid: number): number | null => {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
};

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

/** Network namespaces that these processes (by default: all of this machine) are in, as the kernel names them. */
export const networkNamespaces = (pids: readonly number[] = everyPid()): Set<string> =>
  new Set(pids.flatMap(networkNamespaceOf));
