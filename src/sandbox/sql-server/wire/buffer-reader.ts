import { ProtocolError } from './packet.ts';

/** Reads one message from front to back; reading past its end is a `ProtocolError`, never more memory. */
export class BufferReader {
  readonly data: Buffer;
  at: number;

  constructor(data: Buffer, at = 0) {
    this.data = data;
    this.at = at;
  }

  get left(): number {
    return this.data.length - this.at;
  }

  bytes(count: number): Buffer {
    if (count < 0 || count > this.left) throw new ProtocolError('A message ends before what it says it holds.');
    this.at += count;
    return this.data.subarray(this.at - count, this.at);
  }

  uint8(): number {
    return this.bytes(1)[0]!;
  }

  peek(): number {
    if (this.left < 1) throw new ProtocolError('A message ends before what it says it holds.');
    return this.data[this.at]!;
  }

  uint16(): number {
    return this.bytes(2).readUInt16LE();
  }

  uint32(): number {
    return this.bytes(4).readUInt32LE();
  }

  int32(): number {
    return this.bytes(4).readInt32LE();
  }

  uint64(): bigint {
    return this.bytes(8).readBigUInt64LE();
  }

  /** Text of `count` UTF-16 units. */
  text(count: number): string {
    return this.bytes(count * 2).toString('utf16le');
  }

  /** Text that is preceded by its length in one byte. */
  shortText(): string {
    return this.text(this.uint8());
  }
}
