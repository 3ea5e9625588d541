// Entities as the table service writes them, and their columns. Read from the answer's own text: the client takes the
// number 5.0 for an Int32, and the text is all that tells that it is a Double. Pure.
import type { Edm, EdmTypes } from '@azure/data-tables';
import { isJsonObject } from '../../base/json.ts';
import { type ColumnType, columnTypeOf } from '../row/column-type.ts';
import { type ConversionSettings, type Converter, refuse } from '../row/convert.ts';
import { inUtc, readMoment } from '../row/date-time.ts';
import { unsignedZero } from '../row/fit.ts';
import type { Column, Value } from '../row/record-batch.ts';
import type { Property, VariedRow } from '../row/varied-row.ts';

/** An entity, as a row that has what it has. */
export type Entity = VariedRow;

/** A number as the text that it was written in. */
type Written = { number: string };

// Entities hold nothing but plain values.
const isWritten = (value: unknown): value is Written => isJsonObject(value);

const annotation = '@odata.type';

const propertyOf = (type: ColumnType, written: unknown): Property => {
  const text = isWritten(written) ? written.number : String(written);
  switch (type) {
    case 'Boolean':
      return { type, value: written === true || text === 'true' };
    case 'Int32':
    case 'Double':
      return { type, value: Number(text) };
    case 'Int64':
      return { type, value: BigInt(text) };
    case 'Binary':
      return { type, value: Buffer.from(text, 'base64') };
    case 'Guid':
      return { type, value: text.toLowerCase() };
    case 'DateTime': {
      const moment = readMoment(text);
      return { type, value: (moment && inUtc(moment)) ?? text };
    }
    default:
      return { type: 'String', value: text };
  }
};

const inferredType = (written: unknown): ColumnType => {
  if (isWritten(written)) return /[.eE]/.test(written.number) ? 'Double' : 'Int32';
  return typeof written === 'boolean' ? 'Boolean' : 'String';
};

const entityOf = (written: Record<string, unknown>): Entity => {
  const entity = new Map<string, Property>();
  for (const [name, value] of Object.entries(written)) {
    if (value === null || name.startsWith('odata.') || name.endsWith(annotation)) continue;
    const annotated = written[name + annotation];
    const type = typeof annotated === 'string' ? columnTypeOf(annotated) : undefined;
    entity.set(name, propertyOf(name === 'Timestamp' ? 'DateTime' : (type ?? inferredType(value)), value));
  }
  return entity;
};

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const keepNumbers: Reviver = (_, value, { source }) =>
  typeof value === 'number' && source !== undefined ? ({ number: source } satisfies Written) : value;

/** The entities in the body of the service's answer to a query. */
export const readEntities = (body: string): Entity[] => {
  const answer: unknown = (JSON.parse as (text: string, reviver: Reviver) => unknown)(body, keepNumbers);
  const list: unknown[] = isJsonObject(answer) && Array.isArray(answer.value) ? answer.value : [];
  return list.filter((item): item is Record<string, unknown> => isJsonObject(item)).map(entityOf);
};

/** The type in which a table keeps a column: what it has no type for is text that loses nothing. */
export const keptType = (type: ColumnType): ColumnType => {
  if (type === 'Byte' || type === 'Int16') return 'Int32';
  if (type === 'Single') return 'Double';
  return type === 'Decimal' || type === 'DateTimeOffset' || type === 'TimeSpan' ? 'String' : type;
};

const earliest = '1601-01-01';
const mostBytes = 64 * 2 ** 10;

/** What the service does not take is refused before it is sent. The client has no zero with a sign. */
export const fit = ({ type }: Column, settings: ConversionSettings): Converter | undefined => {
  if (type === 'Double') return unsignedZero('a table', settings);
  if (type === 'DateTime')
    return (value) =>
      value !== null && String(value) < earliest
        ? refuse(`it is before ${earliest}, where the dates of tables begin`)
        : value;
  if (type !== 'String' && type !== 'Binary') return undefined;
  const each = type === 'String' ? 2 : 1;
  return (value) =>
    value !== null && (value as string | Uint8Array).length * each > mostBytes
      ? refuse('it is longer than 64 KiB, which is the most that a table takes of a value')
      : value;
};

/** A value of a type that tables keep, as the client takes it. */
export const writeProperty = (
  type: ColumnType,
  value: Exclude<Value, null>,
): Edm<EdmTypes> | boolean | string | number => {
  switch (type) {
    case 'Boolean':
    case 'String':
    case 'Int32':
      return value as boolean | string | number;
    case 'Double':
      // Not a number and infinity are text in JSON.
      return { type, value: (Number.isFinite(value) ? value : String(value)) as string };
    case 'Int64':
      return { type, value: String(value) };
    case 'Binary':
      return { type, value: Buffer.from(value as Uint8Array).toString('base64') };
    case 'DateTime':
      return { type, value: `${value}Z` };
    default:
      return { type: 'Guid', value: String(value) };
  }
};
