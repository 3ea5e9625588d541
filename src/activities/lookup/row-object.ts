import type { JsonObject } from '../../base/json.ts';
import type { ColumnType } from '../../connectors/row/column-type.ts';
import type { Column, Value } from '../../connectors/row/record-batch.ts';

/** A value as JSON has it. */
export const toJson = (type: ColumnType, value: Value): string | number | boolean | null => {
  // A number that JSON readers would round stays text.
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (type === 'DateTime' && value !== null) return `${String(value).replace(/\.?0+$/, '')}Z`;
  return value;
};

/** A row as the expressions of a pipeline see it. */
export const rowObject = (columns: readonly Column[], row: readonly Value[]): JsonObject =>
  Object.fromEntries(columns.map(({ name, type }, at) => [name, toJson(type, row[at] ?? null)]));
