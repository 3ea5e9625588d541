// Which values of a row are an entity's keys. Pure but for the keys that are made up.
import { randomUUID } from 'node:crypto';
import { ActivityError } from '../../base/error.ts';
import { type Properties, propertyError, textAt } from '../property.ts';
import { converterOf, plainConversion } from '../row/convert.ts';
import type { Column, Value } from '../row/record-batch.ts';

export type Keys = { partitionKey: string; rowKey: string };

// What the service does not take in a key.
const forbidden = /[/\\#?\u0000-\u001f\u007f-\u009f]/;
const maxKeyLength = 512;

const columnAt = (settings: Properties, property: string, columns: readonly Column[]): number | undefined => {
  const name = textAt(settings, property) || undefined;
  if (name === undefined) return undefined;
  const at = columns.findIndex((column) => column.name === name);
  if (at < 0)
    throw propertyError(
      settings,
      property,
      `names the column '${name}', which the sink does not get. It gets: ${columns
        .map((column) => column.name)
        .join(', ')
        .slice(0, 1000)}`,
    );
  return at;
};

const readerOf = (columns: readonly Column[], at: number) => {
  const { name, type } = columns[at]!;
  const toText = converterOf(type, 'String', plainConversion);
  return (row: readonly Value[], rowNumber: number): string => {
    const value = row[at]!;
    const refuse = (why: string) =>
      new ActivityError('UserErrorInvalidTableKey', `Row ${rowNumber} cannot be an entity: its key '${name}' ${why}.`);
    if (value === null) throw refuse('is null');
    const text = String(toText ? toText(value) : value);
    if (text.length > maxKeyLength) throw refuse(`is longer than ${maxKeyLength} characters`);
    if (forbidden.test(text))
      throw refuse('holds a character that keys must not have (/ \\ # ? or a control character)');
    return text;
  };
};

/**
 * Makes the reader of keys for rows of these columns. Without settings the columns `PartitionKey` and `RowKey` are the
 * keys; a row key that nobody names is made up. Errors name the setting, or the row and its column.
 */
export const keyReader = (
  settings: Properties,
  columns: readonly Column[],
): ((row: readonly Value[], rowNumber: number) => Keys) => {
  const named = (name: string) => {
    const at = columns.findIndex((column) => column.name === name);
    return at < 0 ? undefined : at;
  };
  const fixed = textAt(settings, 'azureTableDefaultPartitionKeyValue') || undefined;
  if (fixed !== undefined && forbidden.test(fixed))
    throw propertyError(settings, 'azureTableDefaultPartitionKeyValue', 'must not hold / \\ # ? or control characters');
  const partitionAt =
    columnAt(settings, 'azureTablePartitionKeyName', columns) ??
    (fixed === undefined ? named('PartitionKey') : undefined);
  if (partitionAt === undefined && fixed === undefined)
    throw propertyError(
      settings,
      'azureTablePartitionKeyName',
      'must name a column, or azureTableDefaultPartitionKeyValue must be given, for the source has no column PartitionKey',
    );
  const rowAt = columnAt(settings, 'azureTableRowKeyName', columns) ?? named('RowKey');
  const partition = partitionAt === undefined ? () => fixed! : readerOf(columns, partitionAt);
  const rowKey = rowAt === undefined ? () => randomUUID() : readerOf(columns, rowAt);
  return (row, rowNumber) => ({ partitionKey: partition(row, rowNumber), rowKey: rowKey(row, rowNumber) });
};
