import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { exchange } from './exchange.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** A server of raw bytes; `sockets` are its connections in order. */
const serve = async (connected: (socket: Socket, index: number) => void) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
    connected(socket, sockets.length - 1);
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/box/a%20b?x=1`, sockets };
};
const request = (url: string, more: Partial<Parameters<typeof exchange>[0]> = {}) =>
  exchange({ method: 'GET', url, headers: [], body: undefined, into: undefined, ...more }, undefined);

const created = 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n';

test('a large body arrives byte for byte, and the connection is asked again', async () => {
  const body = Buffer.alloc(3 * 2 ** 20 + 17, 'postern');
  const received: Buffer[] = [];
  const { url, sockets } = await serve((socket) => {
    let seen = 0;
    socket.on('data', (bytes) => {
      received.push(bytes);
      seen += bytes.length;
      if (seen < body.length) return;
      seen = 0;
      socket.write(created);
    });
  });
  const headers = [['x-ms-version', '2021-12-02']] as const;
  for (let time = 0; time < 2; time += 1)
    assert.equal((await request(url, { method: 'PUT', headers, body })).status, 201);
  const head = `PUT /box/a%20b?x=1 HTTP/1.1\r\nHost: ${new URL(url).host}\r\nx-ms-version: 2021-12-02\r\nContent-Length: ${body.length}\r\n\r\n`;
  const whole = Buffer.concat([Buffer.from(head), body]);
  assert.ok(Buffer.concat(received).equals(Buffer.concat([whole, whole])));
  assert.equal(sockets.length, 1);
  sockets[0]!.destroy();
});

test('a header cannot bring another one, nor a line of its own', async () => {
  const headers = [['x-ms-meta-a', 'b\r\nHost: evil']] as const;
  await assert.rejects(request('http://127.0.0.1:1/', { headers }), { code: 'ERR_INVALID_CHAR' });
  const names = [['a: b\r\nc', 'd']] as const;
  await assert.rejects(request('http://127.0.0.1:1/', { headers: names }), { code: 'ERR_INVALID_HTTP_TOKEN' });
});

test('a store that refuses before it has heard all is believed, and asked anew elsewhere', async () => {
  const { url, sockets } = await serve((socket) => {
    socket.once('data', () => {
      socket.pause();
      socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
    });
  });
  // More than the buffers of both sides hold.
  const answer = await request(url, { method: 'PUT', body: Buffer.alloc(64 * 2 ** 20) });
  assert.deepEqual([answer.status, String(answer.text), answer.isReusable], [403, 'no', false]);
  await request(url).then(({ status }) => assert.equal(status, 403));
  assert.equal(sockets.length, 2);
  for (const socket of sockets) socket.destroy();
});

test('words that nobody asked for end the connection, and are no answer to the next question', async () => {
  const { url, sockets } = await serve((socket, index) => {
    socket.on('data', () => socket.write(index === 0 ? created : 'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n'));
  });
  assert.equal((await request(url)).status, 201);
  const closed = once(sockets[0]!, 'close');
  sockets[0]!.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
  await closed;
  assert.equal((await request(url)).status, 202);
  for (const socket of sockets) socket.destroy();
});

test('an abort ends the connection, before and while it is asked', async () => {
  const { url, sockets } = await serve(() => {});
  const controller = new AbortController();
  const asked = exchange({ method: 'GET', url, headers: [], body: undefined, into: undefined }, controller.signal);
  while (sockets.length === 0) await new Promise(setImmediate);
  const closed = once(sockets[0]!, 'close');
  sockets[0]!.resume();
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(asked, reason);
  await closed;
  await assert.rejects(
    exchange({ method: 'GET', url, headers: [], body: undefined, into: undefined }, controller.signal),
    reason,
  );
});

test('a connection that is reset in the middle of the answer fails by its own code', async () => {
  const { url } = await serve((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', () => socket.resetAndDestroy());
    });
  });
  await assert.rejects(request(url), { code: 'ECONNRESET' });
});
