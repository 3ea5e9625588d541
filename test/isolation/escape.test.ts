// From inside a jail: everything that could lead out of it. Each refusal has a twin that shows the same call working
// where it is allowed, because a broken program looks like perfect isolation.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { addAddress, addLink, addRoute, deleteRoute, loopbackDown, type NetlinkRequest } from './netlink.ts';
import type { CallOperand } from './puppet.ts';
import { barePuppet, hostPuppet, makeSealed, type Puppet, type Sealed } from './sealed.ts';

const { EPERM, ENOSYS, EAFNOSUPPORT, EPROTONOSUPPORT } = constants.errno;

const newNetwork = 0x40000000;
const newUser = 0x10000000;
const text = (value: string): CallOperand => ({ hex: Buffer.from(`${value}\0`).toString('hex') });
const zeros = (length: number): CallOperand => ({ hex: '00'.repeat(length) });
const one: CallOperand = { hex: '01000000' };

let sealed: Sealed;
let jailed: Puppet;
let bare: Puppet;
let host: Puppet;
let folder: string;
before(async () => {
  sealed = await makeSealed();
  jailed = await sealed.jail(await sealed.open([443]));
  bare = barePuppet();
  host = hostPuppet();
  folder = mkdtempSync(join(tmpdir(), 'postern-isolation-'));
});
after(async () => {
  await Promise.all([sealed?.close(), bare?.end(), host?.end()]);
  rmSync(folder, { recursive: true, force: true });
});

describe('the network cannot be changed', () => {
  const requests: [string, NetlinkRequest][] = [
    ['an address added', addAddress],
    ['a route added', addRoute],
    ['a route deleted', deleteRoute],
    ['lo taken down', loopbackDown],
    ['a veth pair made', addLink('veth')],
  ];
  for (const [what, request] of requests)
    test(`${what}: EPERM; with capabilities it works`, async () => {
      assert.equal(await jailed.act('netlink', request), -EPERM);
      assert.equal(await bare.act('netlink', request), 0);
    });

  test('settings of the network cannot be written; with capabilities they can', async () => {
    const setting = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
    assert.equal(await jailed.act('write', setting, 1), 'EACCES');
    assert.equal(await jailed.act('read', setting), '32768\n');
    assert.equal(await jailed.act('read', '/proc/sys/net/ipv4/icmp_echo_ignore_all'), '1\n');
    assert.equal(await bare.act('write', '/proc/sys/net/ipv4/ip_forward', 0), 'written');
  });

  test('no connection inside is paced: there is no line to spare', async () => {
    assert.equal(await jailed.act('read', '/proc/sys/net/ipv4/tcp_congestion_control'), 'reno\n');
  });

  test('there is no tun device, and no netfilter socket; routing sockets, which only look, open', async () => {
    assert.equal(await jailed.act('read', '/dev/net/tun'), 'ENOENT');
    assert.equal(await jailed.act('call', 'socket', 16, 3, 12), -EPROTONOSUPPORT);
    assert.ok((await jailed.act('call', 'socket', 16, 3, 0)) >= 0);
  });

  for (const [what, level, option] of [
    ['IP_TRANSPARENT', 0, 19],
    ['SO_MARK', 1, 36],
    ['TCP_REPAIR', 6, 19],
  ] as const)
    test(`${what} on a socket: EPERM; with capabilities it works`, async () => {
      const set = async (puppet: Puppet) => {
        const socket = await puppet.act('call', 'socket', 2, 1, 0);
        return puppet.act('call', 'setsockopt', socket, level, option, one, 4);
      };
      assert.equal(await set(jailed), -EPERM);
      assert.equal(await set(bare), 0);
    });
});

describe('sockets of other kinds', () => {
  const kinds: [string, number[], number][] = [
    ['raw', [2, 3, 1], -EPROTONOSUPPORT],
    ['raw, for TCP', [2, 3, 6], -EPERM],
    ['raw, IPv6', [10, 3, 17], -EPERM],
    ['packet', [17, 3, 0x300], -EAFNOSUPPORT],
  ];
  for (const [what, operands, refusal] of kinds)
    test(`${what}: refused; with capabilities it opens`, async () => {
      assert.equal(await jailed.act('call', 'socket', ...operands), refusal);
      assert.ok((await bare.act('call', 'socket', ...operands)) >= 0);
    });

  for (const [what, family] of [
    ['vsock', 40],
    ['kernel cryptography (alg)', 38],
    ['Bluetooth', 31],
    ['TIPC', 30],
    ['XDP', 44],
  ] as const)
    test(`${what}: EAFNOSUPPORT before the kernel looks; TCP opens`, async () => {
      assert.equal(await jailed.act('call', 'socket', family, 1, 0), -EAFNOSUPPORT);
      assert.ok((await jailed.act('call', 'socket', 2, 1, 0)) >= 0);
    });

  test('vsock opens on the host', async () => {
    assert.ok((await host.act('call', 'socket', 40, 1, 0)) >= 0);
  });

  test('ping, multipath TCP and SCTP: EPROTONOSUPPORT; UDP opens', async () => {
    for (const [kind, protocol] of [
      [2, 1],
      [1, 262],
      [1, 132],
    ] as const)
      assert.equal(await jailed.act('call', 'socket', 2, kind, protocol), -EPROTONOSUPPORT);
    assert.ok((await jailed.act('call', 'socket', 2, 2, 17)) >= 0);
  });
});

