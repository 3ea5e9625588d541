import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import dnsPacket, { type DecodedPacket, type RecordType } from 'dns-packet';
import fc from 'fast-check';
import { openStage } from '../../../test/network/gateway-stage.ts';
import { answerQuery, type NameAnswer } from './dns-answer.ts';

const sales = 'acmesales.blob.core.windows.net';

const query = (name: string, type: RecordType | 'HTTPS' = 'A', id = 7): Buffer =>
  dnsPacket.encode({
    type: 'query',
    id,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ type: type as RecordType, name }],
  });

const overUdp = async (port: number, packet: Buffer): Promise<DecodedPacket> => {
  const socket = createSocket('udp4');
  try {
    socket.send(packet, port, '127.0.0.1');
    const [answer] = (await once(socket, 'message')) as [Buffer];
    return dnsPacket.decode(answer);
  } finally {
    socket.close();
  }
};

const framed = (packet: Buffer): Buffer => {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(packet.length);
  return Buffer.concat([size, packet]);
};

const overTcp = async (socket: Socket): Promise<DecodedPacket> => {
  let waiting = Buffer.alloc(0);
  while (waiting.length < 2 || waiting.length < 2 + waiting.readUInt16BE(0)) {
    const [piece] = (await once(socket, 'data')) as [Buffer];
    waiting = Buffer.concat([waiting, piece]);
  }
  return dnsPacket.decode(waiting.subarray(2));
};

const dataOf = (packet: DecodedPacket) =>
  packet.answers!.map((each) => [each.type, each.name, 'data' in each ? each.data : null]);
const codeOf = (packet: DecodedPacket) => (packet as DecodedPacket & { rcode: string }).rcode;

test('a name with an endpoint is answered with its alias and its private address, over UDP and TCP', async () => {
  const stage = await openStage();
  const socket = connect(stage.dnsTcpPort, '127.0.0.1');
  try {
    const expected = [
      ['CNAME', 'AcmeSales.blob.core.windows.net', 'acmesales.privatelink.blob.core.windows.net'],
      ['A', 'acmesales.privatelink.blob.core.windows.net', '127.0.0.1'],
    ];
    const asked = query('AcmeSales.blob.core.windows.net');
    const answer = await overUdp(stage.dnsPort, asked);
    assert.deepEqual(dataOf(answer), expected);
    assert.equal(answer.id, 7);
    assert.ok(answer.answers!.every((each) => 'ttl' in each && each.ttl! <= 5));
    const frame = framed(asked);
    socket.write(frame.subarray(0, 5));
    socket.write(frame.subarray(5));
    assert.deepEqual(dataOf(await overTcp(socket)), expected);
    socket.write(framed(query('one.example.com')));
    assert.equal(dataOf(await overTcp(socket))[0]![2], '198.18.0.1');
  } finally {
    socket.destroy();
    await stage.close();
  }
});

test('a public name has one synthetic address as long as the worker lives; two names never share one', async () => {
  const stage = await openStage();
  try {
    const ask = async (name: string) => dataOf(await overUdp(stage.dnsPort, query(name)))[0]![2];
    const first = await ask('one.example.com');
    assert.equal(first, '198.18.0.1');
    assert.equal(await ask('two.example.com'), '198.18.0.2');
    assert.equal(await ask('ONE.example.com'), first);
  } finally {
    await stage.close();
  }
});

test('other types are answered empty, HTTPS and SVCB among them', async () => {
  const stage = await openStage();
  try {
    for (const name of [sales, 'one.example.com'])
      for (const type of ['AAAA', 'TXT', 'MX', 'HTTPS', 'UNKNOWN_64', 'ANY'] as RecordType[]) {
        const answer = await overUdp(stage.dnsPort, query(name, type));
        assert.deepEqual([codeOf(answer), answer.answers], ['NOERROR', []], `${name} ${type}`);
      }
  } finally {
    await stage.close();
  }
});

test('names that are none of the network’s are unknown, illegal ones refused, each recorded once', async () => {
  const stage = await openStage();
  try {
    for (const name of ['db.internal', 'localhost', 'db.internal'])
      assert.equal(codeOf(await overUdp(stage.dnsPort, query(name))), 'NXDOMAIN');
    assert.equal(codeOf(await overUdp(stage.dnsPort, query('a b.example'))), 'REFUSED');
    stage.gateway.report();
    assert.deepEqual(
      stage.records.map(({ host, port, code, verdict }) => [host, port, code, verdict]),
      ['db.internal', 'localhost', 'a b.example'].map((host) => [host, 53, 'HostNotAllowed', 'denied']),
    );
  } finally {
    await stage.close();
  }
});

