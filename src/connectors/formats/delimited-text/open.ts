import iconv from 'iconv-lite';
import { ActivityError } from '../../../base/error.ts';
import { countAt, flagAt, type Properties } from '../../property.ts';
import type { Column, RecordBatch, Value } from '../../row/record-batch.ts';
import type { RowReader, RowWriter } from '../definition.ts';

import { BadRow, createRowParser } from './parse.ts';
import { type DelimitedTextSettings, readSettings } from './settings.ts';
import { createRowStringifier, UnwritableValue } from './stringify.ts';

/** Bytes that are decoded and parsed in one go: long enough to be fast, short enough to let a cancel in. */
const pieceBytes = 32 * 1024;

type Decoder = { write(bytes: Buffer): string; end(): string };

const createDecoder = (encoding: string, fileName: string): Decoder => {
  if (encoding === 'utf-8') {
    // What is not UTF-8 would arrive as question marks: better not at all.
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const decode = (bytes?: Buffer) => {
      try {
        return decoder.decode(bytes, { stream: bytes !== undefined });
      } catch {
        throw new ActivityError(
          'DelimitedTextInvalidEncoding',
          `The file '${fileName}' is not UTF-8: set the dataset's encodingName to what it is.`,
        );
      }
    };
    return { write: decode, end: () => decode() };
  }
  const decoder = iconv.getDecoder(encoding);
  return { write: (bytes) => decoder.write(bytes), end: () => decoder.end() ?? '' };
};

async function* decode(
  chunks: AsyncIterable<Buffer>,
  encoding: string,
  fileName: string,
): AsyncGenerator<{ text: string; last: boolean }> {
  const decoder = createDecoder(encoding, fileName);
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += pieceBytes)
      yield { text: decoder.write(chunk.subarray(at, at + pieceBytes)), last: false };
  yield { text: decoder.end(), last: true };
}

const headerOf = (names: readonly string[]): string[] => {
  for (const [index, name] of names.entries())
    if (name === '')
      throw new ActivityError(
        'DelimitedTextColumnNameNotAllowNull',
        `The name of column index ${index} is empty. Make sure column name is properly specified in the header row.`,
      );
  return [...names];
};

/** Makes every row as wide as the table, empty values null. A wider one is refused, a narrower one filled with null. */
const toValues = (row: string[], width: number, nullValue: string): Value[] => {
  const values: Value[] = row;
  for (let at = 0; at < row.length; at += 1) if (row[at] === nullValue) values[at] = null;
  while (values.length < width) values.push(null);
  return values;
};

const readBatches = (settings: DelimitedTextSettings, skipLineCount: number): RowReader =>
  async function* (chunks, fileName): AsyncGenerator<RecordBatch> {
    const parser = createRowParser(settings, skipLineCount);
    let columns: readonly Column[] | undefined;
    let rowNumber = 0;
    for await (const { text, last } of decode(chunks, settings.encoding, fileName)) {
      let rows: string[][];
      try {
        rows = parser.push(text, last);
      } catch (error) {
        if (!(error instanceof BadRow)) throw error;
        throw new ActivityError(
          'DelimitedTextBadDataDetected',
          `Bad data is found at line ${error.row} in source ${fileName}: ${error.message}.`,
        );
      }
      if (rows.length === 0) continue;
      if (!columns) {
        const names = settings.firstRowAsHeader ? headerOf(rows.shift()!) : rows[0]!.map((_, index) => `Prop_${index}`);
        columns = names.map((name) => ({ name, type: 'String' }));
        if (settings.firstRowAsHeader) rowNumber += 1;
      }
      const width = columns.length;
      const values = rows.map((row) => {
        rowNumber += 1;
        if (row.length > width)
          throw new ActivityError(
            'DelimitedTextMoreColumnsThanDefined',
            `Error found when processing 'Csv/Tsv Format Text' source '${fileName}' with row number ${rowNumber}: found more columns than expected column count: ${width}.`,
          );
        return toValues(row, width, settings.nullValue);
      });
      yield { columns, rows: values };
    }
  };

const writeBatches = (settings: DelimitedTextSettings, quoteAllText: boolean): RowWriter =>
  async function* (columns, batches): AsyncGenerator<Buffer> {
    const stringify = createRowStringifier(settings, quoteAllText);
    const { encoding } = settings;
    const encode = (text: string) => {
      if (encoding === 'utf-8') return Buffer.from(text);
      const bytes = iconv.encode(text, encoding, { addBOM: false });
      if (!encoding.startsWith('utf') && iconv.decode(bytes, encoding) !== text)
        throw new UnwritableValue(`a value holds a character that ${encoding} does not have`);
      return bytes;
    };
    const write = (rows: Value[][]) => {
      try {
        return encode(stringify(rows));
      } catch (error) {
        if (!(error instanceof UnwritableValue)) throw error;
        throw new ActivityError('DelimitedTextUnwritableValue', `The sink cannot be written: ${error.message}.`);
      }
    };
    if (settings.byteOrderMark) yield encode('\ufeff');
    if (settings.firstRowAsHeader) yield write([columns.map(({ name }) => name)]);
    for await (const batch of batches) if (batch.rows.length > 0) yield write(batch.rows);
  };

/** A reader of files of this dataset. `formatSettings` are those of a source. */
export const openReader = (dataset: Properties, formatSettings: Properties): RowReader =>
  readBatches(readSettings(dataset), countAt(formatSettings, 'skipLineCount', 0, Number.MAX_SAFE_INTEGER) ?? 0);

/** A writer of files of this dataset. `formatSettings` are those of a sink. */
export const openWriter = (dataset: Properties, formatSettings: Properties): RowWriter =>
  writeBatches(readSettings(dataset), flagAt(formatSettings, 'quoteAllText') ?? false);
