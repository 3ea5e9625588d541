// A thousand rejections, each while a stream runs at full speed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { openStage } from '../../../test/network/gateway-stage.ts';
import { chooseReading } from './buffered-socket.ts';

await chooseReading();
const rounds = 1000;
const block = Buffer.alloc(128 * 1024, 7);

/** Writes as fast as the other side takes it, until the socket is gone. */
const flood = (socket: Socket): void => {
  const write = () => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', write);
  write();
};

test(`${rounds} rejections under load: nothing was handed on after the acknowledgement, in either direction`, async () => {
  const stage = await openStage();
  let carried = 0;
  try {
    for (let round = 0; round < rounds; round += 1) {
      await stage.gateway.apply(stage.snapshot());
      const worker = stage.dial();
      const store = await stage.arrival();
      const [sender, reader] = round % 2 === 0 ? [worker, store] : [store, worker];
      let arrived = 0;
      reader.on('data', (bytes: Buffer) => {
        arrived += bytes.length;
      });
      const ended = new Promise((resolve) => reader.once('close', resolve));
      reader.resume();
      flood(sender);
      while (arrived === 0) await once(reader, 'data');
      for (let pause = round % 7; pause > 0; pause -= 1) await turn();

      assert.equal((await stage.gateway.apply(stage.snapshot({ state: 'Rejected' }))).cut, 1);
      stage.gateway.report();
      const record = stage.records.findLast((each) => each.end === 'cut')!;
      const handedOn = round % 2 === 0 ? record.bytesSent : record.bytesReceived;
      stage.records.length = 0;
      // What the reader gets from now on was in the kernel before; the reset ends it.
      await ended;
      assert.ok(arrived > 0 && arrived <= handedOn, `${arrived} of ${handedOn}`);
      assert.equal(reader.errored && (reader.errored as NodeJS.ErrnoException).code, 'ECONNRESET');
      carried += arrived;
    }
  } finally {
    await stage.close();
  }
  assert.ok(carried > rounds * block.length);
});
