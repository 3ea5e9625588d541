import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { endConnections } from './connection.ts';

test('connections that a client keeps for later end too', async (context) => {
  const server = http.createServer((_, response) => response.end('ok'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const connected = once(server, 'connection');
  const { port } = server.address() as { port: number };
  const agent = new http.Agent({ keepAlive: true });
  const [response] = await once(http.get({ host: '127.0.0.1', port, agent }), 'response');
  response.resume();
  await once(response, 'end');
  const [socket] = await connected;
  const closed = once(socket, 'close');
  endConnections();
  await closed;
  assert.equal(socket.destroyed, true);
});
