// A file that is written under a name of its own and gets its true name whole. Azure Files want to know sizes before
// bytes, so the file grows ahead of its parts and is cut at the end.
import type { FileCreateOptions, ShareFileClient } from '@azure/storage-file-share';
import type { Call } from '../azure-storage/call.ts';
import { md5 } from '../azure-storage/digest.ts';
import type { FileAttributes, StagedFile } from '../file-store.ts';
import type { Attempt } from './failure.ts';

const mostRange = 4 * 2 ** 20;
const discardMs = 5000;

/** How to reach the place of a file. */
export type Target = {
  /** The client of the file's staged name. */
  staged: ShareFileClient;
  attempt: Attempt;
  call: Call<Attempt>;
  digests: boolean;
  attributes: FileAttributes | undefined;
  /** Makes the folders above the file. */
  makeFolders(signal: AbortSignal): Promise<void>;
};

/** Attributes as the client writes them. */
const written = (attributes: FileAttributes | undefined): Pick<FileCreateOptions, 'metadata' | 'fileHttpHeaders'> =>
  attributes
    ? {
        metadata: { ...attributes.metadata },
        fileHttpHeaders: {
          ...(attributes.contentType !== undefined && { fileContentType: attributes.contentType }),
          ...(attributes.contentEncoding !== undefined && { fileContentEncoding: attributes.contentEncoding }),
          ...(attributes.contentLanguage !== undefined && { fileContentLanguage: attributes.contentLanguage }),
          ...(attributes.contentDisposition !== undefined && { fileContentDisposition: attributes.contentDisposition }),
          ...(attributes.cacheControl !== undefined && { fileCacheControl: attributes.cacheControl }),
        },
      }
    : {};

const codeOf = (error: unknown) => (error as { code?: string; details?: { errorCode?: string } }).details?.errorCode;

/** Creates a file of `size` bytes, and the folders above it where they are missing. */
export const createFile = (
  { staged, attempt, call, attributes, makeFolders }: Target,
  size: number,
  abortSignal: AbortSignal,
) =>
  call(attempt, abortSignal, async () => {
    const options = { ...written(attributes), abortSignal };
    try {
      await staged.create(size, options);
    } catch (error) {
      if (codeOf(error) !== 'ParentNotFound') throw error;
      await makeFolders(abortSignal);
      await staged.create(size, options);
    }
  });

/** Writes bytes into a file that is long enough. */
export const putRanges = async (
  { staged, attempt, call, digests }: Target,
  offset: number,
  bytes: Buffer,
  abortSignal: AbortSignal,
): Promise<void> => {
  for (let at = 0; at < bytes.length; at += mostRange) {
    const range = bytes.subarray(at, at + mostRange);
    const digest = digests && { contentMD5: md5(range) };
    await call(attempt, abortSignal, () =>
      staged.uploadRange(range, offset + at, range.length, { ...digest, abortSignal }),
    );
  }
};

/** Gives a whole file its name, in place of what was there. */
export const giveName = async (
  { staged, attempt, call }: Target,
  path: string,
  abortSignal: AbortSignal,
): Promise<void> => {
  let tries = 0;
  await call(attempt, abortSignal, async () => {
    tries += 1;
    try {
      await staged.rename(path, { replaceIfExists: true, abortSignal });
    } catch (error) {
      // A second try may find that the first one succeeded, and only its answer was lost.
      if (tries === 1 || codeOf(error) !== 'ResourceNotFound') throw error;
    }
  });
};

/** Removes a staged file; what cannot be removed now stays hidden. */
export const discardFile = async ({ staged }: Target): Promise<void> => {
  await staged.delete({ abortSignal: AbortSignal.timeout(discardMs) }).catch(() => {});
};

/** Begins a file in parts of `partBytes`. */
export const stageFile = (target: Target, path: string, partBytes: number): StagedFile => {
  const { staged, attempt, call } = target;
  const sizes = new Map<number, number>();
  let reserved = 0;
  let growth: Promise<void> | undefined;
  const reserve = (end: number, abortSignal: AbortSignal): Promise<void> => {
    const grow = async (): Promise<void> => {
      if (end <= reserved) return;
      const size = Math.max(end, reserved * 2, partBytes * 4);
      if (reserved === 0) await createFile(target, size, abortSignal);
      else await call(attempt, abortSignal, () => staged.resize(size, { abortSignal }));
      reserved = size;
    };
    growth = (growth ?? Promise.resolve()).then(grow);
    return growth;
  };
  return {
    stage: async (index, bytes, abortSignal) => {
      const offset = index * partBytes;
      await reserve(offset + bytes.length, abortSignal);
      await putRanges(target, offset, bytes, abortSignal);
      sizes.set(index, bytes.length);
    },
    commit: async (count, abortSignal) => {
      let size = 0;
      for (let index = 0; index < count; index += 1) size += sizes.get(index) ?? 0;
      const { fileHttpHeaders } = written(target.attributes);
      await call(attempt, abortSignal, async () => {
        await staged.resize(size, { abortSignal });
        // A file that gets another size loses its headers.
        if (fileHttpHeaders) await staged.setHttpHeaders(fileHttpHeaders, { abortSignal });
      });
      await giveName(target, path, abortSignal);
    },
    discard: async () => {
      if (reserved > 0) await discardFile(target);
    },
  };
};
