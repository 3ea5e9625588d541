// Unpacks an archive: each of its files becomes one of the sink's, whole once it is visible.
import { ActivityError } from '../../base/error.ts';
import type { StoredFile } from '../../connectors/file-store.ts';
import type { ArchiveCodec } from '../../connectors/formats/archive/definition.ts';
import type { FileCopy } from './copy-files.ts';
import { copyToFile, entryInput, type Lane, unpackFile, writeFile } from './copy-rows.ts';
import { filePath } from './plan.ts';

/** Copies the files of the archive, one after the other. Those that were finished before a failure stay. */
export const copyArchive = async (
  { plan, source, sink, rows }: FileCopy,
  codec: ArchiveCodec,
  file: StoredFile,
  lane: Lane,
  signal: AbortSignal,
): Promise<void> => {
  const { destination, maxRows } = plan.sink;
  const { reader } = source;
  const { writer } = sink;
  const relative = plan.source.selection.relative(file.path);
  const folder = plan.source.keepsArchiveName ? `${relative}/` : relative.slice(0, relative.lastIndexOf('/') + 1);
  let first: string | undefined;
  for await (const entry of unpackFile(source, codec, file, lane.read, signal)) {
    if (first !== undefined && destination.fileName !== undefined)
      throw new ActivityError(
        'UserErrorSinkFileNameForManyFiles',
        `The archive '${file.path}' holds more than one file ('${first}', '${entry.path}'), and the sink's dataset names one file, '${destination.fileName}'. Set copyBehavior to MergeFiles, or remove the fileName.`,
      );
    first ??= entry.path;
    const path = destination.pathOf(folder + entry.path);
    if (reader && writer) {
      const input = entryInput(reader, file, entry, rows.request, filePath(plan.source, file));
      await copyToFile(rows, [input], { ...sink, writer }, path, lane, signal, maxRows);
      continue;
    }
    await writeFile(sink, path, entry.chunks, lane, signal);
    sink.tally.files += 1;
  }
};
