// From inside a jail, in the true network: everywhere a worker may try to go. Each refusal has the reason that the
// gateway noted (none where the kernel refuses and the gateway hears nothing), and a twin that goes through.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { listenedPorts } from '../../src/network/policy/listened-port.ts';
import type { Endpoint } from '../../src/network/policy/model.ts';
import { sampleEndpoint, sampleNetwork } from '../network/sample.ts';
import { hostPuppet, type Puppet } from './sealed.ts';
import {
  type Captive,
  greet,
  greetOnListenedPort,
  type Host,
  startTrueNetwork,
  type TrueNetwork,
} from './true-network.ts';

const resolver = '168.63.129.16';
const blobOf = (account: string) => `${account}.blob.core.windows.net`;
const endpointOf = (account: string, changes: Partial<Endpoint>): Endpoint =>
  sampleEndpoint({
    id: account,
    name: account,
    connection: account,
    resourceId: account,
    names: [{ host: blobOf(account), privateLinkName: `${account}.privatelink.blob.core.windows.net` }],
    ...changes,
  });

let truly: TrueNetwork;
let store: Host;
let worker: Captive;
let sibling: Captive;
let host: Puppet;

/** An approved, a pending and a rejected endpoint, and one whose store is not there; the first three stores share one address and port. */
const apply = (changes: Partial<Endpoint> = {}) => {
  const backend = { address: '127.0.0.1', port: store.port };
  const endpoints = [
    endpointOf('acmesales', { address: '10.77.0.4', ports: [443, 10000], backend, ...changes }),
    endpointOf('acmepending', { address: '10.77.0.5', state: 'Pending', backend }),
    endpointOf('acmerejected', { address: '10.77.0.6', state: 'Rejected', backend }),
    endpointOf('acmegone', { address: '10.77.0.7', state: 'Disconnected', backend: null }),
  ];
  return truly.apply({ networks: [sampleNetwork({ endpoints })], stores: [] });
};

before(async () => {
  store = await greet('acmesales');
  truly = await startTrueNetwork();
  await apply();
  [worker, sibling] = await Promise.all([truly.captive('worker'), truly.captive('sibling')]);
  host = hostPuppet();
});
after(async () => {
  await Promise.all([truly?.close(), host?.end()]);
  store?.close();
});

const sales = blobOf('acmesales');
const answers = (port = 443) => worker.act('dial', { host: sales, port }).then((said) => said === 'answered acmesales');

