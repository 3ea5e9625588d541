// The baseline of the API measures: Node's own HTTPS server with one fixed JSON answer, in a process of its own. Gets
// its certificate as its first line and says its port.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

const input = createInterface({ input: process.stdin });
const [line] = (await once(input, 'line')) as [string];
const answer = JSON.stringify({ name: 'bare', properties: { text: 'x'.repeat(600) } });
const headers = { 'content-type': 'application/json', 'content-length': String(answer.length) };
const server = createServer(JSON.parse(line) as { key: string; cert: string }, (request, response) => {
  request.resume().on('end', () => response.writeHead(200, headers).end(answer));
});
await once(server.listen(0, '127.0.0.1'), 'listening');
process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
input.once('close', () => process.exit(0));
