// The footer of a Parquet file: where its row groups lie. Read from a file of any size by ranges; written for a file that
// is put together from the row groups of others.
import {
  BadThrift,
  type Field,
  type FieldValue,
  fieldType,
  type List,
  readStruct,
  type Struct,
  writeStruct,
} from './thrift.ts';

/** A file that is no Parquet, or one that cannot be read. */
export class BadParquet extends Error {}

export type Range = { start: number; length: number };

/** One column's part of a row group. `column` is the place of its top-level column in the schema. */
export type Chunk = Range & { column: number; struct: Struct };
export type RowGroup = { rows: bigint; chunks: readonly Chunk[]; struct: Struct };

/**
 * `columns` are the names of the top-level columns. Those in `int96` hold the old timestamps of twelve bytes; here they
 * are bytes, for DuckDB would cut their nanoseconds.
 */
export type Footer = {
  root: Struct;
  columns: readonly string[];
  int96: ReadonlySet<number>;
  groups: readonly RowGroup[];
};

export const magic = Buffer.from('PAR1');
export const tailBytes = 8;
/** A footer is held in memory as a whole. */
export const maxFooterBytes = 16 * 2 ** 20;

// Numbers of the fields in parquet.thrift.
const file = { schema: 2, rows: 3, groups: 4, algorithm: 8, signature: 9 };
const element = { type: 1, length: 2, name: 4, children: 5, converted: 6, logical: 10 };
const group = { chunks: 1, rows: 3, offset: 5 };
const chunk = { path: 1, offset: 2, meta: 3, offsetIndex: 4, columnIndex: 6, crypto: 8 };
const meta = {
  type: 1,
  path: 3,
  compressed: 7,
  data: 9,
  index: 10,
  dictionary: 11,
  statistics: 12,
  bloomOffset: 14,
  bloomLength: 15,
};

const field = (from: Struct, id: number, type: number): FieldValue | undefined => {
  const found: Field | undefined = from.get(id);
  if (found && found.type !== type) throw new BadParquet('its footer is damaged');
  return found?.value;
};
const longOf = (from: Struct, id: number) => field(from, id, fieldType.i64) as bigint | undefined;
const structsOf = (from: Struct, id: number): Struct[] => {
  const list = field(from, id, fieldType.list) as List | undefined;
  if (!list || (list.items.length > 0 && list.of !== fieldType.struct)) throw new BadParquet('its footer is damaged');
  return list.items as Struct[];
};
const physical = { int96: 3, fixed: 7 };
const int = (value: number): Field => ({ type: fieldType.i32, value });
const long = (value: bigint | number): Field => ({ type: fieldType.i64, value: BigInt(value) });

/** How many bytes before the last eight are the footer. Errors: `BadParquet`. */
export const footerLength = (tail: Buffer, fileSize: number): number => {
  if (tail.subarray(4).toString('latin1') === 'PARE') throw new BadParquet('it is encrypted, which is not supported');
  const length = tail.readUInt32LE(0);
  if (!tail.subarray(4).equals(magic) || length + tailBytes + magic.length > fileSize)
    throw new BadParquet('it is no Parquet file');
  if (length > maxFooterBytes) throw new BadParquet(`its footer is longer than ${maxFooterBytes} bytes`);
  return length;
};

type TopColumn = { name: string; leaves: number; isInt96: boolean };

/** The top-level columns with how many chunks each has in a row group. Those of `int96` become bytes in the schema. */
const topColumns = (schema: Struct[]): TopColumn[] => {
  let at = 1;
  const walk = (depth: number): number => {
    const each = schema[at];
    if (!each || depth > 64) throw new BadParquet('its schema is damaged');
    at += 1;
    const children = (field(each, element.children, fieldType.i32) as number | undefined) ?? 0;
    let leaves = children === 0 ? 1 : 0;
    for (let child = 0; child < children; child += 1) leaves += walk(depth + 1);
    return leaves;
  };
  const count = schema[0] && (field(schema[0], element.children, fieldType.i32) as number | undefined);
  const columns: TopColumn[] = [];
  for (let index = 0; index < (count ?? 0); index += 1) {
    const name = schema[at] && field(schema[at]!, element.name, fieldType.binary);
    if (!name) throw new BadParquet('its schema is damaged');
    const isInt96 = schema[at]!.get(element.type)?.value === physical.int96;
    if (isInt96) {
      const bytes = new Map(schema[at]!).set(element.type, int(physical.fixed)).set(element.length, int(12));
      bytes.delete(element.converted);
      bytes.delete(element.logical);
      schema[at] = bytes;
    }
    columns.push({ name: (name as Buffer).toString(), leaves: walk(0), isInt96 });
  }
  return columns;
};

