// A table as a sink of rows: transactions of one partition each, several partitions at once, rows of one key in order.
import type { TableEntity, TransactionAction } from '@azure/data-tables';
import { ActivityError } from '../../base/error.ts';
import type { TableAddress } from '../definition.ts';
import { choiceAt, countAt, type Properties, textAt } from '../property.ts';
import { columnTypeAt } from '../row/column-type.ts';
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

/** Sends parcels, at most `atOnce` under way; those of one partition one after the other. */
const createSender = (table: Table, timeoutMs: number) => {
  const scope = new AbortController();
  const underWay = new Map<string, Promise<void>>();
  const all = new Set<Promise<void>>();
  const submit = async (parcel: Parcel, outer: AbortSignal) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      await table.submit(parcel.actions, AbortSignal.any([outer, scope.signal, timeout]));
    } catch (error) {
      if (!timeout.aborted || outer.aborted || scope.signal.aborted) throw error;
      throw new ActivityError(
        'AzureTableOperationFailed',
        `Table operation failed. Table: ${table.name}. A batch took longer than writeBatchTimeout, ${timeoutMs / 1000} seconds: set a longer one, or a smaller writeBatchSize.`,
      );
    }
  };
  return {
    send: async (partition: string, parcel: Parcel, signal: AbortSignal): Promise<void> => {
      while (all.size >= atOnce) await Promise.race(all);
      scope.signal.throwIfAborted();
      const earlier = underWay.get(partition);
      const task = (earlier ?? Promise.resolve())
        .then(() => submit(parcel, signal))
        .catch((error: unknown) => scope.abort(error))
        .finally(() => {
          all.delete(task);
          if (underWay.get(partition) === task) underWay.delete(partition);
        });
      underWay.set(partition, task);
      all.add(task);
    },
    settled: async (): Promise<void> => {
      await Promise.all(all);
      scope.signal.throwIfAborted();
    },
  };
};

const beginWriting = (table: Table, settings: Properties, columns: readonly Column[]): RowWriting => {
  const mode = choiceAt(settings, 'azureTableInsertType', ['merge', 'replace']) === 'replace' ? 'Replace' : 'Merge';
  const most = Math.min(maxEntities, countAt(settings, 'writeBatchSize', 1, 10_000) ?? maxEntities);
  const sender = createSender(table, timeoutAt(settings, 'writeBatchTimeout') ?? defaultTimeoutMs);
  const toEntity = entityWriter(columns, settings);
  const waiting = new Map<string, Parcel>();
  let waitingRows = 0;
  let rowNumber = 0;
  const send = async (partition: string, parcel: Parcel, signal: AbortSignal) => {
    waiting.delete(partition);
    waitingRows -= parcel.actions.length;
    await sender.send(partition, parcel, signal);
  };
  const sendAll = async (signal: AbortSignal) => {
    for (const [partition, parcel] of waiting) await send(partition, parcel, signal);
  };
  const add = async (row: readonly Value[], signal: AbortSignal) => {
    rowNumber += 1;
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
  return {
    write: async ({ rows }, signal) => {
      try {
        for (const row of rows) await add(row, signal);
      } catch (error) {
        await sender.settled().catch(() => {});
        throw error;
      }
    },
    end: async (signal) => {
      try {
        await sendAll(signal);
      } finally {
        await sender.settled();
      }
    },
  };
};

/** Opens the table as a sink. The columns of the dataset's schema have the types that it gives them. */
export const openRowSink = (address: TableAddress, settings: Properties): RowSink => {
  const table = openTable(address);
  const demands = address.schema.flatMap((column) => {
    const [name, type] = [textAt(column, 'name'), columnTypeAt(column, 'type')];
    return name && type ? [{ name, type }] : [];
  });
  return {
    name: table.name,
    keeps: keptType,
    fit,
    demands,
    begin: (columns) => beginWriting(table, settings, columns),
  };
};
