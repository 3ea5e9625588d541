// The only things that a worker and the control plane share are three pipes.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { systemCall } from '../../src/network/namespace/native.ts';
import { hostPuppet, makeSealed, type Puppet, type Sealed } from './sealed.ts';
import { systemCallNumber } from './system-call-number.ts';

const { ENOTSOCK, EISCONN } = constants.errno;

let sealed: Sealed;
let worker: Puppet;
let host: Puppet;
before(async () => {
  process.env.POSTERN_ISOLATION_SECRET = 'secret';
  sealed = await makeSealed();
  worker = await sealed.jail(await sealed.open([443]));
  host = hostPuppet();
});
after(async () => {
  delete process.env.POSTERN_ISOLATION_SECRET;
  await Promise.all([sealed?.close(), host?.end()]);
});

test('standard streams are pipes; on the host they are sockets', async () => {
  for (const descriptor of [0, 1, 2]) {
    assert.match(String(await worker.act('link', `/proc/self/fd/${descriptor}`)), /^pipe:/);
    assert.match(String(await host.act('link', `/proc/self/fd/${descriptor}`)), /^socket:/);
  }
});

test('no other file, socket or namespace is open, though the parent has some it did not close on exec', async (t) => {
  const leaking = openSync('/etc/passwd', 'r');
  const [setDescriptorFlags, none] = [2, 0];
  systemCall('fcntl', process.arch === 'x64' ? 72 : 25, leaking, setDescriptorFlags, none);
  const leaky = hostPuppet();
  t.after(async () => {
    await leaky.end();
    closeSync(leaking);
  });
  const fresh = await sealed.jail(await sealed.open([443]));
  const open = async (puppet: Puppet) => {
    const names = (await puppet.act('list', '/proc/self/fd')) as string[];
    return Promise.all(names.map(async (name) => String(await puppet.act('link', `/proc/self/fd/${name}`))));
  };
  const known = /^(pipe:|anon_inode:\[(eventpoll|eventfd)\]$|\/dev\/null$|\/dev\/urandom$|ENOENT$)/;
  assert.deepEqual(
    (await open(fresh)).filter((link) => !known.test(link)),
    [],
  );
  assert.ok((await open(leaky)).includes('/etc/passwd'));
});

test('a descriptor sent over standard output: ENOTSOCK, 200 times; over a socket it goes', async () => {
  for (let index = 0; index < 200; index++) assert.equal(await worker.act('sendDescriptor', 1, 0), -ENOTSOCK);
  const pair = await worker.act('socketPair');
  assert.equal(await worker.act('sendDescriptor', pair[0]!, 0), 1);
});

test('standard streams cannot be aimed elsewhere: ENOTSOCK; a socket takes the call', async () => {
  const unspecified = { hex: '00'.repeat(16) };
  for (const descriptor of [0, 1, 2])
    assert.equal(await worker.act('call', 'connect', descriptor, unspecified, 16), -ENOTSOCK);
  const pair = await worker.act('socketPair');
  assert.equal(await worker.act('listen', { path: '\0x' }), 'listening');
  const abstract = { hex: '01000078' };
  assert.equal(await worker.act('call', 'connect', pair[0]!, abstract, 4), -EISCONN);
});

test("there is no channel of Node's; a forked program has one", async (t) => {
  assert.equal(await worker.act('channel'), 'undefined');
  const forked = fork(path.join(import.meta.dirname, 'puppet.ts'), { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
  t.after(() => forked.kill());
  forked.stdin!.write('["channel"]\n');
  assert.equal(String((await once(forked.stdout!, 'data'))[0]), '"function"\n');
});

test('nothing of the environment comes in; on the host all of it does', async () => {
  assert.deepEqual(Object.keys(await worker.act('environment')).sort(), [
    'HOME',
    'LANG',
    'NODE_COMPILE_CACHE',
    'PATH',
    'TZ',
  ]);
  assert.equal((await host.act('environment')).POSTERN_ISOLATION_SECRET, 'secret');
});

test('the session keyring is fresh: what the control plane holds in its own is not there; on the host it is', async (t) => {
  const [joinSession, session] = [1, -3];
  systemCall('keyctl', systemCallNumber('keyctl'), joinSession, 0);
  const [type, description, payload] = ['user', 'postern-isolation', 'x'].map((value) => Buffer.from(`${value}\0`));
  systemCall('add_key', systemCallNumber('add_key'), type!, description!, payload!, 1, session);
  const [fresh, beside] = [await sealed.jail(await sealed.open([443])), hostPuppet()];
  t.after(() => beside.end());
  assert.match(readFileSync('/proc/keys', 'utf8'), /postern-isolation/);
  assert.match(String(await beside.act('read', '/proc/keys')), /postern-isolation/);
  assert.equal(await fresh.act('read', '/proc/keys'), '');
});

test('limits: no core files, few descriptors, few threads; a few threads start', async () => {
  const limits = String(await worker.act('read', '/proc/self/limits'));
  assert.match(limits, /^Max core file size +0 +0 /m);
  assert.match(limits, /^Max open files +(\d{1,3}|[1-3]\d{3}|40\d\d) +/m);
  assert.match(limits, /^Max processes +256 +256 /m);
  assert.equal(await worker.act('startThreads', 3), 3);
});

test('seen from the host, a worker has no capability, and never the identity of root', () => {
  const status = readFileSync(`/proc/${innermost(worker.pid)}/status`, 'utf8');
  assert.match(status, /^CapEff:\s+0+$/m);
  assert.match(status, /^CapBnd:\s+0+$/m);
  assert.match(status, /^NoNewPrivs:\s+1$/m);
  assert.match(status, /^Seccomp:\s+2$/m);
  const identity = process.getuid!() === 0 ? 60900 : process.getuid!();
  assert.match(status, new RegExp(`^Uid:\\s+${[identity, identity, identity, identity].join('\\s+')}$`, 'm'));
  if (process.getuid!() === 0) assert.match(status, /^Groups:\s*$/m);
});

const innermost = (pid: number): number => {
  const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return child === '' ? pid : innermost(Number(child));
};
