// Documents as rows, and rows as documents. Pure but for ids that are made up.
import { randomUUID } from 'node:crypto';
import { ActivityError } from '../../base/error.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import type { ColumnType } from '../row/column-type.ts';
import type { ConversionSettings, Converter } from '../row/convert.ts';
import { inUtc, readMoment } from '../row/date-time.ts';
import { chained, finite, unsignedZero } from '../row/fit.ts';
import type { Column, Value } from '../row/record-batch.ts';
import type { Property, VariedRow } from '../row/varied-row.ts';
import type { Document } from './container.ts';
import { readNested } from './nested.ts';

/** What the store adds to every document. */
const storeOwn = new Set(['_rid', '_self', '_etag', '_attachments', '_ts']);

/** How documents are read. */
export type ReadSettings = {
  /** Whether text in ISO 8601 is a DateTime. */
  detectsDates: boolean;
  /** Whether what the store adds is left out. */
  leavesOut: boolean;
};

const isDate = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

const textProperty = (value: string, detectsDates: boolean): Property => {
  const moment = detectsDates && isDate.test(value) ? readMoment(value) : undefined;
  if (!moment?.isExact) return { type: 'String', value };
  if (moment.offset === undefined || moment.offset === '+00:00')
    return { type: 'DateTime', value: inUtc(moment) ?? value, text: value };
  return { type: 'DateTimeOffset', value: `${moment.clock}${moment.offset}`, text: value };
};

/** JSON has one kind of number: a Double. What is nested stays JSON, as text. */
const propertyOf = (value: Exclude<Json, null>, detectsDates: boolean): Property => {
  if (typeof value === 'string') return textProperty(value, detectsDates);
  if (typeof value === 'number') return { type: 'Double', value };
  if (typeof value === 'boolean') return { type: 'Boolean', value };
  return { type: 'String', value: JSON.stringify(value) };
};

/** A result of a query as a row. A value that is no object is one column `$1`, as the store itself names such columns. */
export const rowOf = (result: Json, { detectsDates, leavesOut }: ReadSettings): VariedRow => {
  const row = new Map<string, Property>();
  for (const [name, value] of Object.entries(isJsonObject(result) ? result : { $1: result }))
    if (value !== null && !(leavesOut && storeOwn.has(name))) row.set(name, propertyOf(value, detectsDates));
  return row;
};

/** The type in which a document keeps a column: numbers are doubles, and what JSON has no type for is text. */
export const keptType = (type: ColumnType): ColumnType => {
  if (['Byte', 'Int16', 'Int32', 'Int64', 'Single', 'Decimal'].includes(type)) return 'Double';
  return type === 'Guid' || type === 'TimeSpan' || type === 'Binary' ? 'String' : type;
};

/** What a document does not hold is refused. The client has no zero with a sign. */
export const fit = ({ type }: Column, settings: ConversionSettings): Converter | undefined =>
  type === 'Double' ? chained([finite('JSON', settings), unsignedZero('a document', settings)]) : undefined;

const writtenValue = (type: ColumnType, value: Value): Json =>
  type === 'DateTime' && value !== null ? `${String(value)}Z` : (value as Json);

// What the service does not take in an id.
const forbidden = /[/\\?#\u0000-\u001f]|\s$/;
const longestId = 1023;

/**
 * Makes the writer of rows with these columns as documents; what is in a column of `nested` is the JSON that it holds. A
 * document without an id gets one, as in Azure.
 */
export const documentWriter = (columns: readonly Column[], nested: ReadonlySet<string>) => {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new ActivityError(
      'UserErrorInvalidCosmosDbColumn',
      `A document cannot have two properties '${twice}': rename one of them by a mapping.`,
    );
  const properties = columns.map((column, at) => ({ ...column, at })).filter(({ name }) => !storeOwn.has(name));
  return (row: readonly Value[], rowNumber: number): Document => {
    const refuse = (name: string) => (why: string) =>
      new ActivityError(
        'UserErrorInvalidCosmosDbValue',
        `Row ${rowNumber} cannot be a document: its column '${name}' ${why}.`,
      );
    const document = Object.fromEntries(
      properties.map(({ name, type, at }): [string, Json] => {
        const value = row[at]!;
        const isText = nested.has(name) && typeof value === 'string';
        return [name, isText ? readNested(value, refuse(name)) : writtenValue(type, value)];
      }),
    );
    const given = document.id;
    if (given === undefined || given === null || given === '') return { ...document, id: randomUUID() };
    const id = typeof given === 'string' ? given : String(given);
    if (forbidden.test(id) || Buffer.byteLength(id) > longestId)
      throw refuse('id')(
        `must not hold / \\ ? # or control characters, end with a space, or be longer than ${longestId} bytes`,
      );
    return { ...document, id };
  };
};
