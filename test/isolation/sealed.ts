// A seal, a namespace and puppets in and outside of jails, for the tests beside. No machine that cannot seal passes.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { launchWorker } from '../../src/network/namespace/launch.ts';
import { type NamespaceMaker, startNamespaceMaker } from '../../src/network/namespace/open.ts';
import { prepareSeal, workerFolders } from '../../src/network/namespace/prepare.ts';
import type { Jailed, OpenNamespace, Seal } from '../../src/network/namespace/seal.ts';
import type { Actions } from './puppet.ts';

export const projectRoot = path.resolve(import.meta.dirname, '../..');
const puppetFile = 'test/isolation/puppet.ts';

type Outcome<Name extends keyof Actions> = Awaited<ReturnType<Actions[Name]>>;

/** A program that does what it is told. `act` resolves with what came of it. */
export type Puppet = {
  act<Name extends keyof Actions>(name: Name, ...operands: Parameters<Actions[Name]>): Promise<Outcome<Name>>;
  /** The host's process id of the outermost process. */
  pid: number;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  end(): Promise<void>;
};

/** A puppet that hears and answers over these streams. */
export const puppetOver = (
  streams: { stdin: Writable; stdout: Readable; stderr: Readable },
  rest: Pick<Puppet, 'pid' | 'exited'> & { kill(): void },
): Puppet => {
  const waiting: { resolve(outcome: never): void; reject(error: Error): void }[] = [];
  let complaints = '';
  streams.stderr.on('data', (piece: Buffer) => {
    complaints += piece;
  });
  createInterface({ input: streams.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line) as never));
  let end: Error | undefined;
  rest.exited.then(({ code, signal }) => {
    end = new Error(`the puppet ended: ${signal ?? code} ${complaints}`);
    for (const one of waiting.splice(0)) one.reject(end);
  });
  return {
    pid: rest.pid,
    exited: rest.exited,
    act: (...words) =>
      new Promise((resolve, reject) => {
        if (end) return reject(end);
        waiting.push({ resolve, reject });
        streams.stdin.write(`${JSON.stringify(words)}\n`);
      }),
    end: async () => {
      rest.kill();
      await rest.exited;
    },
  };
};

const unjailed = (command: readonly string[]): Puppet => {
  const child: ChildProcess = spawn(command[0]!, [...command.slice(1), path.join(projectRoot, puppetFile)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  return puppetOver(
    { stdin: child.stdin!, stdout: child.stdout!, stderr: child.stderr! },
    { pid: child.pid!, exited, kill: () => child.kill('SIGKILL') },
  );
};

/** The puppet as an ordinary program of the host. */
export const hostPuppet = (): Puppet => unjailed([process.execPath]);

/** The puppet in namespaces of its own where it has every capability: what a worker would be without its jail. */
export const barePuppet = (): Puppet =>
  unjailed([
    'unshare',
    '--user',
    '--map-root-user',
    '--net',
    '--mount',
    '--uts',
    '--kill-child',
    '--fork',
    process.execPath,
  ]);

/** A seal with a maker of namespaces, and everything that was started below it. */
export type Sealed = {
  seal: Seal;
  open(ports: readonly number[]): Promise<OpenNamespace>;
  /** A puppet in a jail in this namespace. */
  jail(namespace: OpenNamespace): Promise<Puppet>;
  launch(namespace: OpenNamespace, environment?: Record<string, string>): Promise<Jailed>;
  /** Ends all puppets, namespaces and the seal. */
  close(): Promise<void>;
};

/** Makes a seal whose workers see this folder too. */
export const makeSealed = async (): Promise<Sealed> => {
  const prepared = await prepareSeal({ projectRoot, folders: [...workerFolders, 'test/isolation'], warm: false });
  const maker: NamespaceMaker = await startNamespaceMaker(prepared.seal);
  const namespaces: OpenNamespace[] = [];
  const jails: Jailed[] = [];
  const launch: Sealed['launch'] = async (namespace, environment = {}) => {
    const jailed = await launchWorker(prepared.seal, namespace.networkNamespace, {
      module: `/postern/${puppetFile}`,
      environment,
    });
    jails.push(jailed);
    return jailed;
  };
  return {
    seal: prepared.seal,
    open: async (ports) => {
      const namespace = await maker.open({ ports });
      namespaces.push(namespace);
      return namespace;
    },
    launch,
    jail: async (namespace) => {
      const jailed = await launch(namespace);
      return puppetOver(jailed, jailed);
    },
    close: async () => {
      for (const jailed of jails) jailed.kill();
      await Promise.all(jails.map((jailed) => jailed.exited));
      for (const namespace of namespaces) namespace.close();
      maker.close();
      prepared.close();
    },
  };
};
