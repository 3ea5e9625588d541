// Thrift's compact protocol, as far as the footer of a Parquet file needs it: bytes into a tree of fields and back. Fields
// that nobody here knows are kept.

/** A struct: its fields by their number. */
export type Struct = Map<number, Field>;
export type Field = { type: number; value: FieldValue };
export type FieldValue = bigint | number | boolean | Buffer | Struct | List;
export type List = { of: number; items: FieldValue[] };

/** Bytes that are no such tree. */
export class BadThrift extends Error {}

export const fieldType = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const [isTrue, isFalse, i8, i16, double, set] = [1, 2, 3, 4, 7, 10];
const { i32, i64, binary, list, struct } = fieldType;
const maxDepth = 16;
/** Values that a tree may have: what keeps a small file from filling the memory. */
const maxValues = 1_000_000;

/** Reads the struct that the bytes begin with. Errors: `BadThrift`. */
export const readStruct = (bytes: Buffer): Struct => {
  let at = 0;
  let values = 0;
  const byte = (): number => {
    if (at >= bytes.length) throw new BadThrift('it ends too early');
    return bytes[at++]!;
  };
  const unsigned = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const next = byte();
      value |= BigInt(next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
    throw new BadThrift('a number is too long');
  };
  const signed = (): bigint => {
    const value = unsigned();
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  };
  const length = (): number => {
    const value = unsigned();
    if (value > BigInt(bytes.length - at)) throw new BadThrift('it is longer than the footer');
    return Number(value);
  };
  const readValue = (type: number, depth: number, inList: boolean): FieldValue => {
    if (depth > maxDepth) throw new BadThrift('it is nested too deep');
    values += 1;
    if (values > maxValues) throw new BadThrift(`it has more than ${maxValues} values`);
    if (type === isTrue || type === isFalse) return inList ? byte() === isTrue : type === isTrue;
    if (type === i8) return byte();
    if (type === i16 || type === i32) return Number(signed());
    if (type === i64) return signed();
    if (type === double) {
      at += 8;
      if (at > bytes.length) throw new BadThrift('it ends too early');
      return bytes.readDoubleLE(at - 8);
    }
    if (type === binary) {
      const size = length();
      at += size;
      return bytes.subarray(at - size, at);
    }
    if (type === list || type === set) {
      const head = byte();
      const size = head >> 4 === 15 ? length() : head >> 4;
      const of = head & 15;
      const items: FieldValue[] = [];
      for (let index = 0; index < size; index += 1) items.push(readValue(of, depth + 1, true));
      return { of, items };
    }
    if (type === struct) return readFields(depth + 1);
    throw new BadThrift(`a field is of the unknown type ${type}`);
  };
  const readFields = (depth: number): Struct => {
    const fields: Struct = new Map();
    for (let id = 0; ; ) {
      const head = byte();
      if (head === 0) return fields;
      id = head >> 4 === 0 ? Number(signed()) : id + (head >> 4);
      const type = head & 15;
      fields.set(id, { type: type === isFalse ? isTrue : type, value: readValue(type, depth, false) });
    }
  };
  return readFields(0);
};

/** Writes a struct as `readStruct` reads it. */
export const writeStruct = (root: Struct): Buffer => {
  const pieces: Buffer[] = [];
  let piece = Buffer.alloc(4096);
  let used = 0;
  const byte = (value: number) => {
    if (used === piece.length) {
      pieces.push(piece);
      piece = Buffer.alloc(piece.length * 2);
      used = 0;
    }
    piece[used++] = value;
  };
  const unsigned = (value: bigint) => {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) byte(Number(rest & 0x7fn) | 0x80);
    byte(Number(rest));
  };
  const signed = (value: bigint) => unsigned(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  const bytes = (value: Uint8Array) => {
    for (const each of value) byte(each);
  };
  const writeValue = (type: number, value: FieldValue, inList: boolean): void => {
    if (type === isTrue || type === isFalse) {
      if (inList) byte(value === true ? isTrue : isFalse);
    } else if (type === i8) byte(value as number);
    else if (type === i16 || type === i32) signed(BigInt(value as number));
    else if (type === i64) signed(value as bigint);
    else if (type === double) {
      const eight = Buffer.alloc(8);
      eight.writeDoubleLE(value as number);
      bytes(eight);
    } else if (type === binary) {
      unsigned(BigInt((value as Buffer).length));
      bytes(value as Buffer);
    } else if (type === list || type === set) {
      const { of, items } = value as List;
      byte((Math.min(items.length, 15) << 4) | of);
      if (items.length >= 15) unsigned(BigInt(items.length));
      for (const item of items) writeValue(of, item, true);
    } else if (type === struct) writeFields(value as Struct);
  };
  const writeFields = (fields: Struct) => {
    let before = 0;
    for (const [id, { type, value }] of [...fields].sort(([one], [other]) => one - other)) {
      const shown = type === isTrue && value === false ? isFalse : type;
      if (id > before && id - before < 16) byte(((id - before) << 4) | shown);
      else {
        byte(shown);
        signed(BigInt(id));
      }
      writeValue(type, value, false);
      before = id;
    }
    byte(0);
  };
  writeFields(root);
  pieces.push(piece.subarray(0, used));
  return Buffer.concat(pieces);
};
