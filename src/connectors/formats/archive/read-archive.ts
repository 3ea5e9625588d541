import { decompress } from '../compression.ts';
import type { ArchiveCodec, ArchiveEntry, ArchiveFile } from './definition.ts';

/** The files of an archive. Archives among them are files as any other. Errors: `ActivityError`, that names the archive. */
export async function* readArchive(file: ArchiveFile, codec: ArchiveCodec): AsyncGenerator<ArchiveEntry> {
  if (codec === 'zipDeflate') {
    const { readZip } = await import('./read-zip.ts');
    yield* readZip(file);
    return;
  }
  const { readTar } = await import('./read-tar.ts');
  const bytes = file.stream(0, file.size);
  yield* readTar(codec === 'tar' ? bytes : decompress(bytes, { codec: 'gzip', level: 6 }, file.name), file.name, codec);
}
