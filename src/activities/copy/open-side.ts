// Opens what a plan names: from here on a side is a store of files or a table that keeps a tally.
import type { OpenFormat, RowReader, RowWriter } from '../../connectors/formats/definition.ts';
import type { RowSink, RowSource } from '../../connectors/row/row-store.ts';
import type { FileSink, FileSource } from './copy-rows.ts';
import type { FileSide, Side } from './side.ts';
import { type SideTally, tallied, talliedSink, talliedSource } from './tally.ts';

export type OpenSource =
  | ({ kind: 'files'; reader: RowReader | undefined } & FileSource)
  | { kind: 'table'; table: RowSource; tally: SideTally };

export type OpenSink =
  | ({ kind: 'files'; writer: RowWriter | undefined; fit?: OpenFormat['fit'] } & FileSink)
  | { kind: 'table'; table: RowSink; tally: SideTally };

const openStore = async ({ connector, linkedService, location }: FileSide, digests: boolean) => {
  const { openFileStore } = await connector.files.open();
  return tallied(openFileStore(linkedService, location, { digests }));
};

/** Opens a source. Nothing is sent yet. */
export const openSource = async (side: Side): Promise<OpenSource> => {
  if (side.kind === 'table') {
    const { openRowSource } = await side.connector.tables.open();
    const { source, tally } = talliedSource(openRowSource(side.address, side.settings));
    return { kind: 'table', table: source, tally };
  }
  const format = await side.format?.open();
  const reader = format?.openReader(side.dataset, side.formatSettings);
  const { compression: decompression, archive } = side;
  return { kind: 'files', ...(await openStore(side, false)), reader, decompression, archive };
};

/** Opens a sink. Nothing is sent yet. `digests`: what is written carries a digest that the store checks. */
export const openSink = async (side: Side, digests: boolean): Promise<OpenSink> => {
  if (side.kind === 'table') {
    const { openRowSink } = await side.connector.tables.open();
    const { sink, tally } = talliedSink(openRowSink(side.address, side.settings));
    return { kind: 'table', table: sink, tally };
  }
  const format = await side.format?.open();
  const writer = format?.openWriter(side.dataset, side.formatSettings);
  const store = await openStore(side, digests);
  return { kind: 'files', ...store, writer, ...(format?.fit && { fit: format.fit }), compression: side.compression };
};
