// From inside a jail: what a worker can do with names. The resolver answers what it knows by itself; nothing that a
// worker asks leaves the machine, so a question can carry nothing out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import dnsPacket, { type RecordType } from 'dns-packet';
import { sampleEndpoint, sampleNetwork } from '../network/sample.ts';
import { type Captive, greet, type Host, startTrueNetwork, type TrueNetwork } from './true-network.ts';

const sales = 'acmesales.blob.core.windows.net';

let truly: TrueNetwork;
let store: Host;
let worker: Captive;
before(async () => {
  store = await greet('acmesales');
  truly = await startTrueNetwork();
  const endpoints = [sampleEndpoint({ backend: { address: '127.0.0.1', port: store.port } })];
  await truly.apply({ networks: [sampleNetwork({ endpoints })], stores: [] });
  worker = await truly.captive('worker');
});
after(async () => {
  await truly?.close();
  store?.close();
});

type Answer = { code: string; addresses: string[]; records: number };
const ask = async (name: string, type: RecordType = 'A', transport: 'udp' | 'tcp' = 'udp'): Promise<Answer> => {
  const question = dnsPacket.encode({ type: 'query', id: 7, flags: 256, questions: [{ type, name }] });
  const { rcode, answers = [] } = dnsPacket.decode(
    Buffer.from(await worker.act('query', question.toString('hex'), transport), 'hex'),
  ) as ReturnType<typeof dnsPacket.decode> & { rcode: string };
  const addresses = answers.flatMap((each) => (each.type === 'A' ? [each.data] : []));
  return { code: rcode, addresses, records: answers.length };
};
const codes = async () => (await worker.refusals()).map(({ code, host, port }) => [code, host, port]);

test('the name of the approved endpoint resolves to its private address, over UDP and TCP', async () => {
  for (const transport of ['udp', 'tcp'] as const)
    assert.deepEqual(await ask(sales, 'A', transport), { code: 'NOERROR', addresses: ['10.77.0.4'], records: 2 });
  assert.deepEqual(await codes(), []);
});

for (const [what, name, shown] of [
  ['a NUL in a host name', `${sales}\0.attacker.example`, `${sales}\\u0000.attacker.example`],
  ['a NUL at its end', `${sales}\0`, `${sales}\\u0000`],
  ['a line feed in a host name', 'acme\nsales.blob.core.windows.net', 'acme\\nsales.blob.core.windows.net'],
  ['a space in a host name', 'acme sales.blob.core.windows.net', 'acme sales.blob.core.windows.net'],
  ['an address as a host name', '127.0.0.1', '127.0.0.1'],
  ['an address in hexadecimal as a host name', '0x7f.1', '0x7f.1'],
] as const)
  test(`${what}: REFUSED, and noted as it was asked; the plain name resolves`, async () => {
    assert.deepEqual(await ask(name), { code: 'REFUSED', addresses: [], records: 0 });
    assert.deepEqual(await codes(), [['HostNotAllowed', shown, 53]]);
    assert.deepEqual((await ask(sales)).addresses, ['10.77.0.4']);
  });

for (const name of ['localhost', 'metadata', 'db.internal', 'printer.local', '16.129.63.168.in-addr.arpa', 'wpad'])
  test(`${name}, a name of the inside: NXDOMAIN, HostNotAllowed; the endpoint's resolves`, async () => {
    assert.deepEqual(await ask(name), { code: 'NXDOMAIN', addresses: [], records: 0 });
    assert.deepEqual(await codes(), [['HostNotAllowed', name, 53]]);
    assert.deepEqual((await ask(sales)).addresses, ['10.77.0.4']);
  });

test('a tunnel of random labels: the answer is made here, and where it leads is refused; the endpoint answers', async () => {
  const secret = Buffer.from('the contents of a file, label by label').toString('hex').slice(0, 60);
  const tunnel = `${secret}.${secret}.tunnel.example.com`;
  const { addresses } = await ask(tunnel);
  assert.match(addresses.join(), /^198\.1[89]\.\d+\.\d+$/);
  for (const port of [443, 53])
    assert.match(String(await worker.act('dial', { host: addresses[0]!, port })), /^ECONN(RESET|REFUSED)$/);
  assert.deepEqual(await codes(), [['HostNotAllowed', tunnel, 443]]);
  assert.equal(await worker.act('dial', { host: sales, port: 443 }), 'answered acmesales');
});

test('a tunnel below the name of an endpoint, or of storage: refused like any store without an endpoint', async () => {
  for (const name of [`secret.${sales}`, `${sales}.tunnel.example.com`]) {
    assert.match((await ask(name)).addresses.join(), /^198\.1[89]\./);
    assert.equal(await worker.act('dial', { host: name, port: 443 }), 'ECONNRESET');
  }
  assert.deepEqual(await codes(), [
    ['PrivateEndpointRequired', `secret.${sales}`, 443],
    ['HostNotAllowed', `${sales}.tunnel.example.com`, 443],
  ]);
});

for (const type of ['TXT', 'NULL', 'MX', 'SRV', 'AAAA', 'CNAME', 'NS', 'SOA', 'CAA'] as const)
  test(`a tunnel of ${type} questions: nothing comes back, over UDP and TCP; an A question is answered`, async () => {
    for (const transport of ['udp', 'tcp'] as const)
      for (const name of [sales, 'a.tunnel.example.com'])
        assert.deepEqual(await ask(name, type, transport), { code: 'NOERROR', addresses: [], records: 0 });
    assert.deepEqual(await codes(), []);
    assert.deepEqual((await ask(sales)).addresses, ['10.77.0.4']);
  });

test('keys for an encrypted hello (HTTPS and SVCB questions): none', async () => {
  for (const type of [64, 65]) {
    const question = dnsPacket.encode({ type: 'query', id: 7, flags: 256, questions: [{ type: 'A', name: sales }] });
    question.writeUInt16BE(type, question.length - 4);
    const answer = Buffer.from(await worker.act('query', question.toString('hex'), 'udp'), 'hex');
    assert.equal(answer.readUInt16BE(6), 0);
    assert.equal(answer[3]! & 15, 0);
  }
});

test('another resolver: nothing listens, over UDP or TCP; over TLS it is an address like any; ours answers', async () => {
  assert.equal(await worker.act('datagram', { host: '8.8.8.8', port: 53 }), 'ECONNREFUSED');
  assert.equal(await worker.act('dial', { host: '8.8.8.8', port: 53 }), 'ECONNREFUSED');
  assert.deepEqual(await codes(), []);
  assert.equal(await worker.act('dial', { host: '8.8.8.8', port: 853 }), 'ECONNRESET');
  assert.deepEqual(await codes(), [['AddressLiteral', null, 853]]);
  assert.deepEqual((await ask(sales)).addresses, ['10.77.0.4']);
});
