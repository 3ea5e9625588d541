// Run by `src/network/gateway/public-host.test.ts` in a world of its own: what a gateway does for public hosts, on real sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { chooseReading } from '../../../src/network/gateway/buffered-socket.ts';
import { helloAgain, inRecords, realHello, serverHello } from '../client-hello.ts';
import { endOf } from '../gateway-stage.ts';
import { type OutsideStage, openOutside } from './stage.ts';

const api = 'api.example.com';
const hello = await realHello(api);
const otherHello = await realHello('other.example.com');
const namelessHello = await realHello('');

assert.equal(await chooseReading(), 'buffer');

const withStage = async (
  given: Parameters<typeof openOutside>[0],
  act: (stage: OutsideStage) => Promise<void>,
): Promise<void> => {
  const stage = await openOutside(given);
  try {
    await act(stage);
  } finally {
    await stage.close();
  }
};

/** How a flow that opens with `opening` ends, and its record. */
const tryFlow = async (stage: OutsideStage, opening: Uint8Array, host = api, port = 443) => {
  const worker = await stage.dial(host, port);
  const end = endOf(worker);
  worker.write(opening);
  const said = await end;
  return { said, record: await stage.ended(host) };
};

test('a public host is reached by its name: the hello arrives whole, bytes pass both ways, half-close included', () =>
  withStage({ names: { [api]: ['20.60.1.1'] } }, async (stage) => {
    const host = await stage.listen('20.60.1.1');
    const worker = await stage.dial(api);
    for (let at = 0; at < hello.length; at += 7) worker.write(hello.subarray(at, at + 7));
    worker.end('a question');
    const arrived = await host.arrival();
    arrived.write(serverHello());
    assert.equal((await text(arrived.resume())).slice(-10), 'a question');
    arrived.end('an answer');
    assert.equal((await text(worker)).slice(-9), 'an answer');
    const record = await stage.ended(api);
    assert.deepEqual(
      [record.code, record.end, record.host, record.bytesSent, record.bytesReceived, record.audited],
      ['Allowed.PublicHttps', 'closed', api, hello.length + 10, serverHello().length + 9, undefined],
    );
    assert.equal(stage.names.asked.length, 2, 'one question of each family, and only now');
  }));

for (const [what, opening, limits] of [
  ['another server name', otherHello, {}],
  ['no server name', namelessHello, {}],
  ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n'), {}],
  ['a stalled hello', hello.subarray(0, 50), { helloTimeoutMs: 100 }],
  ['nothing at all', Buffer.alloc(0), { helloTimeoutMs: 100 }],
] as const)
  test(`${what} is ServerNameMismatch; nobody outside hears of it`, () =>
    withStage({ names: { [api]: ['20.60.1.1'] }, limits }, async (stage) => {
      const host = await stage.listen('20.60.1.1');
      host.server.on('connection', () => assert.fail('the host was dialled'));
      const { said, record } = await tryFlow(stage, opening);
      assert.deepEqual([said, record.code, record.verdict], ['ECONNRESET', 'ServerNameMismatch', 'denied']);
      assert.deepEqual(stage.names.asked, []);
    }));

/** A flow that said hello, arrived at its host. What the host hears from then on is in `heard`. */
const openFlow = async (stage: OutsideStage, opening: Uint8Array) => {
  const host = await stage.listen('20.60.1.1');
  const worker = await stage.dial(api);
  worker.write(opening);
  const arrived = await host.arrival();
  let heard = Buffer.alloc(0);
  arrived.on('data', (bytes: Buffer) => {
    heard = Buffer.concat([heard, bytes]);
    arrived.emit('heard');
  });
  arrived.resume();
  return {
    worker,
    arrived,
    heard: async (length: number) => {
      while (heard.length < length) await once(arrived, 'heard');
      return heard;
    },
  };
};

const changeCipher = Buffer.from([20, 3, 3, 0, 1, 1]);

for (const [what, ahead, behind] of [
  ['after it was asked', Buffer.alloc(0), otherHello],
  ['behind a change of cipher', Buffer.alloc(0), Buffer.concat([changeCipher, otherHello])],
  ['in small records', Buffer.alloc(0), inRecords(otherHello.subarray(5), 3)],
  ['before it was asked', otherHello, Buffer.alloc(0)],
  ['half of it before', otherHello.subarray(0, 20), otherHello.subarray(20)],
  ['without a name', Buffer.alloc(0), namelessHello],
  ['that is none', Buffer.alloc(0), Buffer.from('GET / HTTP/1.1')],
] as const)
  test(`a host that wants the hello again never hears one for another host: ${what}`, () =>
    withStage({ names: { [api]: ['20.60.1.1'] } }, async (stage) => {
      const { worker, arrived, heard } = await openFlow(stage, Buffer.concat([hello, ahead]));
      const end = endOf(worker);
      const broken = endOf(arrived);
      arrived.write(serverHello(helloAgain));
      worker.write(behind);
      const heardMore = new Promise<never>((_, reject) => {
        heard(hello.length + 1).then(
          () => reject(new Error('The host heard more than the first hello.')),
          () => {},
        );
      });
      const ends = await Promise.race([Promise.all([end, broken]), heardMore]);
      assert.deepEqual(ends, ['ECONNRESET', 'ECONNRESET']);
      assert.deepEqual(await heard(hello.length), hello);
      const record = await stage.ended(api);
      assert.deepEqual([record.code, record.verdict, record.end], ['ServerNameMismatch', 'denied', 'failed']);
    }));

