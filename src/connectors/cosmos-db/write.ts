// A container as a sink of rows: bulks of documents, several at once, documents of one id in order.
import type { TableAddress } from '../definition.ts';
import { choiceAt, countAt, type Properties, refuseAt } from '../property.ts';
import { createParcelSender, demandsOf, writingOf } from '../row/parcel.ts';
import type { Column, Value } from '../row/record-batch.ts';
import type { RowSink, RowWriting } from '../row/row-store.ts';
import { type CosmosContainer, type Document, openContainer, type WriteBehavior } from './container.ts';
import { documentWriter, fit, keptType } from './document.ts';
import { nestedColumns, rowSchema } from './nested.ts';

/** The service takes at most so many documents in one bulk, and 2 MB with all that is around them. */
const mostDocuments = 100;
const mostBytes = 1024 * 1024;
const atOnce = 8;

/** Documents that go together, no id twice. */
type Parcel = { documents: Document[]; ids: Set<string>; bytes: number };

const newParcel = (): Parcel => ({ documents: [], ids: new Set(), bytes: 0 });

const beginWriting = (
  container: CosmosContainer,
  { how, most, nested }: { how: WriteBehavior; most: number; nested: ReadonlySet<string> },
  columns: readonly Column[],
): RowWriting => {
  const toDocument = documentWriter(columns, nested);
  const sender = createParcelSender(atOnce);
  let parcel = newParcel();
  const send = async (signal: AbortSignal) => {
    const { documents, ids } = parcel;
    parcel = newParcel();
    if (documents.length > 0) await sender.send(ids, (given) => container.write(how, documents, given), signal);
  };
  const add = async (row: readonly Value[], rowNumber: number, signal: AbortSignal) => {
    const document = toDocument(row, rowNumber);
    const bytes = Buffer.byteLength(JSON.stringify(document)) + 200;
    const isFull = parcel.documents.length >= most || parcel.bytes + bytes > mostBytes || parcel.ids.has(document.id);
    if (isFull) await send(signal);
    parcel.documents.push(document);
    parcel.ids.add(document.id);
    parcel.bytes += bytes;
  };
  return writingOf(sender, add, send);
};

/** Opens the container as a sink. The columns of the dataset's schema have the types that it gives them. */
export const openRowSink = (address: TableAddress, settings: Properties): RowSink => {
  const container = openContainer(address);
  refuseAt(settings, ['bulkExecutorSettings']);
  const how = choiceAt(settings, 'writeBehavior', ['insert', 'upsert']) ?? 'insert';
  const most = Math.min(mostDocuments, countAt(settings, 'writeBatchSize', 1, 1_000_000) ?? mostDocuments);
  return {
    name: container.name,
    keeps: keptType,
    fit,
    demands: demandsOf(rowSchema(address.schema)),
    begin: (columns) => beginWriting(container, { how, most, nested: nestedColumns(address.schema) }, columns),
  };
};
