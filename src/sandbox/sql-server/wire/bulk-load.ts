// The message of a bulk load: a result set that the client sends. It is read as it comes, never whole.
import type { SqlValue } from '../type/sql-type.ts';
import { BufferReader } from './buffer-reader.ts';
import { type Packet, ProtocolError, packetType } from './packet.ts';
import { readType, type WireType } from './type-info.ts';
import { readValue } from './value.ts';

/** A column of a bulk load. */
export type BulkColumn = { name: string; wire: WireType };

const longestRow = 32 * 1024 * 1024;

const readColumns = (reader: BufferReader): BulkColumn[] => {
  if (reader.uint8() !== 0x81) throw new ProtocolError('A bulk load begins with its columns.');
  const count = reader.uint16();
  return Array.from({ length: count }, () => {
    reader.bytes(6);
    const wire = readType(reader);
    // A long type names its table: a number of parts, or one text.
    if ([34, 35, 99].includes(wire.code))
      for (let parts = reader.uint8(); parts > 0; parts--) reader.text(reader.uint16());
    return { name: reader.shortText(), wire };
  });
};

const readRow = (reader: BufferReader, columns: readonly BulkColumn[]): SqlValue[] | null => {
  const token = reader.uint8();
  if (token === 0xfd) return null;
  if (token === 0xd1) return columns.map(({ wire }) => readValue(wire, reader));
  if (token !== 0xd2) throw new ProtocolError(`A bulk load has no token ${token}.`);
  const bits = reader.bytes(Math.ceil(columns.length / 8));
  return columns.map(({ wire }, at) => ((bits[at >> 3]! >> (at & 7)) & 1 ? null : readValue(wire, reader)));
};

/** Says that more of the message is needed. */
const isShort = (error: unknown, isOver: boolean): boolean =>
  error instanceof ProtocolError && error.message.startsWith('A message ends') && !isOver;

/**
 * The rows of a bulk load, in lots of what has arrived; the first lot comes with the columns. `next` gives the packets of
 * the message. Where the client gives up in the middle, `null` is the last that comes.
 */
export const readBulkLoad = async function* (
  next: () => Promise<Packet>,
): AsyncGenerator<{ columns: readonly BulkColumn[]; rows: SqlValue[][] } | null, void> {
  let columns: BulkColumn[] | undefined;
  let held: Buffer[] = [];
  let bytes = 0;
  // A long row is looked at again only when twice as much of it is there: what is read stays in proportion to what came.
  let enough = 0;
  for (let isOver = false; !isOver; ) {
    const packet = await next();
    if (packet.type !== packetType.bulk || packet.isIgnored) {
      yield null;
      return;
    }
    isOver = packet.isLast;
    held.push(packet.data);
    bytes += packet.data.length;
    if (bytes > longestRow) throw new ProtocolError('A row of a bulk load is too long.');
    if (bytes < enough && !isOver) continue;
    const rest = Buffer.concat(held);
    const rows: SqlValue[][] = [];
    const reader = new BufferReader(rest);
    let good = 0;
    try {
      columns ??= readColumns(reader);
      good = reader.at;
      while (reader.left > 0) {
        const row = readRow(reader, columns);
        if (row === null) break;
        rows.push(row);
        good = reader.at;
      }
    } catch (error) {
      if (!isShort(error, isOver)) throw error;
    }
    held = [rest.subarray(good)];
    bytes = rest.length - good;
    enough = good === 0 ? bytes * 2 : 0;
    if (columns) yield { columns, rows };
  }
};