test('a host that wants the hello again hears it, in any pieces, and all that follows', () =>
  withStage({ names: { [api]: ['20.60.1.1'] } }, async (stage) => {
    const { worker, arrived, heard } = await openFlow(stage, Buffer.concat([hello, changeCipher]));
    const question = serverHello(helloAgain);
    for (const byte of question) arrived.write(Buffer.from([byte]));
    const sent = Buffer.concat([hello, changeCipher, hello, Buffer.from('and more')]);
    for (const byte of sent.subarray(hello.length + changeCipher.length)) worker.write(Buffer.from([byte]));
    assert.deepEqual(await heard(sent.length), sent);
  }));

test('nothing behind the hello leaves before the host has answered it; then all of it does', () =>
  withStage({ names: { [api]: ['20.60.1.1'] } }, async (stage) => {
    const { worker, arrived, heard } = await openFlow(stage, Buffer.concat([hello, otherHello]));
    worker.write('more');
    assert.deepEqual(await heard(hello.length), hello);
    // An answer that comes back shows that the gateway has had its turn.
    arrived.write(serverHello().subarray(0, 20));
    await once(worker, 'data');
    assert.equal((await heard(0)).length, hello.length);
    arrived.write(serverHello().subarray(20));
    const sent = Buffer.concat([hello, otherHello, Buffer.from('more')]);
    assert.deepEqual(await heard(sent.length), sent);
  }));

test('a worker that ends before its hello is whole is refused', () =>
  withStage({}, async (stage) => {
    const worker = await stage.dial(api);
    worker.end(hello.subarray(0, 20));
    assert.equal(await endOf(worker), 'ECONNRESET');
    assert.equal((await stage.ended(api)).code, 'ServerNameMismatch');
  }));

for (const address of [
  '127.0.0.1',
  '10.0.0.1',
  '169.254.169.254',
  '168.63.129.16',
  '100.64.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '0.0.0.0',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '20.70.1.1',
])
  test(`a name that leads to ${address} is TargetIsInternal`, () =>
    withStage({ names: { [api]: [address] } }, async (stage) => {
      const { said, record } = await tryFlow(stage, hello);
      assert.deepEqual([said, record.code, record.verdict], ['ECONNRESET', 'TargetIsInternal', 'denied']);
      assert.ok(record.message.includes(api) && record.remedy);
    }));

test('of several addresses only those outside are dialled, and the answer is not asked for again', () =>
  withStage({ names: { [api]: ['127.0.0.1', '20.60.1.1', '::1'] } }, async (stage) => {
    const inside = await stage.listen('127.0.0.1');
    inside.server.on('connection', () => assert.fail('the inside was dialled'));
    const host = await stage.listen('20.60.1.1');
    const worker = await stage.dial(api);
    worker.write(hello);
    await host.arrival();
    assert.equal(stage.names.asked.length, 2);
    // From now on the name leads inside; what lives goes on, what is new is refused.
    stage.names.names[api] = ['127.0.0.1'];
    const { record } = await tryFlow(stage, hello);
    assert.equal(record.code, 'TargetIsInternal');
    assert.equal(worker.destroyed, false);
  }));

test('an address that does not answer gives way to the next after its head start; one that refuses, at once', () =>
  withStage({ names: { [api]: ['20.61.1.1', '20.60.1.1', '2603:1030::1'] } }, async (stage) => {
    const host = await stage.listen('20.60.1.1');
    const worker = await stage.dial(api);
    worker.write(hello);
    const arrived = await host.arrival();
    await once(arrived.resume(), 'data');
    arrived.resetAndDestroy();
    assert.equal(await endOf(worker), 'ECONNRESET');
    assert.equal((await stage.ended(api)).code, 'Allowed.PublicHttps');
  }));

test('a host over IPv6', () =>
  withStage({ names: { [api]: ['2603:1030::1', '20.60.1.1'] } }, async (stage) => {
    const six = await stage.listen('2603:1030::1');
    const four = await stage.listen('20.60.1.1');
    (await stage.dial(api)).write(hello);
    await six.arrival();
    assert.equal(four.arrivals.length, 0);
  }));

for (const [what, addresses] of [
  ['has no address', []],
  ['refuses', ['20.60.9.9']],
  ['does not answer', ['20.61.1.1']],
] as const)
  test(`a host that ${what} is HostUnreachable`, () =>
    withStage({ names: { [api]: addresses }, limits: { dialTimeoutMs: 300 } }, async (stage) => {
      const { said, record } = await tryFlow(stage, hello);
      assert.deepEqual(
        [said, record.code, record.verdict, record.end],
        ['ECONNRESET', 'HostUnreachable', 'denied', 'failed'],
      );
    }));