const readChunk = (struct: Struct, column: number, isInt96: boolean, fileSize: number): Chunk => {
  const inner = field(struct, chunk.meta, fieldType.struct) as Struct | undefined;
  if (struct.has(chunk.crypto)) throw new BadParquet('it is encrypted, which is not supported');
  if (struct.has(chunk.path) || !inner) throw new BadParquet('its columns lie in other files, which is not supported');
  if (isInt96) {
    inner.set(meta.type, int(physical.fixed));
    inner.delete(meta.statistics);
  }
  const offsets = [meta.dictionary, meta.data]
    .map((id) => longOf(inner, id))
    .filter((at) => at !== undefined && at > 0n);
  const start = Math.min(...offsets.map(Number));
  const length = Number(longOf(inner, meta.compressed) ?? -1n);
  if (!(start >= magic.length && length >= 0 && start + length <= fileSize))
    throw new BadParquet('its footer is damaged');
  return { start, length, column, struct };
};

/** Reads a footer. Errors: `BadParquet`. */
export const readFooter = (bytes: Buffer, fileSize: number): Footer => {
  try {
    const root = readStruct(bytes);
    if (root.has(file.algorithm)) throw new BadParquet('it is encrypted, which is not supported');
    const columns = topColumns(structsOf(root, file.schema));
    const owners = columns.flatMap(({ leaves }, column) => Array.from({ length: leaves }, () => column));
    const groups = structsOf(root, file.groups).map((struct): RowGroup => {
      const chunks = structsOf(struct, group.chunks);
      if (chunks.length !== owners.length) throw new BadParquet('its footer is damaged');
      return {
        rows: longOf(struct, group.rows) ?? 0n,
        chunks: chunks.map((each, at) => readChunk(each, owners[at]!, columns[owners[at]!]!.isInt96, fileSize)),
        struct,
      };
    });
    const int96 = new Set(columns.flatMap(({ isInt96 }, at) => (isInt96 ? [at] : [])));
    return { root, columns: columns.map(({ name }) => name), int96, groups };
  } catch (error) {
    if (error instanceof BadThrift) throw new BadParquet(`its footer is damaged: ${error.message}`);
    throw error;
  }
};

/** The chunk where it lies `by` bytes further on. What points to anything but its pages is dropped. */
const movedChunk = (struct: Struct, by: bigint): Struct => {
  const inner = new Map(struct.get(chunk.meta)!.value as Struct);
  for (const id of [meta.data, meta.index, meta.dictionary]) {
    const at = longOf(inner, id);
    if (at !== undefined && at > 0n) inner.set(id, long(at + by));
  }
  for (const id of [meta.bloomOffset, meta.bloomLength]) inner.delete(id);
  const moved = new Map(struct);
  for (const id of [chunk.offsetIndex, chunk.offsetIndex + 1, chunk.columnIndex, chunk.columnIndex + 1])
    moved.delete(id);
  const at = longOf(struct, chunk.offset) ?? 0n;
  moved.set(chunk.offset, long(at > 0n ? at + by : 0n));
  moved.set(chunk.meta, { type: fieldType.struct, value: inner });
  return moved;
};

const structs = (items: Struct[]): Field => ({ type: fieldType.list, value: { of: fieldType.struct, items } });

/** A row group as it stands in the footer of a file where each of its chunks lies `by(chunk)` bytes further on. */
export const movedGroup = ({ struct, chunks }: RowGroup, by: (chunk: Chunk) => bigint): Struct => {
  const moved = new Map(struct);
  moved.set(group.chunks, structs(chunks.map((each) => movedChunk(each.struct, by(each)))));
  moved.delete(group.offset);
  return moved;
};

/** The end of a file: the footer with these row groups in place of its own, its length, the magic. */
export const writeEnd = (root: Struct, groups: readonly Struct[]): Buffer => {
  const rows = groups.reduce((sum, each) => sum + (longOf(each, group.rows) ?? 0n), 0n);
  const whole = new Map(root);
  whole.set(file.rows, long(rows));
  whole.set(file.groups, structs([...groups]));
  whole.delete(file.signature);
  const bytes = writeStruct(whole);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(bytes.length);
  return Buffer.concat([bytes, tail, magic]);
};

/** The footer with other names for its columns, none of which is nested. */
export const renamed = ({ root, columns, groups }: Footer, names: readonly string[]): Footer => {
  const text = (name: string): Field => ({ type: fieldType.binary, value: Buffer.from(name) });
  const schema = structsOf(root, file.schema).map((each, at) =>
    at === 0 ? each : new Map(each).set(element.name, text(names[at - 1]!)),
  );
  const inChunk = (each: Chunk): Chunk => {
    const path: Field = {
      type: fieldType.list,
      value: { of: fieldType.binary, items: [Buffer.from(names[each.column]!)] },
    };
    const inner = new Map(each.struct.get(chunk.meta)!.value as Struct).set(meta.path, path);
    return { ...each, struct: new Map(each.struct).set(chunk.meta, { type: fieldType.struct, value: inner }) };
  };
  if (columns.length !== names.length || schema.length !== names.length + 1)
    throw new BadParquet('it has other columns than were written');
  return {
    root: new Map(root).set(file.schema, structs(schema)),
    columns: names,
    int96: new Set(),
    groups: groups.map((each) => ({ ...each, chunks: each.chunks.map(inChunk) })),
  };
};