test('a worker may resolve a bounded number of names; the known ones go on resolving', async () => {
  const stage = await openStage({}, { names: 3 });
  try {
    for (const name of ['a', 'b', 'c'])
      assert.equal(codeOf(await overUdp(stage.dnsPort, query(`${name}.example.com`))), 'NOERROR');
    assert.equal(codeOf(await overUdp(stage.dnsPort, query('d.example.com'))), 'REFUSED');
    assert.equal(codeOf(await overUdp(stage.dnsPort, query('a.example.com'))), 'NOERROR');
    stage.gateway.report();
    assert.match(stage.records[0]!.message, /one more name than a worker may resolve/);
  } finally {
    await stage.close();
  }
});

test('the resolver survives garbage over UDP and TCP', async () => {
  const stage = await openStage();
  const udp = createSocket('udp4');
  try {
    for (const length of [0, 1, 11, 12, 13, 600, 5000])
      udp.send(Buffer.alloc(length, 0xc0), stage.dnsPort, '127.0.0.1');
    for (const garbage of [Buffer.from([0xff, 0xff, 1]), framed(Buffer.alloc(3)), Buffer.alloc(70_000, 0xc0)]) {
      const socket = connect(stage.dnsTcpPort, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(garbage);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    assert.equal(dataOf(await overUdp(stage.dnsPort, query(sales))).length, 2);
  } finally {
    udp.close();
    await stage.close();
  }
});

test('a flood of queries is answered only so often, and the resolver goes on after it', async () => {
  const stage = await openStage();
  const socket = connect(stage.dnsTcpPort, '127.0.0.1');
  try {
    let answers = 0;
    socket.on('data', (piece: Buffer) => {
      answers += piece.length;
    });
    socket.on('error', () => {});
    const one = framed(query('one.example.com'));
    socket.write(Buffer.concat(Array.from({ length: 20_000 }, () => one)));
    await new Promise((resolve) => socket.once('close', resolve));
    assert.ok(answers < 10_000 * 64, `${answers} bytes of answers`);
  } finally {
    socket.destroy();
    await stage.close();
  }
});

const found: NameAnswer = { kind: 'address', chain: [{ name: 'a.example', alias: 'b.example' }], address: '10.77.0.4' };

test('whatever the bytes, the answer is a packet with the same id, or none', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    // A real query with some bytes changed gets deeper than noise.
    fc
      .record({ name: fc.domain(), changes: fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 }) })
      .map(({ name, changes }) => {
        const packet = query(name);
        for (const [at, value] of changes) if (at < packet.length) packet[at] = value;
        return packet;
      }),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom('udp', 'tcp'), (given, transport) => {
      const asked = Buffer.from(given);
      const answer = answerQuery(asked, transport, () => found);
      if (answer === null) return;
      assert.equal(answer.readUInt16BE(0), asked.readUInt16BE(0));
      assert.ok(answer[2]! & 0x80, 'it is a response');
      assert.ok(transport === 'tcp' || answer.length <= 512);
      dnsPacket.decode(answer);
    }),
    { numRuns: 3000, examples: [[Buffer.from('0007010000010000000000000161022e610000010001', 'hex'), 'udp']] },
  );
});

test('an answer too long for a datagram says so, and comes whole over TCP', () => {
  const long = Array.from({ length: 4 }, () => 'x'.repeat(60)).join('.');
  const answer: NameAnswer = { kind: 'address', chain: [{ name: long, alias: long }], address: '10.77.0.4' };
  const short = dnsPacket.decode(answerQuery(query(long), 'udp', () => answer)!);
  assert.ok(short.flag_tc && short.answers!.length === 0);
  assert.equal(dnsPacket.decode(answerQuery(query(long), 'tcp', () => answer)!).answers!.length, 2);
});

test('a response, or more than one question, is not answered as a query', () => {
  assert.equal(
    answerQuery(dnsPacket.encode({ type: 'response', id: 1 }), 'udp', () => found),
    null,
  );
  const two = query('a.example');
  two.writeUInt16BE(2, 4);
  assert.equal(codeOf(dnsPacket.decode(answerQuery(two, 'udp', () => found)!)), 'FORMERR');
});
