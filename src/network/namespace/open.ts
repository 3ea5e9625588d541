import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:dgram';
import { closeSync, openSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { StepFailure } from './holder.ts';
import type { MakerAnswer, MakerRequest } from './maker-message.ts';
import { programFolder } from './root-plan.ts';
import type { Listener, OpenNamespace, Seal } from './seal.ts';
import { findTools } from './tool.ts';

/** Makes network namespaces below a seal, one at a time, for the process that calls it. */
export type NamespaceMaker = {
  /** A namespace without a route, listening on `ports` (all addresses) and for DNS. Its sockets wait for their listeners. */
  open(options: { ports: readonly number[] }): Promise<OpenNamespace>;
  /** Ends the maker. Open namespaces are not touched. */
  close(): void;
};

/** A request that the maker has not done yet, with the sockets that have come. `made`: its answer, and a namespace's descriptor. */
type Pending = {
  listeners: Listener[];
  udp?: Socket;
  tcp?: Server;
  made(descriptor: number): void;
  reject(error: Error): void;
};

/** Starts the trusted helper that makes namespaces. It lives until `close`, or dies with this process. */
export const startNamespaceMaker = async (seal: Seal): Promise<NamespaceMaker> => {
  const { tools, missing } = await findTools();
  if (missing.length > 0) throw new StepFailure('tools', `not installed: ${missing.join(', ')}`);
  const child = spawn(tools.nsenter!, makerArguments(seal), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: '/bin' },
    cwd: '/',
  });
  const pending = new Map<number, Pending>();
  let said = '';
  child.stderr!.on('data', (piece: Buffer) => {
    said = (said + piece).slice(-4000);
  });
  const fail = (reason: string) => {
    for (const [, one] of pending) one.reject(new StepFailure('network', reason));
    pending.clear();
  };
  child.on('error', (error) => fail(error.message));
  child.on('close', (code, signal) => fail(said.trim() || `the maker ended with ${signal ?? `code ${code}`}`));
  child.on('message', (answer, handle) => receive(child, pending, answer as MakerAnswer, handle));

  let next = 0;
  const send = (request: MakerRequest) => child.send(request, () => {});
  const ask = (request: (id: number) => MakerRequest) =>
    new Promise<{ id: number; one: Pending; descriptor: number }>((resolve, reject) => {
      if (!child.connected) return reject(new StepFailure('network', said.trim() || 'the maker has ended'));
      const id = next++;
      const one: Pending = { listeners: [], made: (descriptor) => resolve({ id, one, descriptor }), reject };
      pending.set(id, one);
      send(request(id));
    });
  return {
    open: async ({ ports }) => {
      const { id: namespace, one, descriptor } = await ask((id) => ({ kind: 'open', id, ports }));
      return openedNamespace(one, descriptor, {
        listen: async (more) => (await ask((id) => ({ kind: 'listen', id, namespace, ports: more }))).one.listeners,
        release: () => {
          if (child.connected) send({ kind: 'release', namespace });
        },
      });
    },
    close: () => {
      child.kill('SIGKILL');
    },
  };
};

/** One namespace by a maker that ends at once: for who needs just one. */
export const openNamespace = async (seal: Seal, options: { ports: readonly number[] }): Promise<OpenNamespace> => {
  const maker = await startNamespaceMaker(seal);
  try {
    return await maker.open(options);
  } finally {
    maker.close();
  }
};

const makerArguments = (seal: Seal): string[] =>
  [
    `--user=${seal.userNamespace}`,
    `--mount=${seal.makerMountNamespace}`,
    seal.identity ? [] : ['--preserve-credentials'],
    '--',
    ['setpriv', '--pdeathsig', 'KILL', '--bounding-set=-all,+sys_admin,+net_admin,+net_bind_service'],
    ['node', `${programFolder}/src/network/namespace/maker.ts`],
  ].flat();

const receive = (child: ChildProcess, pending: Map<number, Pending>, answer: MakerAnswer, handle: unknown): void => {
  const one = pending.get(answer.id);
  if (!one) return;
  switch (answer.kind) {
    case 'dns-udp':
      one.udp = handle as Socket;
      return;
    case 'dns-tcp':
      one.tcp = listenAgain(handle as Server);
      return;
    case 'listener':
      one.listeners.push({ port: answer.port, server: listenAgain(handle as Server) });
      return;
    case 'made': {
      const descriptor = openSync(`/proc/${child.pid}/fd/${answer.descriptor}`, 'r');
      child.send('taken');
      pending.delete(answer.id);
      one.made(descriptor);
      return;
    }
    case 'listening':
      pending.delete(answer.id);
      one.made(-1);
      return;
    case 'failed':
      pending.delete(answer.id);
      closeSockets(one);
      one.reject(new StepFailure('network', answer.reason));
  }
};

/** A handle arrives with default options and a short backlog; listening again on it sets both. */
const listenAgain = (received: Server): Server =>
  createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true }).listen(received, 4096);

const closeSockets = (one: Pending): void => {
  for (const { server } of one.listeners) server.close();
  one.tcp?.close();
  one.udp?.close();
};

const openedNamespace = (
  one: Pending,
  descriptor: number,
  maker: { listen(ports: readonly number[]): Promise<Listener[]>; release(): void },
): OpenNamespace => {
  let open = true;
  return {
    networkNamespace: `/proc/${process.pid}/fd/${descriptor}`,
    listeners: [...one.listeners],
    listen: async (ports) => {
      if (!open) throw new StepFailure('network', 'the namespace is closed');
      const more = await maker.listen(ports);
      one.listeners.push(...more);
      if (!open) closeSockets(one);
      return more;
    },
    dns: { udp: one.udp!, tcp: one.tcp! },
    close: () => {
      if (!open) return;
      open = false;
      closeSockets(one);
      closeSync(descriptor);
      maker.release();
    },
  };
};
