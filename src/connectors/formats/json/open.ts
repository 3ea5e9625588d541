import { ActivityError } from '../../../base/error.ts';
import { choiceAt, type Properties } from '../../property.ts';
import { type ConversionSettings, type Converter, Inconvertible } from '../../row/convert.ts';
import { finite } from '../../row/fit.ts';
import type { Column, RecordBatch, Value } from '../../row/record-batch.ts';
import type { WantedColumn } from '../../row/row-store.ts';
import type { FileRequest, RowReader, RowWriter } from '../definition.ts';
import { createEncoder, decodeText, type Encoding, readEncoding, UnwritableValue, writeRows } from '../encoding.ts';
import { columnReader, commonType, isOwnType, valueAt } from './column.ts';
import { isExactNumber, type JsonValue, parseJson } from './parse.ts';
import { type JsonPath, pathOfColumn, readJsonPath } from './path.ts';
import { BadJson, createObjectSplitter } from './split.ts';
import { createObjectStringifier } from './stringify.ts';

/** How many rows tell which columns there are, and of which types, where nobody else does. */
const sampleRows = 1000;
/** Rows of a list within one object are handed on in batches of this size. */
const batchRows = 1000;
/** Longer objects than the sample's may be: so much text is enough of one, in characters. */
const sampleLength = 2 * 1024 * 1024;

type Row = { root: JsonValue; item: JsonValue };
type Shape = { columns: readonly Column[]; toValues(row: Row, number: number): Value[] };

const isObject = (value: JsonValue | undefined): value is { [name: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);

const bad = (fileName: string, row: number, why: string) =>
  new ActivityError('JsonInvalidDataFormat', `Object ${row} of the file '${fileName}' cannot be read: ${why}.`);

/** What the sample has, in the order in which it first does. */
const foundColumns = (rows: readonly Row[]): WantedColumn[] => {
  const names = new Set(rows.flatMap(({ item }) => Object.keys(item as object)));
  return [...names].map((name) => ({ name, type: undefined }));
};

const shapeOf = (sample: readonly Row[], { wanted }: FileRequest, fileName: string): Shape => {
  const readers = (wanted ?? foundColumns(sample)).map(({ name, type }) => {
    const path: JsonPath = wanted ? pathOfColumn(name) : { fromRoot: false, steps: [name] };
    const at = ({ root, item }: Row) => valueAt(root, item, path);
    const own = type === undefined ? commonType(sample.map(at)) : isOwnType(type) ? type : 'String';
    return { name, type: own, at, read: columnReader(own) };
  });
  const known = wanted ? undefined : new Set(readers.map(({ name }) => name));
  return {
    columns: readers.map(({ name, type }) => ({ name, type })),
    toValues: (row, number) => {
      if (known)
        for (const name in row.item as object)
          if (!known.has(name))
            throw new ActivityError(
              'JsonUnknownColumn',
              `Row ${number} of the file '${fileName}' has a property '${name}' that none of the first ${sampleRows} rows has. Map the columns, or leave it out of the mappings.`,
            );
      return readers.map(({ name, type, at, read }) => {
        try {
          return read(at(row));
        } catch (error) {
          if (!(error instanceof Inconvertible)) throw error;
          throw new ActivityError(
            'TypeConversionFailure',
            `The value of '${name}' in row ${number} of the file '${fileName}' is not of type ${type}, as the first ${sampleRows} rows or the mapping say: ${error.message}. Give the mapping's source a type that holds it, such as String or Decimal.`,
          );
        }
      });
    },
  };
};

/** The rows in one object: itself, or the items of the list that `collection` leads to. */
const rowsOf = (root: JsonValue, collection: JsonPath | undefined): Row[] => {
  if (!collection) return [{ root, item: root }];
  const list = valueAt(root, root, collection);
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new BadJson("what the translator's collectionReference names is no list");
  return list.map((item) => {
    if (!isObject(item))
      throw new BadJson("an item of the list that the translator's collectionReference names is no object");
    return { root, item };
  });
};

const readBatches = (encoding: Encoding): RowReader =>
  async function* (chunks, fileName, request = {}): AsyncGenerator<RecordBatch> {
    const splitter = createObjectSplitter();
    const collection = request.collection === undefined ? undefined : readJsonPath(request.collection);
    let shape: Shape | undefined;
    let objects = 0;
    let rowNumber = 0;
    let waiting: Row[] = [];
    let waitingLength = 0;

    const convert = (rows: readonly Row[]): RecordBatch => {
      shape ??= shapeOf(rows, request, fileName);
      const values: Value[][] = [];
      for (const row of rows) {
        rowNumber += 1;
        try {
          values.push(shape.toValues(row, rowNumber));
        } catch (error) {
          if (!(error instanceof ActivityError) || !request.onBadRow) throw error;
          request.onBadRow(error, [JSON.stringify(row.item)]);
        }
      }
      return { columns: shape.columns, rows: values };
    };
    const parse = (text: string): Row[] => {
      objects += 1;
      try {
        return rowsOf(parseJson(text), collection);
      } catch (error) {
        if (error instanceof BadJson) throw bad(fileName, objects, error.message);
        throw error;
      }
    };
    for await (const { text, last } of decodeText(chunks, encoding, fileName, 'JsonInvalidEncoding')) {
      let found: string[];
      try {
        found = splitter.push(text, last);
      } catch (error) {
        if (error instanceof BadJson) throw bad(fileName, objects + 1, error.message);
        throw error;
      }
      for (const object of found) {
        for (const row of parse(object)) waiting.push(row);
        waitingLength += object.length;
        if (waiting.length < (shape ? batchRows : sampleRows) && waitingLength < sampleLength) continue;
        for (let at = 0; at < waiting.length; at += batchRows) yield convert(waiting.slice(at, at + batchRows));
        waiting = [];
        waitingLength = 0;
      }
      // Rows that are there are not kept waiting for more, once their shape is known.
      if (waiting.length > 0 && (shape || last)) {
        yield convert(waiting);
        waiting = [];
      }
    }
  };

const telling = <Result>(write: () => Result): Result => {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof UnwritableValue)) throw error;
    throw new ActivityError('JsonUnwritableValue', `The sink cannot be written: ${error.message}.`);
  }
};

