// Which files a copy of bytes leaves out instead of failing, and the account of it.
import type { ActivityError } from '../../base/error.ts';
import { FileError } from '../../connectors/file-error.ts';
import type { FileStore } from '../../connectors/file-store.ts';
import { MissingError } from '../../connectors/missing-error.ts';
import { flagAt, groupAt, type Properties } from '../../connectors/property.ts';
import type { SkipLog } from './skip-log.ts';

/** What is skipped: files that are gone, that may not be read, that changed meanwhile, whose name the sink does not take. */
export type SkippedTroubles = { missing: boolean; forbidden: boolean; changed: boolean; invalidName: boolean };

/** Reads `skipErrorFile`; undefined where nothing is skipped. Without `validates` nobody asked whether files change. */
export const readSkipErrorFile = (activity: Properties, validates: boolean): SkippedTroubles | undefined => {
  const group = groupAt(activity, 'skipErrorFile');
  if (Object.keys(group.values).length === 0) return undefined;
  const skipped = {
    // As in Azure, this one is on unless it is off.
    missing: flagAt(group, 'fileMissing') ?? true,
    forbidden: flagAt(group, 'fileForbidden') ?? false,
    changed: validates && (flagAt(group, 'dataInconsistency') ?? false),
    invalidName: flagAt(group, 'invalidFileName') ?? false,
  };
  return Object.values(skipped).includes(true) ? skipped : undefined;
};

/** The files that a copy has skipped. */
export type FileSkips = {
  count: number;
  /** Whether one of them had changed while it was read. */
  hasInconsistent: boolean;
  /** Copies a file by `copy`, which reads from the store that it is given; takes a failure that is to be skipped. Answers whether it was copied. */
  attempt(
    path: string,
    from: FileStore,
    copy: (from: FileStore) => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean>;
};

const isChange = (error: unknown): boolean => error instanceof FileError && error.trouble === 'changed';

/** Makes the account of one copy. `log` is told of each file. */
export const createFileSkips = (skipped: SkippedTroubles, log: SkipLog): FileSkips => {
  const isSkipped = (error: unknown, isOfSource: boolean): error is ActivityError => {
    if (error instanceof MissingError) return isOfSource && skipped.missing;
    // What the sink does not let in is wrong with the sink; a name is wrong there only.
    return error instanceof FileError && skipped[error.trouble] && isOfSource === (error.trouble !== 'invalidName');
  };
  const skips: FileSkips = {
    count: 0,
    hasInconsistent: false,
    attempt: async (path, from, copy, outer) => {
      let bytes = 0;
      const failed = new Set<unknown>();
      const read: FileStore['read'] = async (file, offset, into, signal) => {
        try {
          await from.read(file, offset, into, signal);
          bytes += into.length;
        } catch (error) {
          failed.add(error);
          throw error;
        }
      };
      try {
        await copy({ ...from, read });
        return true;
      } catch (thrown) {
        const isOfSource = failed.has(thrown);
        // Some stores say of a file that is gone that it is no longer what it was.
        const isGone = isOfSource && isChange(thrown) && !(await from.find(path, outer));
        const error = isGone ? from.missing(path) : thrown;
        if (!isSkipped(error, isOfSource)) throw error;
        skips.count += 1;
        if (isChange(error)) skips.hasInconsistent = true;
        log.skipFile(path, bytes, error);
        await log.drained(outer);
        return false;
      }
    },
  };
  return skips;
};
