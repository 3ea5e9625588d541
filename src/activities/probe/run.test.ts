import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { decode, encode } from 'dns-packet';
import { activities, workerActivities } from '../registry.ts';
import type { Attempt, Sight } from './attempt.ts';
import { probe } from './definition.ts';
import { encodeQuery, readAnswer } from './query.ts';
import { run } from './run.ts';

const tryAll = async (attempts: Attempt[], signal = new AbortController().signal) => {
  const job = {
    jobId: '1',
    type: probe.type,
    name: 'probe',
    typeProperties: { attempts: attempts as never },
    inputs: [],
    outputs: [],
    linkedService: null,
    effectiveIntegrationRuntime: '',
  };
  const { sights } = (await run(job, { signal, progress: () => {} })) as unknown as { sights: Sight[] };
  return new Map(sights.map(({ id, seen }) => [id, seen]));
};

test('what a connection or a datagram meets is seen as what it is', async () => {
  const greets = createServer((socket) => socket.on('error', () => {}).write('hello'));
  const resets = createServer((socket) => socket.resetAndDestroy());
  const stays = createServer((socket) => socket.on('error', () => {}).resume());
  const echo = createSocket('udp4', (bytes, from) => echo.send(bytes, from.port, from.address));
  const servers = [greets, resets, stays];
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  echo.bind(0, '127.0.0.1');
  await once(echo, 'listening');
  const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const gone = port(closed);
  closed.close();
  await once(closed, 'close');
  try {
    const to = (id: string, at: number, tls = false): Attempt => ({
      id,
      kind: 'connect',
      host: '127.0.0.1',
      port: at,
      tls,
    });
    const seen = await tryAll([
      to('greets', port(greets)),
      to('not TLS', port(greets), true),
      to('resets', port(resets)),
      to('resets TLS', port(resets), true),
      to('stays', port(stays)),
      to('closed', gone),
      { id: 'echo', kind: 'datagram', address: '127.0.0.1', port: port(echo) },
      { id: 'no one', kind: 'datagram', address: '127.0.0.1', port: gone },
      { id: 'NUL', kind: 'connect', host: 'a\u0000b', port: 443, tls: false },
    ]);
    assert.deepEqual(Object.fromEntries(seen), {
      greets: 'answered',
      'not TLS': 'answered',
      resets: 'reset',
      'resets TLS': 'reset',
      stays: 'open',
      closed: 'refused',
      echo: 'answered',
      'no one': 'refused',
      NUL: 'failed',
    });
  } finally {
    for (const server of servers) server.close();
    echo.close();
  }
});

test('a probe that is stopped ends at once', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}).resume());
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const controller = new AbortController();
  const { port } = silent.address() as AddressInfo;
  const trying = tryAll([{ id: '1', kind: 'connect', host: '127.0.0.1', port, tls: true }], controller.signal);
  await once(silent, 'connection');
  controller.abort(new Error('stopped'));
  assert.equal((await trying).get('1'), 'failed', 'stopped, not silent for as long as a probe has patience');
  await new Promise((resolve) => silent.close(resolve));
});

test('a question is what a resolver understands, with any byte in a label; an answer is read back', () => {
  const asked = decode(encodeQuery('acme.example.com', 'TXT'));
  assert.deepEqual(
    asked.questions?.map(({ name, type }) => [name, type]),
    [['acme.example.com', 'TXT']],
  );
  assert.ok(encodeQuery('a\u0000b.example', 'A').includes(Buffer.from([3, 97, 0, 98])));
  const name = 'acme.example.com';
  const question = { name, type: 'A' as const };
  const answer = (more: object) => readAnswer(encode({ type: 'response', questions: [question], ...more }));
  const resolved = answer({ answers: [{ name, type: 'A', ttl: 1, data: '198.18.0.7' }] });
  assert.deepEqual(resolved, { seen: 'resolved', detail: '198.18.0.7' });
  assert.equal(answer({}).seen, 'empty');
  assert.equal(answer({ flags: 3 }).seen, 'unresolved');
  assert.equal(readAnswer(Buffer.alloc(3)).seen, 'failed');
});

test('a worker runs probes, and no pipeline may hold one', () => {
  assert.ok(workerActivities.includes(probe));
  assert.ok(!activities.includes(probe));
});