describe('names and ports', () => {
  test('the approved endpoint answers, by its name and by its address, on each port that it serves', async () => {
    for (const target of [sales, '10.77.0.4'])
      for (const port of [443, 10000])
        assert.equal(await worker.act('dial', { host: target, port }), 'answered acmesales');
    const codes = (await worker.flows()).map(({ code }) => code);
    assert.deepEqual(codes, Array(4).fill('Allowed.PrivateEndpoint'));
  });

  for (const [what, name, code] of [
    ['another account', blobOf('elsewhere'), 'PrivateEndpointRequired'],
    ['another sub-resource of the same account', 'acmesales.dfs.core.windows.net', 'PrivateEndpointRequired'],
    ['the same account in another cloud', 'acmesales.blob.core.chinacloudapi.cn', 'PrivateEndpointRequired'],
    ['an endpoint that waits for approval', blobOf('acmepending'), 'EndpointPending'],
    ['an endpoint that was rejected', blobOf('acmerejected'), 'EndpointRejected'],
    ['an endpoint that was removed', blobOf('acmegone'), 'EndpointDisconnected'],
    ['a host of the internet', 'collector.example.com', 'HostNotAllowed'],
  ] as const)
    test(`${what}: reset, ${code}; the approved one answers`, async () => {
      assert.equal(await worker.act('dial', { host: name, port: 443 }), 'ECONNRESET');
      assert.deepEqual(
        (await worker.refusals()).map((noted) => [noted.code, noted.host, noted.port]),
        [[code, name, 443]],
      );
      assert.ok(await answers());
    });

  test('another port of the approved endpoint: reset, UnknownPort; the one it serves answers', async () => {
    for (const port of [22, 25, 8443]) assert.equal(await worker.act('dial', { host: sales, port }), 'ECONNRESET');
    assert.deepEqual(
      (await worker.refusals()).map(({ code, port }) => [code, port]),
      [22, 25, 8443].map((port) => ['UnknownPort', port]),
    );
    assert.ok(await answers());
  });

  test('another port of a host of the internet: reset, PortNotAllowed', async () => {
    assert.equal(await worker.act('dial', { host: 'collector.example.com', port: 25 }), 'ECONNRESET');
    assert.deepEqual(
      (await worker.refusals()).map(({ code, host: name }) => [code, name]),
      [['PortNotAllowed', 'collector.example.com']],
    );
  });

  test('a port where no namespace listens: ECONNREFUSED by the kernel, and the gateway hears nothing', async () => {
    assert.equal(await worker.act('dial', { host: '10.77.0.4', port: 444 }), 'ECONNREFUSED');
    assert.equal(await worker.act('dial', { host: '2001:db8::1', port: 1111 }), 'ECONNREFUSED');
    assert.deepEqual(await worker.refusals(), []);
    assert.ok(await answers());
  });

  test('two hosts that share one address and port of a store: the rejected one is refused, the approved one answers', async () => {
    const before = store.arrivals();
    assert.equal(await worker.act('dial', { host: blobOf('acmerejected'), port: 443 }), 'ECONNRESET');
    assert.equal(store.arrivals(), before);
    assert.deepEqual(
      (await worker.refusals()).map(({ code, address }) => [code, address]),
      [['EndpointRejected', '10.77.0.6']],
    );
    assert.ok(await answers());
    assert.equal(store.arrivals(), before + 1);
  });
});

describe('addresses without a name', () => {
  for (const address of [
    '93.184.216.34',
    '169.254.169.254',
    '10.77.0.200',
    '10.20.0.5',
    '172.16.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '127.1.2.3',
    '192.0.2.2',
    '168.63.129.16',
    '198.18.77.1',
    '0.0.0.0',
    '::1',
    '::ffff:169.254.169.254',
    '2001:db8::1',
    'fe80::1%lo',
    'fd00::1',
  ])
    test(`${address}: reset, AddressLiteral; the address of the approved endpoint answers`, async () => {
      assert.equal(await worker.act('dial', { host: address, port: 443 }), 'ECONNRESET');
      const noted = await worker.refusals();
      assert.deepEqual(
        noted.map(({ code, host: name, port }) => [code, name, port]),
        [['AddressLiteral', null, 443]],
      );
      if (address !== '0.0.0.0') assert.equal(noted[0]?.address, address.replace(/%lo$|^::ffff:/, ''));
      assert.equal(await worker.act('dial', { host: '10.77.0.4', port: 443 }), 'answered acmesales');
    });

  test('the metadata service on port 80: reset, AddressLiteral', async () => {
    assert.equal(await worker.act('dial', { host: '169.254.169.254', port: 80 }), 'ECONNRESET');
    assert.deepEqual(await worker.refusals(), [
      { code: 'AddressLiteral', host: null, address: '169.254.169.254', port: 80 },
    ]);
  });

  test('a service of the host, at every address that the host has: reset, and never reached; on the host, and through an endpoint, it answers', async (t) => {
    const service = await greetOnListenedPort(
      'host',
      listenedPorts({ version: 0, networks: [], stores: [] }),
      '0.0.0.0',
    );
    t.after(service.close);
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    const addresses = own.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
    const mapped = addresses.map((address) => `::ffff:${address}`);
    for (const address of [...addresses, ...mapped, '0.0.0.0', 'localhost'])
      assert.match(
        String(await worker.act('dial', { host: address, port: service.port })),
        /^(ECONNRESET|ENOTFOUND|EAI_AGAIN)$/,
        address,
      );
    assert.equal(service.arrivals(), 0);
    const codes = (await worker.refusals()).map(({ code }) => code);
    assert.ok(
      codes.length > addresses.length && codes.every((code) => /^(AddressLiteral|HostNotAllowed)$/.test(code)),
      `${codes}`,
    );
    for (const address of addresses)
      assert.equal(await host.act('dial', { host: address, port: service.port }), 'answered host', address);
    await apply({ backend: { address: '127.0.0.1', port: service.port } });
    assert.equal(await worker.act('dial', { host: sales, port: 443 }), 'answered host');
    await apply();
  });

  test('a service of the host on a port where no namespace listens: ECONNREFUSED; on the host it answers', async (t) => {
    const service = await greet('host');
    t.after(service.close);
    assert.equal(await worker.act('dial', { host: '127.0.0.1', port: service.port }), 'ECONNREFUSED');
    assert.equal(await host.act('dial', { host: '127.0.0.1', port: service.port }), 'answered host');
    assert.equal(service.arrivals(), 1);
  });

  test('a forged source changes nothing: the gateway knows a worker by its namespace', async () => {
    const forged = { host: '10.20.0.9', port: 443, localAddress: '198.51.100.7' };
    assert.equal(await sibling.act('dial', forged), 'ECONNRESET');
    assert.deepEqual(await worker.refusals(), []);
    assert.deepEqual(
      (await sibling.refusals()).map(({ code, address }) => [code, address]),
      [['AddressLiteral', '10.20.0.9']],
    );
    const sourced = { host: '10.77.0.4', port: 443, localAddress: '198.51.100.7' };
    assert.equal(await sibling.act('dial', sourced), 'answered acmesales');
  });
});