describe('the kernel beyond a worker', () => {
  test('a new namespace: EPERM (clone3: ENOSYS); with capabilities it is made', async () => {
    assert.equal(await jailed.act('call', 'unshare', newNetwork), -EPERM);
    assert.equal(await jailed.act('call', 'unshare', newUser), -EPERM);
    assert.equal(await jailed.act('call', 'clone', newUser | 17), -EPERM);
    assert.equal(await jailed.act('call', 'clone3', zeros(88), 88), -ENOSYS);
    assert.equal(await jailed.act('read', '/proc/sys/user/max_user_namespaces'), '0\n');
    assert.equal(await bare.act('call', 'unshare', newNetwork), 0);
  });

  test('a namespace entered: EPERM; with capabilities one is', async () => {
    const enter = async (puppet: Puppet) => {
      const network = Number(await puppet.act('open', '/proc/self/ns/net'));
      return puppet.act('call', 'setns', network, newNetwork);
    };
    assert.equal(await jailed.act('list', '/proc/2/ns'), 'ENOENT');
    assert.equal(await enter(jailed), -EPERM);
    assert.equal(await enter(bare), 0);
  });

  test('io_uring: EPERM in all three calls; on the host a ring is made', async () => {
    for (const name of ['io_uring_setup', 'io_uring_enter', 'io_uring_register'])
      assert.equal(await jailed.act('call', name, 1, zeros(120)), -EPERM);
    assert.ok((await host.act('call', 'io_uring_setup', 1, zeros(120))) >= 0);
  });

  test('keys: EPERM; on the host the session keyring is there', async () => {
    const [getKeyringId, session] = [0, -3];
    const description = text('postern');
    assert.equal(await jailed.act('call', 'keyctl', getKeyringId, session), -EPERM);
    assert.equal(await jailed.act('call', 'add_key', text('user'), description, description, 1, session), -EPERM);
    assert.equal(await jailed.act('call', 'request_key', text('user'), description, 0, session), -EPERM);
    assert.ok((await host.act('call', 'keyctl', getKeyringId, session)) > 0);
  });

  test('mounting and its relatives: EPERM; with capabilities they work', async () => {
    const mount = ['mount', text('none'), text('/mnt'), text('tmpfs'), 0, 0] as const;
    assert.equal(await jailed.act('call', ...mount), -EPERM);
    assert.equal(await jailed.act('call', 'chroot', text('/')), -EPERM);
    assert.equal(await jailed.act('call', 'umount2', text('/proc'), 2), -EPERM);
    assert.equal(await bare.act('call', ...mount), 0);
    assert.equal(await bare.act('call', 'umount2', text('/mnt'), 2), 0);
    assert.equal(await bare.act('call', 'chroot', text('/')), 0);
    for (const name of ['fsopen', 'open_tree', 'move_mount', 'mount_setattr', 'pivot_root', 'swapon', 'sethostname'])
      assert.equal(await jailed.act('call', name, 0, 0, 0), -EPERM, name);
  });

  test('other memory, other descriptors, handles, programs for the kernel: EPERM; getpid works', async () => {
    for (const name of [
      'bpf',
      'delete_module',
      'execveat',
      'init_module',
      'kexec_load',
      'name_to_handle_at',
      'open_by_handle_at',
      'perf_event_open',
      'personality',
      'pidfd_getfd',
      'pidfd_open',
      'pidfd_send_signal',
      'process_vm_readv',
      'process_vm_writev',
      'ptrace',
      'seccomp',
      'setuid',
      'splice',
      'userfaultfd',
      'vmsplice',
    ])
      assert.equal(await jailed.act('call', name, 1, 0, 0), -EPERM, name);
    assert.equal(await jailed.act('call', 'getpid'), 1);
  });

  test('the same reach the kernel on the host', async () => {
    assert.ok((await host.act('call', 'pidfd_open', process.pid, 0)) >= 0);
    assert.ok((await host.act('call', 'userfaultfd', 1)) >= 0);
    assert.equal(await host.act('call', 'process_vm_readv', process.pid, 0, 0, 0, 0, 0), 0);
    assert.equal(await host.act('call', 'personality', -1), 0);
  });

  test('a worker starts no process: EPERM; on the host one starts', async () => {
    const childSignal = 17;
    assert.equal(await jailed.act('call', 'clone', childSignal), -EPERM);
    if (process.arch === 'x64') {
      assert.equal(await jailed.act('call', 'fork'), -EPERM);
      assert.equal(await jailed.act('call', 'vfork'), -EPERM);
    }
    assert.equal(await jailed.act('start', '/bin/sh', '-c', 'exit 3'), 'EPERM');
    assert.equal(await host.act('start', '/bin/sh', '-c', 'exit 3'), 'exited with 3');
  });

  test('characters cannot be pushed into a terminal (TIOCSTI): EPERM; sizes of queues can be asked', async () => {
    const [pushCharacter, bytesToRead] = [0x5412, 0x541b];
    assert.equal(await jailed.act('call', 'ioctl', 0, pushCharacter, zeros(8)), -EPERM);
    assert.equal(await jailed.act('call', 'ioctl', 0, bytesToRead, zeros(8)), 0);
  });

  test('the link to the parent cannot be undone: EPERM; a name can be read', async () => {
    const [setParentDeathSignal, getName] = [1, 16];
    assert.equal(await jailed.act('call', 'prctl', setParentDeathSignal, 0), -EPERM);
    assert.equal(await jailed.act('call', 'prctl', getName, zeros(16)), 0);
  });

  test('calls that are newer than the list, and x32: ENOSYS', async () => {
    assert.equal(await jailed.act('rawCall', 4000), -ENOSYS);
    if (process.arch === 'x64') assert.equal(await jailed.act('rawCall', 0x40000000 + 39), -ENOSYS);
  });

  test('a call of another machine ends the worker; 64-bit code runs', async () => {
    if (process.arch !== 'x64') return;
    const worker = await sealed.jail(await sealed.open([443]));
    const [returnSeven, thirtyTwoBitGetpid] = ['b807000000c3', 'b814000000cd80c3'];
    assert.equal(await worker.act('machineCode', returnSeven), 7);
    assert.equal(await host.act('machineCode', thirtyTwoBitGetpid), host.pid);
    await assert.rejects(worker.act('machineCode', thirtyTwoBitGetpid), /the puppet ended/);
  });
});

