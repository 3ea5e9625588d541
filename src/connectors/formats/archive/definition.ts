// Files that hold many files: how a dataset names their kind, what is asked of one, what comes out of it.
import { ActivityError } from '../../../base/error.ts';
import { flagAt, groupAt, type Properties, propertyError, textAt } from '../../property.ts';
import { codecAt } from '../compression.ts';
import type { FileRanges } from '../definition.ts';

export const archiveCodecs = ['zipDeflate', 'tar', 'tarGZip'] as const;
export type ArchiveCodec = (typeof archiveCodecs)[number];

/** An archive in a store. */
export type ArchiveFile = FileRanges & {
  name: string;
  /** The bytes from `start` to before `end`, in order. A chunk is not kept past the next one. */
  stream(start: number, end: number): AsyncIterable<Buffer>;
};

/** A file of an archive. Its bytes are read, or left, before the next one is asked for. */
export type ArchiveEntry = { path: string; chunks: AsyncIterable<Buffer> };

/** The kind of archive that a dataset's files are; undefined: they are none. */
export const readArchiveCodec = (dataset: Properties): ArchiveCodec | undefined => {
  const { from, name } = codecAt(dataset);
  const given = textAt(from, name)?.toLowerCase();
  return archiveCodecs.find((codec) => codec.toLowerCase() === given);
};

/** Whether what is unpacked goes into a folder named as the archive is: `compressionProperties` of the source. */
export const readKeepsName = (formatSettings: Properties, codec: ArchiveCodec): boolean => {
  const group = groupAt(formatSettings, 'compressionProperties');
  const type = textAt(group, 'type');
  const wanted = `${codec}ReadSettings`;
  if (type !== undefined && type.toLowerCase() !== wanted.toLowerCase())
    throw propertyError(group, 'type', `must be ${wanted[0]!.toUpperCase()}${wanted.slice(1)}, as the dataset has it`);
  const name = codec === 'zipDeflate' ? 'preserveZipFileNameAsFolder' : 'preserveCompressionFileNameAsFolder';
  return flagAt(group, name) ?? true;
};

/** What is no such archive, is cut off, or says of itself what is not so. */
export const brokenArchive = (file: string, codec: ArchiveCodec, why: string): ActivityError =>
  new ActivityError('UserErrorInvalidCompressedFile', `The file '${file}' could not be unpacked as ${codec}: ${why}.`);

/** What an archive holds that is not unpacked, for it could harm. */
export const refusedEntry = (file: string, entry: string, why: string): ActivityError =>
  new ActivityError(
    'UserErrorUnsafeArchiveEntry',
    `The file '${file}' holds ${JSON.stringify(entry.slice(0, 200))}, which is not unpacked: ${why}.`,
  );
