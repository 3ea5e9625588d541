// The tokens of a reply, as bytes.
import type { SqlType, SqlValue } from '../type/sql-type.ts';
import { encodeType } from './type-info.ts';
import { encodeValue } from './value.ts';

/** One column of a result. */
export type Column = { name: string; type: SqlType; isNullable?: boolean; isIdentity?: boolean };

/** Text with its length in UTF-16 units before it, in one byte or two. */
const shortText = (text: string): Buffer => {
  const kept = text.slice(0, 255);
  return Buffer.concat([Buffer.from([kept.length]), Buffer.from(kept, 'utf16le')]);
};
const longText = (text: string): Buffer => {
  const kept = text.slice(0, 8000);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(kept.length);
  return Buffer.concat([length, Buffer.from(kept, 'utf16le')]);
};

const withLength = (token: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(3);
  head[0] = token;
  head.writeUInt16LE(body.length, 1);
  return Buffer.concat([head, body]);
};

/** What ERROR and INFO say. */
export type Words = {
  number: number;
  state: number;
  severity: number;
  message: string;
  procedure: string;
  line: number;
};

const wordsToken = (token: number, server: string, words: Words): Buffer => {
  const head = Buffer.alloc(6);
  head.writeInt32LE(words.number, 0);
  head[4] = words.state;
  head[5] = words.severity;
  const line = Buffer.alloc(4);
  line.writeUInt32LE(words.line);
  return withLength(
    token,
    Buffer.concat([head, longText(words.message), shortText(server), shortText(words.procedure), line]),
  );
};

export const errorToken = (server: string, words: Words): Buffer => wordsToken(0xaa, server, words);
export const infoToken = (server: string, words: Words): Buffer => wordsToken(0xab, server, words);

/** Latin1_General_100_CI_AS_SC_UTF8: text that is not Unicode by declaration travels as UTF-8, so nothing is lost. */
export const collation = Buffer.from([0x09, 0x04, 0xd0, 0x24, 0x00]);

const change = (type: number, fresh: Buffer, old: Buffer): Buffer =>
  withLength(0xe3, Buffer.concat([Buffer.from([type]), fresh, old]));
const shortBytes = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length]), bytes]);

/** What has changed for the client. */
export const changed = {
  database: (name: string, before: string) => change(1, shortText(name), shortText(before)),
  language: () => change(2, shortText('us_english'), shortText('')),
  packetSize: (size: number, before: number) => change(4, shortText(String(size)), shortText(String(before))),
  collation: () => change(7, shortBytes(collation), shortBytes(Buffer.alloc(0))),
  began: (descriptor: Buffer) => change(8, shortBytes(descriptor), shortBytes(Buffer.alloc(0))),
  committed: (descriptor: Buffer) => change(9, shortBytes(Buffer.alloc(0)), shortBytes(descriptor)),
  rolledBack: (descriptor: Buffer) => change(10, shortBytes(Buffer.alloc(0)), shortBytes(descriptor)),
  reset: () => change(18, Buffer.from([0]), Buffer.from([0])),
};

/** The login is accepted, for this version of TDS. */
export const loginToken = (tdsVersion: number): Buffer => {
  const version = Buffer.alloc(4);
  version.writeUInt32BE(tdsVersion);
  return withLength(
    0xad,
    Buffer.concat([Buffer.from([1]), version, shortText('Microsoft SQL Server'), Buffer.from([12, 0, 0x07, 0xd0])]),
  );
};

/** The flags of DONE. */
export const doneFlag = { more: 1, error: 2, transaction: 4, count: 0x10, attention: 0x20 } as const;
export type DoneToken = 'done' | 'doneProcedure' | 'doneInProcedure';
const doneTokens: Record<DoneToken, number> = { done: 0xfd, doneProcedure: 0xfe, doneInProcedure: 0xff };

/** The end of a statement, a procedure or the reply. */
export const doneToken = (token: DoneToken, flags: number, rows = 0n, command = 0): Buffer => {
  const bytes = Buffer.alloc(13);
  bytes[0] = doneTokens[token];
  bytes.writeUInt16LE(flags, 1);
  bytes.writeUInt16LE(command, 3);
  bytes.writeBigUInt64LE(rows, 5);
  return bytes;
};

/** What a procedure returned. */
export const returnStatus = (value: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x79;
  bytes.writeInt32LE(value, 1);
  return bytes;
};

/** An output parameter of a procedure. */
export const returnValue = (ordinal: number, name: string, type: SqlType, value: SqlValue): Buffer => {
  const head = Buffer.alloc(3);
  head[0] = 0xac;
  head.writeUInt16LE(ordinal, 1);
  return Buffer.concat([
    head,
    shortText(name),
    Buffer.from([1, 0, 0, 0, 0, 0, 0]),
    encodeType(type),
    encodeValue(type, value),
  ]);
};

/** The columns of a result. */
export const columnsToken = (columns: readonly Column[]): Buffer => {
  const head = Buffer.alloc(3);
  head[0] = 0x81;
  head.writeUInt16LE(columns.length, 1);
  const parts = columns.map(({ name, type, isNullable = true, isIdentity = false }) => {
    const flags = Buffer.alloc(6);
    flags.writeUInt16LE((isNullable ? 1 : 0) | 0x08 | (isIdentity ? 0x10 : 0), 4);
    return Buffer.concat([flags, encodeType(type), shortText(name.slice(0, 128))]);
  });
  return Buffer.concat([head, ...parts]);
};

/** A row: all its values, or which are NULL and the others where more than half are. */
export const rowToken = (columns: readonly Column[], values: readonly SqlValue[]): Buffer => {
  const nulls = values.reduce<number>((sum, value) => (value === null ? sum + 1 : sum), 0);
  const isSparse = nulls * 2 > columns.length;
  const parts: Buffer[] = [Buffer.from([isSparse ? 0xd2 : 0xd1])];
  if (isSparse) {
    const bits = Buffer.alloc(Math.ceil(columns.length / 8));
    for (const [index, value] of values.entries()) if (value === null) bits[index >> 3]! |= 1 << (index & 7);
    parts.push(bits);
  }
  for (const [index, column] of columns.entries()) {
    const value = values[index] ?? null;
    if (!isSparse || value !== null) parts.push(encodeValue(column.type, value));
  }
  return Buffer.concat(parts);
};
