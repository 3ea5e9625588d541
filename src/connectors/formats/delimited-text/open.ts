import { ActivityError } from '../../../base/error.ts';
import { countAt, flagAt, type Properties } from '../../property.ts';
import { type Column, type RecordBatch, textBatch, type Value } from '../../row/record-batch.ts';
import type { RowReader, RowWriter } from '../definition.ts';
import { createEncoder, decodeText, notUtf8, UnwritableValue, writeRows } from '../encoding.ts';
import { BadRow, createRowParser } from './parse.ts';
import { createRowScanner, isScannable, NotUtf8, WideRow } from './scan.ts';
import { type DelimitedTextSettings, readSettings } from './settings.ts';
import { createRowStringifier } from './stringify.ts';

const invalidEncoding = 'DelimitedTextInvalidEncoding';

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

/** The columns, by the first row. */
const columnsOf = (first: string[], isHeader: boolean): Column[] => {
  const names = isHeader ? headerOf(first) : first.map((_, index) => `Prop_${index}`);
  return names.map((name) => ({ name, type: 'String' }));
};

const badRow = ({ row, message }: BadRow, fileName: string) =>
  new ActivityError(
    'DelimitedTextBadDataDetected',
    `Bad data is found at line ${row} in source ${fileName}: ${message}.`,
  );
const wideRow = (row: number, width: number, fileName: string) =>
  new ActivityError(
    'DelimitedTextMoreColumnsThanDefined',
    `Error found when processing 'Csv/Tsv Format Text' source '${fileName}' with row number ${row}: found more columns than expected column count: ${width}.`,
  );

/** Bytes that are read in one go. */
const pieceBytes = 128 * 1024;

/** The rows as text where it lies. */
async function* scanBatches(
  settings: DelimitedTextSettings,
  skipLineCount: number,
  chunks: AsyncIterable<Buffer>,
  fileName: string,
): AsyncGenerator<RecordBatch> {
  const scanner = createRowScanner(settings, skipLineCount);
  let columns: readonly Column[] | undefined;
  const read = (bytes: Buffer, last: boolean): RecordBatch | undefined => {
    try {
      scanner.add(bytes);
      const first = columns ? undefined : scanner.first(last, settings.firstRowAsHeader);
      if (first) columns = columnsOf(first, settings.firstRowAsHeader);
      if (!columns) return undefined;
      const text = scanner.take(last, columns.length);
      return text.rows > 0 || first ? textBatch(columns, text) : undefined;
    } catch (error) {
      if (error instanceof NotUtf8) throw notUtf8(fileName, invalidEncoding);
      if (error instanceof WideRow) throw wideRow(error.row, columns?.length ?? 0, fileName);
      throw error instanceof BadRow ? badRow(error, fileName) : error;
    }
  };
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const batch = read(chunk.subarray(at, at + pieceBytes), false);
      if (batch) yield batch;
    }
  const batch = read(Buffer.alloc(0), true);
  if (batch) yield batch;
}

const readBatches = (settings: DelimitedTextSettings, skipLineCount: number): RowReader =>
  async function* (chunks, fileName, { onBadRow, asText } = {}): AsyncGenerator<RecordBatch> {
    if (asText && !onBadRow && isScannable(settings)) {
      yield* scanBatches(settings, skipLineCount, chunks, fileName);
      return;
    }
    const parser = createRowParser(settings, skipLineCount);
    let columns: readonly Column[] | undefined;
    let rowNumber = 0;
    for await (const { text, last } of decodeText(chunks, settings.encoding, fileName, invalidEncoding)) {
      let rows: string[][];
      try {
        rows = parser.push(text, last);
      } catch (error) {
        if (!(error instanceof BadRow)) throw error;
        throw badRow(error, fileName);
      }
      if (rows.length === 0) continue;
      if (!columns) {
        columns = columnsOf(settings.firstRowAsHeader ? rows.shift()! : rows[0]!, settings.firstRowAsHeader);
        if (settings.firstRowAsHeader) rowNumber += 1;
      }
      const width = columns.length;
      const values: Value[][] = [];
      for (const row of rows) {
        rowNumber += 1;
        if (row.length <= width) {
          values.push(toValues(row, width, settings.nullValue));
          continue;
        }
        const error = wideRow(rowNumber, width, fileName);
        if (!onBadRow) throw error;
        onBadRow(error, row);
      }
      yield { columns, rows: values };
    }
  };

const writeBatches = (settings: DelimitedTextSettings, quoteAllText: boolean): RowWriter =>
  async function* (columns, batches): AsyncGenerator<Buffer> {
    const stringify = createRowStringifier(settings, quoteAllText);
    const encode = createEncoder(settings.encoding);
    const writeHeader = () => {
      try {
        return encode(stringify([columns.map(({ name }) => name)]));
      } catch (error) {
        if (!(error instanceof UnwritableValue)) throw error;
        throw new ActivityError('DelimitedTextUnwritableValue', `The header cannot be written: ${error.message}.`);
      }
    };
    if (settings.encoding.byteOrderMark) yield encode('\ufeff');
    if (settings.firstRowAsHeader) yield writeHeader();
    yield* writeRows(batches, (rows) => encode(stringify(rows)));
  };

/** A reader of files of this dataset. `formatSettings` are those of a source. */
export const openReader = (dataset: Properties, formatSettings: Properties): RowReader =>
  readBatches(readSettings(dataset), countAt(formatSettings, 'skipLineCount', 0, Number.MAX_SAFE_INTEGER) ?? 0);

/** A writer of files of this dataset. `formatSettings` are those of a sink. */
export const openWriter = (dataset: Properties, formatSettings: Properties): RowWriter =>
  writeBatches(readSettings(dataset), flagAt(formatSettings, 'quoteAllText') ?? false);
