// TDS packets: eight bytes of header, then data. A message is the packets up to one that says it is the last.
import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/** What a message is, by the first byte of its packets. */
export const packetType = {
  batch: 0x01,
  rpc: 0x03,
  reply: 0x04,
  attention: 0x06,
  bulk: 0x07,
  federatedToken: 0x08,
  transaction: 0x0e,
  login: 0x10,
  prelogin: 0x12,
} as const;

/** One packet. `isReset` asks for a connection as new. */
export type Packet = { type: number; isLast: boolean; isIgnored: boolean; isReset: boolean; data: Buffer };

const headerBytes = 8;
const longestPacket = 32_767;

/** Says that the other side does not speak TDS: the connection is of no use any more. */
export class ProtocolError extends Error {}

/** The packets of a stream, read only as fast as they are taken. Ends with the stream; throws a `ProtocolError` on nonsense. */
export const readPackets = async function* (stream: AsyncIterable<Buffer>): AsyncGenerator<Packet, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= headerBytes) {
      const length = rest.readUInt16BE(2);
      if (length < headerBytes || length > longestPacket)
        throw new ProtocolError(`A packet says that it has ${length} bytes.`);
      if (rest.length < length) break;
      const status = rest[1]!;
      yield {
        type: rest[0]!,
        isLast: (status & 1) !== 0,
        isIgnored: (status & 2) !== 0,
        isReset: (status & 0x18) !== 0,
        data: rest.subarray(headerBytes, length),
      };
      rest = rest.subarray(length);
    }
  }
};

/** One packet as bytes. */
export const packetBytes = (type: number, data: Buffer, isLast: boolean, id: number): Buffer => {
  const header = Buffer.alloc(headerBytes);
  header[0] = type;
  header[1] = isLast ? 1 : 0;
  header.writeUInt16BE(data.length + headerBytes, 2);
  header[6] = id & 0xff;
  return Buffer.concat([header, data]);
};

/** Writes one reply after the other, in packets of the agreed size, no faster than the client reads. */
export type ReplyWriter = {
  /** Adds tokens to the reply. What it resolves to must be awaited before much more is written. */
  write(tokens: Buffer): Promise<void>;
  /** Ends the reply. */
  end(): Promise<void>;
  setPacketSize(size: number): void;
};

/** A writer of replies. */
export const createReplyWriter = (stream: Duplex, type: number = packetType.reply): ReplyWriter => {
  let room = 4096 - headerBytes;
  let waiting: Buffer[] = [];
  let bytes = 0;
  let id = 1;

  const send = async (data: Buffer, isLast: boolean): Promise<void> => {
    if (stream.destroyed) throw new ProtocolError('The client has gone.');
    if (stream.write(packetBytes(type, data, isLast, id++))) return;
    await once(stream, 'drain', { signal: closedSignal(stream) });
  };
  const flush = async (): Promise<void> => {
    let data = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting);
    while (data.length > room) {
      const packet = data.subarray(0, room);
      data = data.subarray(room);
      await send(packet, false);
    }
    waiting = data.length > 0 ? [data] : [];
    bytes = data.length;
  };
  return {
    write: async (tokens) => {
      waiting.push(tokens);
      bytes += tokens.length;
      if (bytes > room) await flush();
    },
    end: async () => {
      await flush();
      const data = Buffer.concat(waiting);
      waiting = [];
      bytes = 0;
      await send(data, true);
      id = 1;
    },
    setPacketSize: (size) => {
      room = size - headerBytes;
    },
  };
};

const closed = new WeakMap<Duplex, AbortSignal>();

/** Aborted when the stream closes, so that nobody waits for a client that has gone. */
export const closedSignal = (stream: Duplex): AbortSignal => {
  let signal = closed.get(stream);
  if (!signal) {
    const controller = new AbortController();
    if (stream.destroyed) controller.abort();
    stream.once('close', () => controller.abort());
    signal = controller.signal;
    closed.set(stream, signal);
  }
  return signal;
};
