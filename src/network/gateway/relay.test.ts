import assert from 'node:assert/strict';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { openStage } from '../../../test/network/gateway-stage.ts';
import { chooseReading } from './buffered-socket.ts';

/** Past the point where a stream is read into larger buffers. */
const bytesPerWay = 24 * 1024 * 1024;

/** Sends random bytes in pieces of random length with pauses of random length, then half-closes. Resolves to their hash. */
const send = async (socket: Socket): Promise<string> => {
  const hash = createHash('sha256');
  for (let sent = 0; sent < bytesPerWay; ) {
    const piece = randomBytes(randomInt(1, 300_000));
    hash.update(piece);
    sent += piece.length;
    if (!socket.write(piece)) await once(socket, 'drain');
    await pause(randomInt(0, 4));
  }
  socket.end();
  return hash.digest('hex');
};

/** Reads to the end, stopping now and then. Resolves to the hash. (Iterating a socket would destroy it at its end.) */
const receive = async (socket: Socket): Promise<string> => {
  const hash = createHash('sha256');
  socket.on('data', (piece: Buffer) => {
    hash.update(piece);
    if (randomInt(0, 8) > 0) return;
    socket.pause();
    void pause(randomInt(1, 20)).then(() => socket.resume());
  });
  await once(socket.resume(), 'end');
  return hash.digest('hex');
};

const pause = async (turns: number): Promise<void> => {
  for (let left = turns; left > 0; left -= 1) await turn();
};

for (const reading of ['data', 'buffer'] as const)
  test(`not one byte is lost, added or moved, with pauses and half-close, both ways at once (reading by ${reading})`, async () => {
    if (reading === 'buffer') assert.equal(await chooseReading(), 'buffer');
    const stage = await openStage();
    try {
      const exchange = async (worker: Socket, store: Socket) => {
        const [up, upArrived, down, downArrived] = await Promise.all([
          send(worker),
          receive(store),
          send(store),
          receive(worker),
        ]);
        assert.equal(upArrived, up);
        assert.equal(downArrived, down);
      };
      const pairs: Promise<void>[] = [];
      for (let count = 0; count < 2; count += 1) pairs.push(exchange(stage.dial(), await stage.arrival()));
      await Promise.all(pairs);
    } finally {
      await stage.close();
    }
  });