const writeBatches = (encoding: Encoding, asList: boolean): RowWriter =>
  async function* (columns, batches): AsyncGenerator<Buffer> {
    const encode = createEncoder(encoding);
    const stringify = telling(() => createObjectStringifier(columns));
    if (encoding.byteOrderMark) yield encode('\ufeff');
    let isFirst = true;
    const write = (rows: readonly (readonly Value[])[]) => {
      let text = '';
      for (const row of rows) {
        text += asList ? `${isFirst ? '[' : ',\r\n'}${stringify(row)}` : `${stringify(row)}\r\n`;
        isFirst = false;
      }
      return encode(text);
    };
    yield* writeRows(batches, write);
    if (asList) yield encode(isFirst ? '[]' : ']');
  };

/** JSON has numbers of any length, and no word for what is none. */
export const fit = ({ type }: Column, settings: ConversionSettings): Converter | undefined =>
  type === 'Single' || type === 'Double' ? finite('JSON', settings) : undefined;

/** A reader of files of this dataset. How the objects stand in a file is seen there, whatever the settings say. */
export const openReader = (dataset: Properties): RowReader => readBatches(readEncoding(dataset));

/** A writer of files of this dataset. `formatSettings` are those of a sink. */
export const openWriter = (dataset: Properties, formatSettings: Properties): RowWriter => {
  const pattern = choiceAt(formatSettings, 'filePattern', ['setOfObjects', 'arrayOfObjects']) ?? 'setOfObjects';
  return writeBatches(readEncoding(dataset), pattern === 'arrayOfObjects');
};
