// What processes cost, read from /proc.
import { readdirSync, readFileSync } from 'node:fs';

type Process = { parent: number; cpuSeconds: number };

/** The kernel counts in hundredths of a second. */
const ticksPerSecond = 100;

const readProcess = (pid: number): Process | null => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond };
  } catch {
    // It has ended by itself.
    return null;
  }
};

const all = (): Map<number, Process> =>
  new Map(
    readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
      .flatMap((pid): [number, Process][] => {
        const found = readProcess(pid);
        return found ? [[pid, found]] : [];
      }),
  );

/** CPU seconds that these processes, and all that run below them, have used so far. */
export const cpuSeconds = (roots: readonly number[]): number => {
  const processes = all();
  const isBelow = (pid: number): boolean => {
    const found = processes.get(pid);
    return found !== undefined && (roots.includes(pid) || isBelow(found.parent));
  };
  return [...processes].reduce((sum, [pid, one]) => (isBelow(pid) ? sum + one.cpuSeconds : sum), 0);
};

/** CPU seconds of all that runs below a process, without its own. */
export const cpuSecondsBelow = (pid: number): number => cpuSeconds([pid]) - (readProcess(pid)?.cpuSeconds ?? 0);

/** CPU seconds of all programs that this process has started and that have ended, so far. */
export const cpuSecondsOfEnded = (): number => {
  const text = readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
};

/** Memory of a process that is in RAM, in MB. */
export const residentMegabytes = (pid: number): number =>
  (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6;

/** Gateways of this process. */
export const gatewaysBelow = (): number[] =>
  [...all()]
    .filter(([pid, { parent }]) => parent === process.pid && commandOf(pid).includes('gateway/main.ts'))
    .map(([pid]) => pid);

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};