describe('not by TCP', () => {
  test('UDP to anyone: ECONNREFUSED; the resolver answers', async () => {
    for (const [address, port] of [
      ['8.8.8.8', 53],
      ['8.8.8.8', 443],
      ['10.77.0.4', 443],
      ['2001:db8::1', 53],
      [resolver, 5353],
    ] as const)
      assert.equal(await worker.act('datagram', { host: address, port }), 'ECONNREFUSED', `${address}:${port}`);
    assert.equal(await worker.act('resolveName', sales), '10.77.0.4');
  });

  test('a broadcast goes nowhere; on the host one is heard', async () => {
    const heard: string[] = [];
    const listener = createSocket('udp4', (bytes) => heard.push(String(bytes))).bind(0, '0.0.0.0');
    await once(listener, 'listening');
    const { port } = listener.address();
    await worker.act('datagram', { host: '255.255.255.255', port, broadcast: true });
    await worker.act('datagram', { host: '224.0.0.1', port, broadcast: true });
    const arrived = once(listener, 'message');
    assert.equal(await host.act('datagram', { host: '127.255.255.255', port, broadcast: true }), 'sent');
    await arrived;
    assert.deepEqual(heard, ['question']);
    listener.close();
  });
});

describe('among workers', () => {
  test("the gateway's ports cannot be taken: EACCES; a high port can", async () => {
    for (const port of [443, 10000, 1024, 32767]) assert.equal(await worker.act('listen', { port }), 'EACCES');
    assert.equal(await worker.act('listen', { port: 53, host: resolver }), 'EACCES');
    assert.equal(await worker.act('listen', { port: 40000 }), 'listening');
  });

  test('a high port of one worker is not there for its sibling; it is for itself', async () => {
    assert.equal(await worker.act('listen', { port: 40001 }), 'listening');
    assert.equal(await worker.act('dial', { host: '127.0.0.1', port: 40001 }), 'answered from a worker');
    for (const address of ['127.0.0.1', '192.0.2.2', '::1'])
      assert.equal(await sibling.act('dial', { host: address, port: 40001 }), 'ECONNREFUSED');
  });

  test('an abstract Unix socket of one worker is not there for its sibling; it is for itself', async () => {
    const path = '\0sibling';
    assert.equal(await worker.act('listen', { path }), 'listening');
    assert.equal(await worker.act('dial', { path }), 'answered from a worker');
    assert.equal(await sibling.act('dial', { path }), 'ECONNREFUSED');
  });

  test('files of one worker are not there for its sibling', async () => {
    assert.equal(await worker.act('write', '/tmp/mine', 3), 'written');
    assert.equal(await worker.act('read', '/tmp/mine'), '\0\0\0');
    assert.equal(await sibling.act('read', '/tmp/mine'), 'ENOENT');
  });

  test('one worker that takes all connections it can get: TooManyFlows beyond its share; its sibling is served', async () => {
    const greedy = await truly.captive('greedy');
    const how = await greedy.act('hold', { host: '10.77.0.4', port: 443, count: 270 });
    assert.equal(how.filter((each) => each === 'open').length, 256);
    assert.equal(how.filter((each) => each === 'ECONNRESET').length, 14);
    const codes = (await greedy.refusals()).map(({ code }) => code);
    assert.deepEqual(codes, Array(14).fill('TooManyFlows'));
    assert.equal(await sibling.act('dial', { host: sales, port: 443 }), 'answered acmesales');
    await greedy.end();
  });
});

