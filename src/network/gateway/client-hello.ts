// The server name in the first bytes of a TLS connection. A hostile worker writes them: whatever they are, reading
// them ends, in bounded memory, in a name or in none. What is not plainly one name is none: so is the name of a hello that
// carries another one in cipher, which nobody but the host can read.
import { canonicalHost } from '../policy/host-name.ts';

/** Longest opening that is read, in bytes as they came, record headers included. */
export const maxHelloBytes = 16 * 1024;

const changeCipherRecord = 20;
const handshakeRecord = 22;
const earlyDataRecord = 23;
const clientHello = 1;
const serverNameExtension = 0;
/** Encrypted client hello, and the draft before it that had the name alone: what is in the clear is not the name that counts. */
const hiddenNameExtensions = new Set([0xfe0d, 0xffce]);
const hostNameEntry = 0;
const mayComeBefore = new Set([changeCipherRecord, earlyDataRecord]);
const recordHeaderBytes = 5;
const maxRecordBytes = 16 * 1024;
const messageHeaderBytes = 4;

/** Reads what is left of some bytes; a RangeError where they are too few. */
const createCursor = (bytes: Buffer) => {
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw new RangeError('too short');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (length: number): number => take(length).readUIntBE(0, length);
  return {
    take,
    number,
    vector: (sizeBytes: number): Buffer => take(number(sizeBytes)),
    left: () => bytes.length - at,
  };
};

const onlyName = (extension: Buffer): string | null => {
  const outer = createCursor(extension);
  const list = createCursor(outer.vector(2));
  if (outer.left() > 0 || list.number(1) !== hostNameEntry) return null;
  const name = list.vector(2);
  // On the wire names are ASCII; a name in other letters would be spelled differently by whoever reads it.
  if (list.left() > 0 || name.some((byte) => byte > 127)) return null;
  return canonicalHost(name.toString('latin1'));
};

const serverNameOf = (message: Buffer): string | null => {
  try {
    const hello = createCursor(message);
    hello.take(2 + 32); // version and random
    hello.vector(1); // session
    hello.vector(2); // cipher suites
    hello.vector(1); // compression
    const extensions = createCursor(hello.vector(2));
    if (hello.left() > 0) return null;
    let found: { name: string | null } | undefined;
    while (extensions.left() > 0) {
      const type = extensions.number(2);
      const extension = extensions.vector(2);
      if (hiddenNameExtensions.has(type)) return null;
      if (type !== serverNameExtension) continue;
      // Two names: the store might read the other one.
      if (found) return null;
      found = { name: onlyName(extension) };
    }
    return found?.name ?? null;
  } catch {
    return null;
  }
};

/** Reads the opening of one connection, piece by piece. */
export type HelloReader = {
  /** Takes the next piece. The canonical server name; null: none, or no TLS; undefined: more bytes are needed. Never throws. */
  push(piece: Uint8Array): string | null | undefined;
  /** What was taken, as it came: the records up to the end of the hello, and what was behind them already. */
  hello(): Uint8Array;
  behind(): Uint8Array;
};

/**
 * A reader at the start of a connection, or where a host has asked for the hello `again`: only there other records may come
 * before it. Its message may be spread over records, and records over pieces.
 */
export const createHelloReader = (turn: 'first' | 'again' = 'first'): HelloReader => {
  let bytes = Buffer.alloc(0);
  let used = 0;
  let record = 0;
  let message = Buffer.alloc(0);

  const append = (piece: Uint8Array) => {
    if (used + piece.length > bytes.length) {
      const larger = Buffer.alloc(Math.max(2048, bytes.length * 2, used + piece.length));
      bytes.copy(larger, 0, 0, used);
      bytes = larger;
    }
    bytes.set(piece, used);
    used += piece.length;
  };

  const readRecords = (): string | null | undefined => {
    for (;;) {
      const left = used - record;
      const isPassed = left > 0 && turn === 'again' && message.length === 0 && mayComeBefore.has(bytes[record]!);
      if (left > 0 && !isPassed && bytes[record] !== handshakeRecord) return null;
      if (left > 1 && bytes[record + 1] !== 3) return null;
      if (left < recordHeaderBytes) return undefined;
      const length = bytes.readUInt16BE(record + 3);
      if (length === 0 || length > maxRecordBytes) return null;
      const end = record + recordHeaderBytes + length;
      if (end > maxHelloBytes) return null;
      if (end > used) return undefined;
      const content = bytes.subarray(record + recordHeaderBytes, end);
      record = end;
      if (isPassed) continue;
      message = Buffer.concat([message, content]);
      if (message[0] !== clientHello) return null;
      if (message.length < messageHeaderBytes) continue;
      const messageEnd = messageHeaderBytes + message.readUIntBE(1, 3);
      if (messageEnd > maxHelloBytes) return null;
      // A second message in its records might be another hello.
      if (message.length > messageEnd) return null;
      if (message.length === messageEnd) return serverNameOf(message.subarray(messageHeaderBytes));
    }
  };

  return {
    push: (piece) => {
      append(piece);
      return readRecords();
    },
    hello: () => bytes.subarray(0, record),
    behind: () => bytes.subarray(record, used),
  };
};
