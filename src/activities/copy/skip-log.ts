// The log of the rows and files that a copy has skipped, as Azure writes it: a file of delimited text in a store, made with the
// first row.
import { randomUUID } from 'node:crypto';
import type { ActivityError } from '../../base/error.ts';
import type { FileStore, StagedFile } from '../../connectors/file-store.ts';
import type { Value } from '../../connectors/row/record-batch.ts';
import type { LogPlace } from './fault-tolerance.ts';

/** Bytes of a part of the log, and about how many characters are in memory at most. */
const partBytes = 2 ** 20;
/** Of a row that is longer the log shows the beginning, in characters. */
const shownLength = 32 * 1024;

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const shownValue = (value: Value | undefined) =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value ?? '');

/** What was skipped: how many rows, and the log of all. */
export type SkipLog = {
  rows: number;
  /** Where the log is: a folder, or the file itself; undefined while there is none. */
  shownPath(): string | undefined;
  skip(error: ActivityError, values: readonly Value[]): void;
  /** Tells of a file, of which `bytes` were read. */
  skipFile(path: string, bytes: number, error: ActivityError): void;
  /** Waits while more is in memory than there should be. */
  drained(signal: AbortSignal): Promise<void>;
  /** Resolves once the log is in the store. */
  end(signal: AbortSignal): Promise<void>;
};

const warning = (operation: string, item: string, message: string): string => {
  const at = new Date().toISOString().replace('T', ' ').replace('Z', '0000');
  return `${at},Warning,${operation},${quoted(item)},${quoted(message)}\r\n`;
};

const createLines = (isRedirect: boolean) => ({
  header: isRedirect ? '' : 'Timestamp,Level,OperationName,OperationItem,Message\r\n',
  line: ({ errorCode, message }: ActivityError, values: readonly Value[]): string => {
    const row = values
      .map((value) => quoted(shownValue(value)))
      .join(',')
      .slice(0, shownLength);
    if (isRedirect) return `${row},${quoted(errorCode)},${quoted(message)}\r\n`;
    return warning('TabularRowSkip', row, message);
  },
});

/** Makes the log of one copy. Without a place, rows are only counted. */
export const createSkipLog = (
  place: Pick<LogPlace, 'folder' | 'shown' | 'isRedirect'> | undefined,
  activityName: string,
  jobId: string,
  store: FileStore | undefined,
): SkipLog => {
  const { header, line } = createLines(place?.isRedirect ?? false);
  const folder = place?.isRedirect ? `${jobId}/` : `copyactivity-logs/${activityName.replaceAll('/', '_')}/${jobId}/`;
  const file = `${folder}${randomUUID()}.csv`;
  let text = header;
  let rest: Buffer = Buffer.alloc(0);
  let staged: StagedFile | undefined;
  let parts = 0;
  let hasLines = false;
  const append = (added: string) => {
    hasLines = true;
    if (store) text += added;
  };
  let turn: Promise<void> = Promise.resolve();
  const takeText = () => {
    rest = Buffer.concat([rest, Buffer.from(text)]);
    text = '';
  };
  const stage = async (bytes: Buffer, signal: AbortSignal) => {
    staged ??= store!.begin(place!.folder + file, partBytes);
    parts += 1;
    await staged.stage(parts - 1, bytes, signal);
  };
  // All parts but the last are of one size.
  const stageFull = async (signal: AbortSignal) => {
    for (takeText(); rest.length >= partBytes; rest = rest.subarray(partBytes))
      await stage(rest.subarray(0, partBytes), signal);
  };
  const commit = async (signal: AbortSignal) => {
    if (!staged) {
      takeText();
      if (rest.length <= partBytes) {
        await store!.put(place!.folder + file, rest, signal);
        return;
      }
    }
    await stageFull(signal);
    if (rest.length > 0) await stage(rest, signal);
    await staged!.commit(parts, signal);
  };
  const log: SkipLog = {
    rows: 0,
    shownPath: () => (place && hasLines ? place.shown + (place.isRedirect ? folder : file) : undefined),
    skip: (error, values) => {
      log.rows += 1;
      append(line(error, values));
    },
    skipFile: (path, bytes, { errorCode, message }) => {
      const why = `File is skipped after read ${bytes} bytes: ErrorCode=${errorCode}, ${message}`;
      append(warning('FileSkip', path, why));
    },
    drained: async (signal) => {
      turn = turn.then(async () => {
        if (text.length >= partBytes) await stageFull(signal);
      });
      await turn;
    },
    end: async (signal) => {
      await turn.catch(() => {});
      if (!store || !hasLines) return;
      try {
        await commit(signal);
      } catch (error) {
        await staged?.discard();
        throw error;
      }
    },
  };
  return log;
};
