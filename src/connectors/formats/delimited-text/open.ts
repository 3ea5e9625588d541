import { ActivityError } from '../../../base/error.ts';
import { countAt, flagAt, type Properties } from '../../property.ts';
import type { Column, RecordBatch, Value } from '../../row/record-batch.ts';
import type { RowReader, RowWriter } from '../definition.ts';
import { createEncoder, decodeText, UnwritableValue, writeRows } from '../encoding.ts';
import { BadRow, createRowParser } from './parse.ts';
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

const readBatches = (settings: DelimitedTextSettings, skipLineCount: number): RowReader =>
  async function* (chunks, fileName, { onBadRow } = {}): AsyncGenerator<RecordBatch> {
    const parser = createRowParser(settings, skipLineCount);
    let columns: readonly Column[] | undefined;
    let rowNumber = 0;
    for await (const { text, last } of decodeText(chunks, settings.encoding, fileName, invalidEncoding)) {
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
      const values: Value[][] = [];
      for (const row of rows) {
        rowNumber += 1;
        if (row.length <= width) {
          values.push(toValues(row, width, settings.nullValue));
          continue;
        }
        const error = new ActivityError(
          'DelimitedTextMoreColumnsThanDefined',
          `Error found when processing 'Csv/Tsv Format Text' source '${fileName}' with row number ${rowNumber}: found more columns than expected column count: ${width}.`,
        );
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