test('a policy that changes cuts at every stage, before it is acknowledged', async () => {
  const stages: [string, (stage: OutsideStage) => Promise<unknown>, readonly string[] | null][] = [
    ['while the hello is read', async (stage) => (await stage.dial(api)).write(hello.subarray(0, 40)), []],
    ['while the name is resolved', async (stage) => (await stage.dial(api)).write(hello), null],
    ['while the host is dialled', async (stage) => (await stage.dial(api)).write(hello), ['20.61.1.1']],
    [
      'while bytes pass',
      async (stage) => {
        const host = await stage.listen('20.60.1.1');
        (await stage.dial(api)).write(hello);
        await once((await host.arrival()).resume(), 'data');
      },
      ['20.60.1.1'],
    ],
  ];
  for (const [when, reach, addresses] of stages)
    await withStage({ names: { [api]: addresses } }, async (stage) => {
      await reach(stage);
      while (stage.names.asked.length < 2 && when !== 'while the hello is read') await new Promise(setImmediate);
      assert.equal((await stage.gateway.apply(stage.snapshot())).cut, 0, 'the twin: nothing has changed');
      assert.equal((await stage.gateway.apply(stage.snapshot({ mode: 'None' }))).cut, 1, when);
      stage.gateway.report();
      const record = await stage.ended(api);
      assert.deepEqual([record.code, record.end, record.verdict], ['HostNotAllowed', 'cut', 'denied'], when);
    });
});

test('audit lets a host pass that is not on the list and says so; without audit the flow is cut', () =>
  withStage(
    { names: { [api]: ['20.60.1.1'] }, egress: { mode: 'AllowList', hosts: ['other.example.com'], audit: true } },
    async (stage) => {
      const host = await stage.listen('20.60.1.1');
      const worker = await stage.dial(api);
      worker.write(hello);
      await once((await host.arrival()).resume(), 'data');
      stage.gateway.report();
      const [record] = stage.records;
      assert.deepEqual(
        [record?.code, record?.verdict, record?.audited],
        ['Allowed.PublicHttps', 'allowed', 'HostNotAllowed'],
      );
      assert.equal((await stage.gateway.apply(stage.snapshot({ hosts: [api] }))).cut, 0);
      assert.equal((await stage.gateway.apply(stage.snapshot({ audit: false, hosts: [] }))).cut, 1);
    },
  ));

test('two hosts that share an address: each is reached under its own name only', () =>
  withStage(
    {
      names: { [api]: ['20.60.1.1'], 'other.example.com': ['20.60.1.1'] },
      egress: { mode: 'AllowList', hosts: [api] },
    },
    async (stage) => {
      const host = await stage.listen('20.60.1.1');
      (await stage.dial(api)).write(hello);
      await host.arrival();
      host.server.on('connection', () => assert.fail('the host was dialled'));
      assert.equal((await tryFlow(stage, otherHello, 'other.example.com')).record.code, 'HostNotAllowed');
      // The allowed name's address, under the name of the other.
      assert.equal((await tryFlow(stage, otherHello)).record.code, 'ServerNameMismatch');
    },
  ));

for (const given of [{ egress: { mode: 'AnyPort' } }, { network: 'public' }] as const)
  test(`other ports need no TLS where any port is allowed (${JSON.stringify(given)}); 443 does`, () =>
    withStage({ ...given, names: { [api]: ['20.60.1.1'] } }, async (stage) => {
      const host = await stage.listen('20.60.1.1', 22);
      const worker = await stage.dial(api, 22);
      const first = once(worker, 'data');
      (await host.arrival()).end('SSH-2.0 speaks first');
      assert.equal(String((await first)[0]), 'SSH-2.0 speaks first');
      worker.destroy();
      await stage.listen('20.60.1.1');
      const { said } = await tryFlow(stage, namelessHello);
      assert.equal(said, 'ECONNRESET');
      stage.gateway.report();
      assert.equal(stage.records.at(-1)!.code, 'ServerNameMismatch');
    }));

test('a host that the operator vouches for is dialled inside; the other rules hold', () =>
  withStage({ publicHosts: [{ host: api, backend: { address: '127.0.0.1', port: 8443 } }] }, async (stage) => {
    const host = await stage.listen('127.0.0.1', 8443);
    (await stage.dial(api)).write(hello);
    await host.arrival();
    assert.deepEqual(stage.names.asked, []);
    for (const [opening, port, code] of [
      [hello, 22, 'PortNotAllowed'],
      [hello, 8443, 'PortNotAllowed'],
      [otherHello, 443, 'ServerNameMismatch'],
    ] as const) {
      await tryFlow(stage, opening, api, port);
      stage.gateway.report();
      assert.equal(stage.records.at(-1)!.code, code);
    }
    assert.equal(host.arrivals.length, 0);
  }));
