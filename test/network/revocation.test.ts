// Fifty rejections through the whole of a Postern: the owner's request over HTTPS, the database, the gateways; a sealed
// worker streams meanwhile.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { asModule, startTruePostern, type TruePostern } from './true-postern.ts';

let whole: TruePostern;
let connection: string;
const arrivals: Socket[] = [];
const store = createServer((socket) => {
  socket.on('error', () => {});
  arrivals.push(socket);
  store.emit('arrival');
});

before(async () => {
  await once(store.listen(0, '127.0.0.1'), 'listening');
  whole = await startTruePostern();
  await whole.attach('acmesales', (store.address() as AddressInfo).port);
  connection = await whole.request('sales', 'acmesales');
});
after(async () => {
  await whole?.close();
  store.close();
});

/** Whether the kernel of the host has a connection between these ports. */
const isConnected = (socket: { localPort: number; remotePort: number }): boolean => {
  const hex = (port: number) => `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  return readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .some(
      (line) => line.includes(hex(socket.localPort)) && line.includes(hex(socket.remotePort)) && !/ 06 /.test(line),
    );
};

test('the answer to a rejection comes after the last byte, fifty times', async (t) => {
  const { network } = whole.postern;
  const place = await network.open('streamer', whole.networkKey);
  t.after(() => place.close());
  const jailed = await place.launch({ module: asModule('jailed-caller.ts') });
  const said = createInterface({ input: jailed.stdout })[Symbol.asyncIterator]();
  const call = `${JSON.stringify({ kind: 'flood', host: 'acmesales.blob.core.windows.net', port: 443 })}\n`;
  for (let round = 0; round < 50; round += 1) {
    await whole.decide(connection, 'Approved');
    jailed.stdin.write(call);
    if (arrivals.length === 0) await once(store, 'arrival');
    const socket = arrivals.shift()!;
    const ports = { localPort: socket.localPort!, remotePort: socket.remotePort! };
    let stored = 0;
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('data', (bytes) => {
      stored += bytes.length;
    });
    await once(socket, 'data');
    assert.ok(isConnected(ports), 'the twin: before, there is a connection');
    await whole.decide(connection, 'Rejected');
    assert.equal(isConnected(ports), false);
    const [flow] = await network.flows({ worker: 'streamer', limit: 1 });
    assert.deepEqual([flow?.end, flow?.code], ['cut', 'EndpointRejected']);
    assert.match(JSON.parse((await said.next()).value!) as string, /ECONNRESET|EPIPE/);
    await gone;
    assert.ok(stored > 0 && stored <= flow!.bytesSent);
  }
});