describe('files of the host', () => {
  test('data folder, home folder, users: ENOENT; on the host they are read', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'secret');
    assert.equal(await jailed.act('read', secret), 'ENOENT');
    assert.equal(await jailed.act('list', homedir()), 'ENOENT');
    assert.equal(await jailed.act('read', '/etc/shadow'), 'ENOENT');
    assert.equal(await host.act('read', secret), 'secret');
    assert.ok(Array.isArray(await host.act('list', homedir())));
  });

  test('a worker sees a root of its own', async () => {
    assert.deepEqual(await jailed.act('list', '/'), [
      'bin',
      'cache',
      'dev',
      'etc',
      'lib',
      'lib64',
      'postern',
      'proc',
      'tmp',
    ]);
    assert.deepEqual(await jailed.act('list', '/dev'), ['full', 'null', 'random', 'urandom', 'zero']);
    assert.deepEqual(await jailed.act('list', '/postern/src/network'), ['namespace']);
    assert.equal(await jailed.act('read', '/postern/src/main.ts'), 'ENOENT');
    assert.match(String(await jailed.act('read', '/etc/resolv.conf')), /^nameserver 168\.63\.129\.16\n/);
  });

  test('nothing can be written: EROFS; /tmp can, up to its size', async () => {
    for (const path of [
      '/x',
      '/cache/x',
      '/etc/hosts',
      '/postern/package.json',
      '/bin/node',
      '/dev/x',
      '/proc/self/exe',
    ])
      assert.match(String(await jailed.act('write', path, 1)), /^(EROFS|ETXTBSY)$/, path);
    assert.equal(await jailed.act('write', '/tmp/x', 1), 'written');
    assert.equal(await jailed.act('write', '/tmp/x', 161 * 1024 * 1024), 'ENOSPC');
    assert.equal(await jailed.act('write', '/tmp/x', 0), 'written');
  });

  test('a Unix socket of the host by path: ENOENT; on the host it answers', async () => {
    const path = join(folder, 'socket');
    const server = createServer((socket) => socket.end('host')).listen(path);
    assert.equal(await jailed.act('dial', { path }), 'ENOENT');
    assert.equal(await host.act('dial', { path }), 'answered host');
    server.close();
  });

  test('an abstract Unix socket of the host: ECONNREFUSED; on the host it answers', async () => {
    const path = `\0postern-isolation-${process.pid}`;
    const server = createServer((socket) => socket.end('host')).listen({ path });
    assert.equal(await jailed.act('dial', { path }), 'ECONNREFUSED');
    assert.equal(await host.act('dial', { path }), 'answered host');
    server.close();
  });
});

describe('other processes', () => {
  test('a worker sees itself only; the host sees more', async () => {
    const processes = async (puppet: Puppet) =>
      ((await puppet.act('list', '/proc')) as string[]).filter((name) => /^\d+$/.test(name));
    assert.deepEqual(await processes(jailed), ['1']);
    assert.ok((await processes(host)).length > 2);
  });

  test('signals: ESRCH for the control plane; on the host it is there', async () => {
    const check = 0;
    assert.equal(await jailed.act('call', 'kill', process.pid, check), -constants.errno.ESRCH);
    assert.equal(await host.act('call', 'kill', process.pid, check), 0);
  });

  test('memory of the control plane: no such file; on the host its own is there', async () => {
    assert.equal(await jailed.act('read', `/proc/${process.pid}/status`), 'ENOENT');
    assert.match(String(await host.act('read', `/proc/${process.pid}/status`)), /^Name:/);
  });
});
