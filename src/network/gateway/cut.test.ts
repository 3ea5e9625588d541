import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { endOf, openStage } from '../../../test/network/gateway-stage.ts';
import { chooseReading } from './buffered-socket.ts';
import { reset } from './relay.ts';

await chooseReading();

/** Whether the kernel still has a connection between these two ports, in whatever state but time-wait. */
const isConnected = (one: number, other: number): boolean => {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, local, remote, state]) => {
      const ports = [local?.split(':')[1], remote?.split(':')[1]];
      return ports.includes(hex(one)) && ports.includes(hex(other)) && state !== '06';
    });
};

/** Writes as fast as the other side takes it, until the socket is gone. */
const flood = (socket: Socket): void => {
  const block = Buffer.alloc(256 * 1024, 7);
  const write = () => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', write);
  write();
};

test('a rejection cuts a live stream: after the acknowledgement the kernel has no way left for a byte, 50 times', async () => {
  const stage = await openStage();
  try {
    for (let round = 0; round < 50; round += 1) {
      await stage.gateway.apply(stage.snapshot());
      const worker = stage.dial();
      const store = await stage.arrival();
      const ports = [store.localPort!, store.remotePort!] as const;
      // Odd rounds: a store that does not read, so that every buffer on the way is full when the cut comes.
      let stored = 0;
      if (round % 2 === 0)
        store.on('data', (bytes: Buffer) => {
          stored += bytes.length;
        });
      const [sender, reader] = round % 4 < 2 ? [worker, store] : [store, worker];
      flood(sender);
      if (round % 2 === 0) {
        reader.resume();
        await once(reader, 'data');
      }
      for (let pause = round; pause > 0; pause -= 1) await turn();
      const ends = [endOfPaused(worker), endOfPaused(store)];
      assert.ok(isConnected(...ports), 'the twin: before, there is a connection');

      const { cut } = await stage.gateway.apply(stage.snapshot({ state: 'Rejected' }));

      assert.equal(cut, 1);
      assert.equal(isConnected(...ports), false);
      worker.resume();
      store.resume();
      // What was in the store's own buffer it may still read; then it learns of the reset.
      assert.ok((await Promise.all(ends)).every((end) => end === 'ECONNRESET' || end === 'EPIPE'));
      stage.gateway.report();
      const record = stage.records.findLast((each) => each.end === 'cut')!;
      assert.deepEqual([record.verdict, record.code], ['denied', 'EndpointRejected']);
      assert.ok(stored <= record.bytesSent);
    }
  } finally {
    await stage.close();
  }
});

const endOfPaused = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.once('end', () => resolve('end'));
  });

test('a flow that is cut while its store is dialled carries nothing', async () => {
  const stage = await openStage();
  stage.store.on('connection', (socket) => socket.on('data', () => assert.fail('a byte arrived')).resume());
  const known = new Set<string>();
  try {
    for (let round = 0; round < 20; round += 1) {
      await stage.gateway.apply(stage.snapshot());
      const worker = stage.dial();
      worker.write('too late');
      const end = endOf(worker);
      // The turn in which the gateway has accepted and dialled; whether the store answered it learns in the next.
      while (!stage.records.some((each) => each.end === null && !known.has(each.id))) {
        await turn();
        stage.gateway.report();
      }
      known.add(stage.records.at(-1)!.id);
      assert.equal((await stage.gateway.apply(stage.snapshot({ state: 'Rejected' }))).cut, 1);
      assert.equal(await end, 'ECONNRESET');
    }
    stage.gateway.report();
    const ended = stage.records.filter((each) => each.endedAt !== null);
    assert.equal(ended.length, 20);
    for (const { code, end } of ended) assert.deepEqual([code, end], ['EndpointRejected', 'cut']);
  } finally {
    await stage.close();
  }
});

test('a half-closed flow is cut too, whichever side has ended', async () => {
  const stage = await openStage();
  try {
    for (const first of ['worker', 'store'] as const) {
      await stage.gateway.apply(stage.snapshot());
      const worker = stage.dial();
      const store = await stage.arrival();
      const [ending, other] = first === 'worker' ? [worker, store] : [store, worker];
      const ended = once(other.resume(), 'end');
      ending.end('last words');
      await ended;
      const ports = [store.localPort!, store.remotePort!] as const;
      const end = endOf(ending);
      flood(other);
      assert.equal((await stage.gateway.apply(stage.snapshot({ state: 'Rejected' }))).cut, 1);
      assert.equal(isConnected(...ports), false);
      assert.equal(await end, 'ECONNRESET');
    }
  } finally {
    await stage.close();
  }
});

test('a flow whose end is on its way is cut in the same turn', async () => {
  const stage = await openStage();
  try {
    for (let round = 0; round < 20; round += 1) {
      await stage.gateway.apply(stage.snapshot());
      const worker = stage.dial();
      const store = await stage.arrival();
      const ports = [store.localPort!, store.remotePort!] as const;
      worker.write('first');
      await once(store.resume(), 'data');
      store.pause();
      flood(worker);
      worker.end();
      for (let pause = round; pause > 0; pause -= 1) await turn();
      await stage.gateway.apply(stage.snapshot({ state: 'Rejected' }));
      assert.equal(isConnected(...ports), false);
    }
  } finally {
    await stage.close();
  }
});

test('a socket that is shutting down, which the kernel’s wrapper refuses to reset, is reset all the same', async () => {
  const stage = await openStage();
  try {
    stage.dial();
    const store = await stage.arrival();
    const ports = [store.localPort!, store.remotePort!] as const;
    store.end();
    await reset(store);
    assert.equal(isConnected(...ports), false);
  } finally {
    await stage.close();
  }
});

test('an endpoint that was deleted and made again does not inherit the flows of the first', async () => {
  const stage = await openStage();
  try {
    const worker = stage.dial();
    await stage.arrival();
    assert.equal((await stage.gateway.apply(stage.snapshot())).cut, 0, 'the twin: nothing changed, nothing is cut');
    const end = endOf(worker);
    assert.equal((await stage.gateway.apply(stage.snapshot({ connection: 'another' }))).cut, 1);
    assert.equal(await end, 'ECONNRESET');
  } finally {
    await stage.close();
  }
});

test('an older snapshot does not bring back what a newer one took', async () => {
  const stage = await openStage();
  try {
    const older = stage.snapshot();
    await stage.gateway.apply(stage.snapshot({ state: 'Rejected' }));
    await stage.gateway.apply(older);
    assert.equal(await endOf(stage.dial()), 'ECONNRESET');
  } finally {
    await stage.close();
  }
});
