import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { StepFailure } from './holder.ts';
import { closeEnd, inheritNothing, openPipe, pipeStream } from './pipe.ts';
import { cacheFolder, programFolder } from './root-plan.ts';
import type { Jailed, Seal, WorkerProgram } from './seal.ts';
import { findTools } from './tool.ts';

/** Size of a worker's /tmp, which is memory: the largest row group that Parquet files usually have, and some more. */
const scratchMiB = 160;
const openFiles = 4096;
/** Threads of one worker. Kernels before 5.14 count all of the user's, wherever they run: there it would hit the user. */
const threads = 256;
const [major, minor] = release().split('.').map(Number);
const threadLimit = major! > 5 || (major === 5 && minor! >= 14) ? [`--nproc=${threads}`] : [];
const defaultHeapMiB = 256;

const enterJail = readFileSync(new URL('enter-jail.sh', import.meta.url), 'utf8');

/** Starts `program` in a jail of its own in a network namespace. What fails after this process has started shows on stderr and as an exit code. */
export const launchWorker = async (seal: Seal, networkNamespace: string, program: WorkerProgram): Promise<Jailed> => {
  const { tools } = await tooling();
  inheritNothing();
  const input = openPipe();
  const output = openPipe();
  const complaints = openPipe();
  const theirs = [input.reading, output.writing, complaints.writing];
  const child = spawn(tools.nsenter!, jailArguments(seal, networkNamespace, program, process.pid), {
    stdio: theirs,
    env: workerEnvironment(seal, program),
    cwd: '/',
  });
  for (const descriptor of theirs) closeEnd(descriptor);
  const stdin = pipeStream(input.writing, 'writable');
  // A worker that is gone is told by `exited`, not by EPIPE.
  stdin.on('error', () => {});
  const exited = watch(child);
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new StepFailure('jail', `nsenter did not start: ${(error as Error).message}`, error);
  }
  const stdout = pipeStream(output.reading, 'readable');
  const stderr = pipeStream(complaints.reading, 'readable');
  exited.then(() => {
    stdin.destroy();
    // What nobody reads would keep its descriptor for ever.
    for (const stream of [stdout, stderr]) if (stream.readableFlowing === null) stream.resume();
  });
  return { pid: child.pid!, stdin, stdout, stderr, exited, kill: () => kill(child) };
};

let toolsOnce: ReturnType<typeof findTools> | undefined;
const tooling = () => {
  toolsOnce ??= findTools();
  return toolsOnce;
};

const watch = (child: ChildProcess): Jailed['exited'] =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });

/**
 * The child waits for the first process of the jail, and that one for all others: so end that one. Before it exists,
 * ending the child is enough, and the kernel ends what the child may be starting.
 */
const kill = (child: ChildProcess): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const first = firstProcesses(child.pid);
  for (const pid of first) signalIfThere(pid);
  if (first.length === 0) child.kill('SIGKILL');
};

const firstProcesses = (parent: number): number[] => {
  const file = `/proc/${parent}/task/${parent}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
};

const signalIfThere = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

/** Complete: nothing of the control plane's environment reaches a worker. */
const workerEnvironment = (seal: Seal, program: WorkerProgram): Record<string, string> => ({
  PATH: '/bin',
  HOME: '/tmp',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  NODE_COMPILE_CACHE: cacheFolder,
  ...(seal.authority && { NODE_EXTRA_CA_CERTS: seal.authority }),
  ...program.environment,
});

/**
 * From the outside in: join the three namespaces; die with the control plane; make the worker's own namespaces; set up
 * what needs capabilities; limit; give all capabilities up for good; filter; become Node.
 */
const jailArguments = (seal: Seal, networkNamespace: string, program: WorkerProgram, parent: number): string[] =>
  [
    `--user=${seal.userNamespace}`,
    `--mount=${seal.mountNamespace}`,
    `--net=${networkNamespace}`,
    seal.identity ? [] : ['--preserve-credentials'],
    '--',
    ['setpriv', '--pdeathsig', 'KILL'],
    // Had the parent died just before, the signal would never come.
    ['sh', '-c', `test "$PPID" = ${parent} && exec "$@"`, 'with-parent'],
    // A process namespace whose trusted first process ends everything below when it ends, whatever a worker does.
    ['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'],
    ['unshare', '--user', '--map-root-user', '--mount', '--pid', '--ipc', '--uts', '--cgroup'],
    ['--fork', '--kill-child=KILL', '--mount-proc'],
    ['sh', '-c', enterJail, 'enter-jail', `${scratchMiB}m`],
    ['prlimit', '--core=0', `--nofile=${Math.min(openFiles, hardLimit('Max open files'))}`, ...threadLimit],
    ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs'],
    ['--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all', '--securebits=+noroot,+noroot_locked'],
    ['/bin/launcher', '/bin/node', `--max-old-space-size=${program.heapMiB ?? defaultHeapMiB}`],
    [`${programFolder}/src/network/namespace/bootstrap.ts`, program.module, ...(program.arguments ?? [])],
  ].flat();

const hardLimit = (name: string): number => {
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(name));
  const hard = line?.slice(name.length).trim().split(/\s+/)[1];
  return hard === undefined || hard === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(hard);
};
