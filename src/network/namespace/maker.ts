// A small trusted program that makes network namespaces for one gateway, beside it and below the seal's user namespace.
// Each has no route but to itself; its listening sockets go to the gateway, and nothing of it stays here. It lives on
// because starting Node takes ten times as long as making a namespace; it hears nobody but the gateway.
import { spawnSync } from 'node:child_process';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import type { MakerAnswer, MakerRequest } from './maker-message.ts';
import { systemCall } from './native.ts';
import { resolverAddress } from './root-plan.ts';

const newNetwork = 0x40000000;
const unshare = process.arch === 'x64' ? 272 : 97;
const setns = process.arch === 'x64' ? 308 : 268;

/** The only address of a worker besides those it dials; reserved for documentation, so no endpoint ever has it. */
const workerAddress = '192.0.2.2';
/** Below it a worker can listen on nothing; it must not exceed the lower end of the ephemeral ports. */
const firstWorkerPort = 32768;

const enterNewNetwork = (): void => {
  systemCall('unshare', unshare, newNetwork);
};

const configureNetwork = (): void => {
  const commands = [
    'link set lo up',
    `address add ${workerAddress}/32 dev lo`,
    `address add ${resolverAddress}/32 dev lo`,
    `route add local 0.0.0.0/0 dev lo src ${workerAddress}`,
    'route add local ::/0 dev lo',
  ];
  const { status, stderr } = spawnSync('/bin/ip', ['-batch', '-'], {
    input: `${commands.join('\n')}\n`,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`ip: ${stderr.trim()}`);
  // The machine's own may pace what it sends (BBR does), which costs twice as much where there is no line to spare.
  writeFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'reno');
  writeFileSync('/proc/sys/net/ipv4/icmp_echo_ignore_all', '1');
  writeFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', String(firstWorkerPort));
};

const listen = async (port: number, host: string): Promise<Server> => {
  const server = createServer().listen({ port, host, backlog: 4096 });
  await once(server, 'listening');
  return server;
};

const listenForDatagrams = async (): Promise<Socket> => {
  const socket = createSocket('udp4').bind(53, resolverAddress);
  await once(socket, 'listening');
  return socket;
};

/** Resolves once the message, with its handle, is the kernel's: our copy may then go. */
const tell = (message: MakerAnswer, handle?: Server | Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send!(message, handle, {}, (error) => (error ? reject(error) : resolve()));
  });

enterNewNetwork();
const home = openSync('/proc/self/ns/net', 'r');

/** The namespaces that are open, by the id they were opened with. */
const kept = new Map<number, number>();

const listenOn = async (id: number, ports: readonly number[]): Promise<void> => {
  for (const port of ports) {
    const server = await listen(port, '::');
    await tell({ kind: 'listener', id, port }, server);
    server.close();
  }
};

const make = async (request: { id: number; ports: readonly number[] }): Promise<void> => {
  const { id } = request;
  enterNewNetwork();
  try {
    configureNetwork();
    const udp = await listenForDatagrams();
    await tell({ kind: 'dns-udp', id }, udp);
    udp.close();
    const tcp = await listen(53, resolverAddress);
    await tell({ kind: 'dns-tcp', id }, tcp);
    tcp.close();
    await listenOn(id, request.ports);
    // The gateway opens our namespace by this descriptor and says when it has.
    const descriptor = openSync('/proc/self/ns/net', 'r');
    kept.set(id, descriptor);
    await tell({ kind: 'made', id, descriptor });
    await new Promise<void>((resolve) => {
      taken = resolve;
    });
  } finally {
    systemCall('setns', setns, home, newNetwork);
  }
};

const listenLater = async (id: number, namespace: number, ports: readonly number[]): Promise<void> => {
  const descriptor = kept.get(namespace);
  if (descriptor === undefined) throw new Error('the namespace is closed');
  systemCall('setns', setns, descriptor, newNetwork);
  try {
    await listenOn(id, ports);
  } finally {
    systemCall('setns', setns, home, newNetwork);
  }
  await tell({ kind: 'listening', id });
};

const release = (namespace: number): void => {
  const descriptor = kept.get(namespace);
  kept.delete(namespace);
  if (descriptor !== undefined) closeSync(descriptor);
};

let taken: () => void = () => {};
let queue: Promise<void> = Promise.resolve();
process.on('message', (request: MakerRequest | 'taken') => {
  if (request === 'taken') return taken();
  if (request.kind === 'release') return release(request.namespace);
  queue = queue.then(() =>
    (request.kind === 'open' ? make(request) : listenLater(request.id, request.namespace, request.ports)).catch(
      (error: Error) => tell({ kind: 'failed', id: request.id, reason: error.message }),
    ),
  );
});
process.on('disconnect', () => process.exit(0));
