import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Owned } from './owned.ts';

/** A running HAProxy. */
export type Haproxy = { port: number; pid: number; close(): Promise<void> };

/** How it is set up: to splice where it thinks that it pays, or always and by pipes of 1 MiB, which is the most it can do. */
export type HaproxyManner = 'splice-auto' | 'splice-always';

const ways: Readonly<Record<HaproxyManner, { globally: string; option: string }>> = {
  'splice-auto': { globally: '', option: 'option splice-auto' },
  'splice-always': {
    globally: '\n  tune.pipesize 1048576',
    option: 'option splice-request\n  option splice-response',
  },
};

/** The peers of the relay that are installed, by their names in the tables: none, or HAProxy in both manners. */
export const startPeers = async (owned: Owned, backendPort: number): Promise<(Haproxy & { name: string })[]> => {
  const found: (Haproxy & { name: string })[] = [];
  for (const [name, manner] of [
    ['HAProxy', 'splice-auto'],
    ['HAProxy, 1 MiB pipes', 'splice-always'],
  ] as const) {
    const haproxy = await startHaproxy(backendPort, manner);
    if (haproxy) found.push({ ...(await owned.add(Promise.resolve(haproxy))), name });
  }
  return found;
};

/** What to say where there is none. */
export const noPeer = 'HAProxy is not installed (`apt install haproxy`), so it is not compared';

/** A TCP relay that a C programmer would choose, splicing where the kernel can; null where it is not installed. */
export const startHaproxy = async (
  backendPort: number,
  manner: HaproxyManner = 'splice-auto',
): Promise<Haproxy | null> => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-haproxy-'));
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  await writeFile(
    file,
    `global
  maxconn 4000${ways[manner].globally}
defaults
  mode tcp
  ${ways[manner].option}
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen relay
  bind 127.0.0.1:${port}
  server store 127.0.0.1:${backendPort}
`,
  );
  const child = spawn('haproxy', ['-db', '-q', '-f', file], { stdio: ['ignore', 'ignore', 'ignore'] });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100 && child.exitCode === null && child.pid !== undefined; tries++) {
    if (await accepts(port)) return { port, pid: child.pid, close };
    await pause(50);
  }
  await close();
  return null;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
