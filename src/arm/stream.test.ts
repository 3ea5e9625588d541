import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createStreams, type Stream, type Streams } from './stream.ts';

const headers = { 'content-type': 'text/event-stream' };

/** A server whose every answer is a stream that may last `lifeMs`, and one client of it. */
const stage = async (streams: Streams, lifeMs: number, ended: AbortSignal | null = null) => {
  const opened = Promise.withResolvers<Stream>();
  const server = createServer((_request, response) => {
    const identity = { objectId: 'o', until: Date.now() + lifeMs, ended };
    streams.open(response, { identity, lastEventId: null, headers }, (stream) => {
      stream.write('event: hello\n\n');
      opened.resolve(stream);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const asked = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  const stream = await opened.promise;
  const isOver = stream.ended.aborted ? Promise.resolve() : once(stream.ended, 'abort');
  return { response, stream, isOver, close: () => server.close() };
};

test('a reader that does not read is let go of', async () => {
  const { response, stream, isOver, close } = await stage(createStreams(), 60_000);
  response.pause();
  const text = `data: ${'x'.repeat(64 * 1024)}\n\n`;
  while (!stream.ended.aborted) {
    stream.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await isOver;
  close();
});

test('a stream ends with the token, with the session, and with the server', async () => {
  const streams = createStreams();
  const session = new AbortController();
  const byToken = await stage(streams, 30);
  const bySession = await stage(streams, 60_000, session.signal);
  const byServer = await stage(streams, 60_000);
  for (const { response } of [byToken, bySession, byServer]) response.resume();
  await byToken.isOver;
  assert.equal(bySession.stream.ended.aborted, false);
  session.abort();
  await bySession.isOver;
  assert.equal(byServer.stream.ended.aborted, false);
  streams.close();
  await byServer.isOver;
  for (const { close } of [byToken, bySession, byServer]) close();
});