describe('after a rejection', () => {
  test('connections that were accepted before it, idle or half-closed, are reset; before it they carried', async () => {
    const keeper = await truly.captive('keeper');
    const target = { host: sales, port: 443, count: 5 };
    assert.deepEqual(await keeper.act('hold', target), Array(5).fill('open'));
    assert.deepEqual(await keeper.act('writeToHeld'), { 'answered still here?': 5 });
    for (const isHalfClosed of [false, true]) {
      await keeper.act('hold', target);
      if (isHalfClosed) assert.equal(await keeper.act('halfClose'), 5);
      assert.ok((await apply({ state: 'Rejected' })).cut >= 5);
      assert.deepEqual(await keeper.act('writeToHeld'), { ECONNRESET: 5 });
      const cut = (await keeper.flows()).filter(({ end }) => end === 'cut');
      assert.ok(cut.length >= 5);
      assert.deepEqual([...new Set(cut.map(({ code, verdict }) => `${verdict} ${code}`))], ['denied EndpointRejected']);
      await apply();
    }
    await keeper.end();
  });

  test('the address that was resolved before it leads nowhere; after a new approval it answers again', async () => {
    const address = await worker.act('resolveName', sales);
    await apply({ state: 'Rejected' });
    await worker.flows();
    assert.equal(await worker.act('dial', { host: address, port: 443 }), 'ECONNRESET');
    assert.deepEqual(
      (await worker.refusals()).map(({ code, host: name }) => [code, name]),
      [['EndpointRejected', sales]],
    );
    await apply();
    assert.equal(await worker.act('dial', { host: address, port: 443 }), 'answered acmesales');
  });

  test('an address that another endpoint has now does not lead there for who resolved it before', async () => {
    assert.equal(await worker.act('resolveName', sales), '10.77.0.4');
    await apply({ names: [{ host: blobOf('acmenext'), privateLinkName: null }], name: 'acmenext' });
    await worker.flows();
    assert.equal(await worker.act('dial', { host: '10.77.0.4', port: 443 }), 'ECONNRESET');
    assert.deepEqual(
      (await worker.refusals()).map(({ code, host: name }) => [code, name]),
      [['PrivateEndpointRequired', sales]],
    );
    assert.equal(await worker.act('dial', { host: blobOf('acmenext'), port: 443 }), 'answered acmesales');
    await apply();
    assert.ok(await answers());
  });
});
