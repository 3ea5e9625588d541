// Text of files: from bytes of a named encoding, and to them.
import iconv from 'iconv-lite';
import { ActivityError } from '../../base/error.ts';
import { type Properties, propertyError, textAt } from '../property.ts';
import type { RecordBatch, Value } from '../row/record-batch.ts';

export type Encoding = {
  name: string;
  /** Whether a file that is written begins with a byte order mark. */
  byteOrderMark: boolean;
};

/** A value that cannot be written without being read as something else. */
export class UnwritableValue extends Error {}

// Azure's names that the encoding library knows by another one.
const otherNames: Readonly<Record<string, string>> = {
  'utf-8 without bom': 'utf-8',
  'utf-16': 'utf-16le',
  'utf-32': 'utf-32le',
  ibm00858: 'cp858',
};

/** Reads a dataset's `encodingName`; UTF-8 where there is none. */
export const readEncoding = (dataset: Properties): Encoding => {
  const given = textAt(dataset, 'encodingName')?.toLowerCase() || undefined;
  const name = given === undefined ? 'utf-8' : (otherNames[given] ?? given);
  if (!iconv.encodingExists(name))
    throw propertyError(dataset, 'encodingName', `names an encoding that is not supported: ${given}`);
  // "UTF-8 without BOM" is a choice beside "UTF-8": the latter, when it is named, writes the mark.
  return { name, byteOrderMark: given !== undefined && /^utf-(8|16|16be|32|32be)$/.test(given) };
};

type Decoder = { write(bytes: Buffer): string; end(): string };

/** What a file fails with that is not in the UTF-8 that its dataset speaks of. */
export const notUtf8 = (fileName: string, errorCode: string) =>
  new ActivityError(errorCode, `The file '${fileName}' is not UTF-8: set the dataset's encodingName to what it is.`);

const createDecoder = (encoding: string, fileName: string, errorCode: string): Decoder => {
  if (encoding === 'utf-8') {
    // What is not UTF-8 would arrive as question marks: better not at all.
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const decode = (bytes?: Buffer) => {
      try {
        return decoder.decode(bytes, { stream: bytes !== undefined });
      } catch {
        throw notUtf8(fileName, errorCode);
      }
    };
    return { write: decode, end: () => decode() };
  }
  const decoder = iconv.getDecoder(encoding);
  return { write: (bytes) => decoder.write(bytes), end: () => decoder.end() ?? '' };
};

/** Bytes that are decoded and parsed in one go: long enough to be fast, short enough to let a cancel in. */
const pieceBytes = 32 * 1024;

/** The bytes as text, in pieces; only the final one is `last`. `errorCode` is that of bytes which are no such text. */
export async function* decodeText(
  chunks: AsyncIterable<Buffer>,
  { name }: Encoding,
  fileName: string,
  errorCode: string,
): AsyncGenerator<{ text: string; last: boolean }> {
  const decoder = createDecoder(name, fileName, errorCode);
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += pieceBytes)
      yield { text: decoder.write(chunk.subarray(at, at + pieceBytes)), last: false };
  yield { text: decoder.end(), last: true };
}

/** Makes what turns text into bytes. Its errors: `UnwritableValue`. */
export const createEncoder = ({ name }: Encoding): ((text: string) => Buffer) => {
  const refuse = () => new UnwritableValue(`it holds a character that ${name} does not have`);
  return (text) => {
    const isWhole = text.isWellFormed();
    // Half of a pair of surrogates would arrive as a question mark.
    if (name === 'utf-8' && !isWhole) throw refuse();
    if (name === 'utf-8') return Buffer.from(text);
    const bytes = iconv.encode(text, name, { addBOM: false });
    if (!(name.startsWith('utf') && isWhole) && iconv.decode(bytes, name) !== text) throw refuse();
    return bytes;
  };
};

type Rows = readonly (readonly Value[])[];

/** Which value cannot be written, as a failure that names it. */
const unwritable = ({ columns, rows }: RecordBatch, rowsBefore: number, write: (rows: Rows) => Buffer) => {
  for (const [index, row] of rows.entries())
    for (const [at, { name }] of columns.entries())
      try {
        write([row.map((value, place) => (place === at ? value : null))]);
      } catch (error) {
        if (!(error instanceof UnwritableValue)) throw error;
        return new ActivityError(
          'TypeConversionFailure',
          `The value of column '${name}' in row ${rowsBefore + index + 1} cannot be written: ${error.message}.`,
        );
      }
  return undefined;
};

/** Writes batches one by one. A value that `write` refuses by `UnwritableValue` is named by its column and row. */
export async function* writeRows(
  batches: AsyncIterable<RecordBatch>,
  write: (rows: Rows) => Buffer,
): AsyncGenerator<Buffer> {
  let rowsBefore = 0;
  for await (const batch of batches) {
    if (batch.rows.length === 0) continue;
    let bytes: Buffer;
    try {
      bytes = write(batch.rows);
    } catch (error) {
      if (!(error instanceof UnwritableValue)) throw error;
      throw unwritable(batch, rowsBefore, write) ?? error;
    }
    yield bytes;
    rowsBefore += batch.rows.length;
  }
}
