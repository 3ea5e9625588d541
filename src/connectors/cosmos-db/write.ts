// A container as a sink of rows: bulks of documents, several at once, documents of one id in order.
import type { TableAddress } from '../definition.ts';
import { choiceAt, countAt, type Properties, refuseAt, textAt } from '../property.ts';
import { columnTypeAt } from '../row/column-type.ts';
import type { Column, Value } from '../row/record-batch.ts';
import type { RowSink, RowWriting } from '../row/row-store.ts';
import { type CosmosContainer, type Document, openContainer, type WriteBehavior } from './container.ts';
import { documentWriter, keptType } from './document.ts';
import { nestedColumns, rowSchema } from './nested.ts';

/** The service takes at most so many documents in one bulk, and 2 MB with all that is around them. */
const mostDocuments = 100;
const mostBytes = 1024 * 1024;
const atOnce = 8;

/** Documents that go together, no id twice. */
type Parcel = { documents: Document[]; ids: Set<string>; bytes: number };

const newParcel = (): Parcel => ({ documents: [], ids: new Set(), bytes: 0 });

/** Sends parcels, at most `atOnce` under way, and none that shares an id with one that is. */
const createSender = (container: CosmosContainer, how: WriteBehavior) => {
  const scope = new AbortController();
  const underWay = new Map<Promise<void>, ReadonlySet<string>>();
  const isBusy = (ids: ReadonlySet<string>) => [...underWay.values()].some((other) => !other.isDisjointFrom(ids));
  return {
    send: async ({ documents, ids }: Parcel, signal: AbortSignal): Promise<void> => {
      while (underWay.size >= atOnce || isBusy(ids)) await Promise.race(underWay.keys());
      scope.signal.throwIfAborted();
      const task = container
        .write(how, documents, AbortSignal.any([signal, scope.signal]))
        .catch((error: unknown) => scope.abort(error))
        .finally(() => underWay.delete(task));
      underWay.set(task, ids);
    },
    settled: async (): Promise<void> => {
      await Promise.all(underWay.keys());
      scope.signal.throwIfAborted();
    },
  };
};

const beginWriting = (
  container: CosmosContainer,
  { how, most, nested }: { how: WriteBehavior; most: number; nested: ReadonlySet<string> },
  columns: readonly Column[],
): RowWriting => {
  const toDocument = documentWriter(columns, nested);
  const sender = createSender(container, how);
  let parcel = newParcel();
  let rowNumber = 0;
  const send = async (signal: AbortSignal) => {
    const full = parcel;
    parcel = newParcel();
    if (full.documents.length > 0) await sender.send(full, signal);
  };
  const add = async (row: readonly Value[], signal: AbortSignal) => {
    rowNumber += 1;
    const document = toDocument(row, rowNumber);
    const bytes = Buffer.byteLength(JSON.stringify(document)) + 200;
    const isFull = parcel.documents.length >= most || parcel.bytes + bytes > mostBytes || parcel.ids.has(document.id);
    if (isFull) await send(signal);
    parcel.documents.push(document);
    parcel.ids.add(document.id);
    parcel.bytes += bytes;
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
        await send(signal);
      } finally {
        await sender.settled();
      }
    },
  };
};

/** Opens the container as a sink. The columns of the dataset's schema have the types that it gives them. */
export const openRowSink = (address: TableAddress, settings: Properties): RowSink => {
  const container = openContainer(address);
  refuseAt(settings, ['bulkExecutorSettings']);
  const how = choiceAt(settings, 'writeBehavior', ['insert', 'upsert']) ?? 'insert';
  const most = Math.min(mostDocuments, countAt(settings, 'writeBatchSize', 1, 1_000_000) ?? mostDocuments);
  const demands = rowSchema(address.schema).flatMap((column) => {
    const [name, type] = [textAt(column, 'name'), columnTypeAt(column, 'type')];
    return name && type ? [{ name, type }] : [];
  });
  return {
    name: container.name,
    keeps: keptType,
    demands,
    begin: (columns) => beginWriting(container, { how, most, nested: nestedColumns(address.schema) }, columns),
  };
};
