import assert from 'node:assert/strict';
import { Duplex, Readable } from 'node:stream';
import { test } from 'node:test';
import { createReplyWriter, ProtocolError, packetBytes, readPackets } from './packet.ts';

test('packets are the same however their bytes arrive', async () => {
  const bytes = Buffer.concat([
    packetBytes(1, Buffer.from('one'), false, 1),
    packetBytes(1, Buffer.from('two'), true, 2),
  ]);
  for (const size of [1, 3, 8, 11, bytes.length]) {
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_none, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const found: string[] = [];
    for await (const { data, isLast } of readPackets(Readable.from(parts))) found.push(`${data} ${isLast}`);
    assert.deepEqual(found, ['one false', 'two true']);
  }
});

test('a packet that says less than its header, or more than any may, is refused', async () => {
  for (const length of [0, 7, 40_000]) {
    const bytes = packetBytes(1, Buffer.from('data'), true, 1);
    bytes.writeUInt16BE(length, 2);
    const packets = readPackets(Readable.from([bytes]));
    await assert.rejects(packets.next(), ProtocolError);
  }
});

test('a reply waits for a client that does not read, and ends when it goes', async () => {
  let taken = 0;
  let proceed: (() => void) | undefined;
  const slow = new Duplex({
    writableHighWaterMark: 1000,
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      taken += chunk.length;
      proceed = done;
    },
  });
  const writer = createReplyWriter(slow);
  writer.setPacketSize(512);
  let isWritten = false;
  const writing = writer.write(Buffer.alloc(100_000)).then(() => {
    isWritten = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isWritten, false);
  assert.ok(taken <= 512);
  assert.ok(slow.writableLength < 2000);
  proceed?.();
  slow.destroy();
  await assert.rejects(writing);
});
