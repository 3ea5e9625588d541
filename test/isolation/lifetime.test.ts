// Nothing that was started for a worker outlives it, its kill, its gateway or the control plane.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { launchWorker } from '../../src/network/namespace/launch.ts';
import type { OpenNamespace } from '../../src/network/namespace/seal.ts';
import { makeSealed, type Sealed } from './sealed.ts';

let sealed: Sealed;
before(async () => {
  sealed = await makeSealed();
});
after(() => sealed?.close());

/** The processes below and with `pid`, outermost first. */
const family = (pid: number): number[] => [
  pid,
  ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .flatMap((child) => family(Number(child))),
];
const allGone = async (pids: readonly number[]): Promise<void> => {
  const alive = (pid: number) =>
    existsSync(`/proc/${pid}/status`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  while (pids.some(alive)) await setImmediate();
};
const dialled = async (namespace: OpenNamespace) => {
  const [socket] = await once(namespace.listeners[0]!.server, 'connection');
  socket.resume().on('error', () => {});
  return socket;
};
const hold = '["dial",{"host":"10.0.0.1","port":443}]\n';

test('when the control plane is killed, its worker is gone, and with it its connections', async () => {
  const namespace = await sealed.open([443]);
  const controlPlane = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'control-plane.ts'), JSON.stringify(sealed.seal), namespace.networkNamespace],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const connection = dialled(namespace);
  const [line] = await once(controlPlane.stdout, 'data');
  controlPlane.stdin.write(hold);
  const socket = await connection;
  const pids = family(Number(String(line)));
  assert.equal(pids.length, 3);
  const ended = once(socket, 'end');
  controlPlane.kill('SIGKILL');
  await ended;
  socket.destroy();
  await allGone(pids);
});

test('kill ends every process of a jail, and is told as the end', async () => {
  const namespace = await sealed.open([443]);
  const connection = dialled(namespace);
  const jailed = await sealed.launch(namespace);
  jailed.stdin.write(hold);
  const socket = await connection;
  const pids = family(jailed.pid);
  const ended = once(socket, 'end');
  jailed.kill();
  jailed.kill();
  assert.notEqual((await jailed.exited).code, 0);
  await ended;
  socket.destroy();
  for (const pid of pids) assert.equal(existsSync(`/proc/${pid}`), false);
});

test('a worker killed before it began ends too', async () => {
  const jailed = await sealed.launch(await sealed.open([443]));
  jailed.kill();
  assert.notEqual((await jailed.exited).code, 0);
});

test('a worker whose input ends, ends with 0', async () => {
  const jailed = await sealed.launch(await sealed.open([443]));
  jailed.stdin.end();
  assert.deepEqual(await jailed.exited, { code: 0, signal: null });
});

test('a program that is not there: an end with a reason', async () => {
  const namespace = await sealed.open([443]);
  const jailed = await launchWorker(sealed.seal, namespace.networkNamespace, { module: '/postern/nothing.ts' });
  const said = (await jailed.stderr.toArray()).join('');
  assert.equal((await jailed.exited).code, 1);
  assert.match(said, /ERR_MODULE_NOT_FOUND/);
});

test('a namespace that is not there: an end with a reason, and no worker', async () => {
  const jailed = await launchWorker(sealed.seal, '/proc/self/ns/nothing', {
    module: '/postern/test/isolation/puppet.ts',
  });
  const said = (await jailed.stderr.toArray()).join('');
  assert.equal((await jailed.exited).code, 1);
  assert.match(said, /nsenter/);
});

test('thirty workers and namespaces leave no descriptor, no process and no file', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const round = async () => {
    const namespace = await sealed.open([443]);
    const jailed = await launchWorker(sealed.seal, namespace.networkNamespace, {
      module: '/postern/test/isolation/puppet.ts',
    });
    const closed = Promise.all([jailed.stdin, jailed.stdout, jailed.stderr].map((stream) => once(stream, 'close')));
    jailed.kill();
    await jailed.exited;
    await closed;
    const ended = namespace.listeners.map(({ server }) => once(server, 'close'));
    namespace.close();
    await Promise.all(ended);
  };
  await round();
  const before = descriptors();
  for (let index = 0; index < 30; index++) await round();
  assert.equal(descriptors(), before);
  assert.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.startsWith(`postern-seal-${process.pid}-`)),
    [],
  );
});

test('when the gateway closes a namespace, nothing answers any more', async (t) => {
  const namespace = await sealed.open([443]);
  namespace.listeners[0]!.server.on('connection', (socket) => socket.on('error', () => {}).end('allowed'));
  const worker = await sealed.jail(namespace);
  t.after(() => worker.end());
  assert.equal(await worker.act('dial', { host: '10.20.0.4', port: 443 }), 'answered allowed');
  namespace.close();
  assert.equal(await worker.act('dial', { host: '10.20.0.4', port: 443 }), 'ECONNREFUSED');
  assert.equal(await worker.act('datagram', { host: '168.63.129.16', port: 53 }), 'ECONNREFUSED');
});
