// A table as a sink of rows: transactions of one partition each, several partitions at once, rows of one key in order.
import type { TableEntity, TransactionAction } from '@azure/data-tables';
import { ActivityError } from '../../base/error.ts';
import type { TableAddress } from '../definition.ts';
import { choiceAt, countAt, type Properties } from '../property.ts';
import { createParcelSender, demandsOf, writingOf } from '../row/parcel.ts';
import type { Column, Value } from '../row/record-batch.ts';
import type { RowSink, RowWriting } from '../row/row-store.ts';
import { timeoutAt } from '../timeout.ts';
import { fit, keptType, writeProperty } from './entity.ts';
import { keyReader } from './row-key.ts';
import { openTable, type Table } from './table.ts';

/** The service takes at most so many entities in one transaction, and 4 MiB with all that is around them. */
const maxEntities = 100;
const maxBytes = 3 * 2 ** 20;
const maxColumns = 252;
/** Rows that wait for others of their partition. */
const maxWaiting = 2000;
const atOnce = 4;
const defaultTimeoutMs = 90_000;

/** Entities of one partition that go together, no key twice. */
type Parcel = { actions: TransactionAction[]; keys: Set<string>; bytes: number };

// The client gives these names a meaning of their own, so that as columns they would be lost.
const reserved = new Set(['partitionKey', 'rowKey', 'etag', 'timestamp']);
const storeOwn = new Set(['PartitionKey', 'RowKey', 'Timestamp']);

const checkColumns = (columns: readonly Column[]): void => {
  const refuse = (message: string) => new ActivityError('UserErrorInvalidTableColumn', message);
  if (columns.length > maxColumns)
    throw refuse(
      `A table takes at most ${maxColumns} columns, and there are ${columns.length}: leave some out by a mapping.`,
    );
  for (const { name } of columns)
    if (reserved.has(name) || !/^[\p{L}_][\p{L}\p{N}_]{0,254}$/u.test(name))
      throw refuse(
        `A table cannot have a column '${name.slice(0, 300)}': names are letters, digits and underscores, no digit first, and not ${[...reserved].join(', ')}. Rename it by a mapping.`,
      );
};

const sizeOf = (value: Exclude<Value, null>) =>
  typeof value === 'string' ? Buffer.byteLength(value) : value instanceof Uint8Array ? value.length * 1.4 : 30;

const entityWriter = (columns: readonly Column[], settings: Properties) => {
  checkColumns(columns);
  const keysOf = keyReader(settings, columns);
  const properties = columns.map((column, at) => ({ ...column, at })).filter(({ name }) => !storeOwn.has(name));
  return (row: readonly Value[], rowNumber: number) => {
    const entity: TableEntity = keysOf(row, rowNumber);
    let bytes = 500;
    for (const { name, type, at } of properties) {
      const value = row[at]!;
      // A table has no null: the column is just not there.
      if (value === null) continue;
      entity[name] = writeProperty(type, value);
      bytes += sizeOf(value) + name.length * 2 + 60;
    }
    return { entity, bytes };
  };
};

const submit = async (table: Table, actions: TransactionAction[], timeoutMs: number, signal: AbortSignal) => {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    await table.submit(actions, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
    throw new ActivityError(
      'AzureTableOperationFailed',
      `Table operation failed. Table: ${table.name}. A batch took longer than writeBatchTimeout, ${timeoutMs / 1000} seconds: set a longer one, or a smaller writeBatchSize.`,
    );
  }
};

const beginWriting = (table: Table, settings: Properties, columns: readonly Column[]): RowWriting => {
  const mode = choiceAt(settings, 'azureTableInsertType', ['merge', 'replace']) === 'replace' ? 'Replace' : 'Merge';
  const most = Math.min(maxEntities, countAt(settings, 'writeBatchSize', 1, 10_000) ?? maxEntities);
  const timeoutMs = timeoutAt(settings, 'writeBatchTimeout') ?? defaultTimeoutMs;
  const sender = createParcelSender(atOnce);
  const toEntity = entityWriter(columns, settings);
  const waiting = new Map<string, Parcel>();
  let waitingRows = 0;
  const send = async (partition: string, parcel: Parcel, signal: AbortSignal) => {
    waiting.delete(partition);
    waitingRows -= parcel.actions.length;
    const one = new Set([partition]);
    await sender.send(one, (given) => submit(table, parcel.actions, timeoutMs, given), signal);
  };
  const sendAll = async (signal: AbortSignal) => {
    for (const [partition, parcel] of waiting) await send(partition, parcel, signal);
  };
  const add = async (row: readonly Value[], rowNumber: number, signal: AbortSignal) => {
    const { entity, bytes } = toEntity(row, rowNumber);
    const { partitionKey, rowKey } = entity;
    const open = waiting.get(partitionKey);
    const isFull = open && (open.actions.length >= most || open.bytes + bytes > maxBytes || open.keys.has(rowKey));
    if (isFull) await send(partitionKey, open, signal);
    const parcel = (!isFull && open) || { actions: [], keys: new Set<string>(), bytes: 0 };
    parcel.actions.push(['upsert', entity, mode]);
    parcel.keys.add(rowKey);
    parcel.bytes += bytes;
    waiting.set(partitionKey, parcel);
    waitingRows += 1;
    if (waitingRows >= maxWaiting) await sendAll(signal);
  };
  return writingOf(sender, add, sendAll);
};

/** Opens the table as a sink. The columns of the dataset's schema have the types that it gives them. */
export const openRowSink = (address: TableAddress, settings: Properties): RowSink => {
  const table = openTable(address);
  return {
    name: table.name,
    keeps: keptType,
    fit,
    demands: demandsOf(address.schema),
    begin: (columns) => beginWriting(table, settings, columns),
  };
};
