// What interim files are called, so that a later copy knows what an earlier one has left when its worker was killed. Pure but
// for the random name.
import { createHash, randomUUID } from 'node:crypto';
import type { StoredFile } from '../../connectors/file-store.ts';
import type { ActivityJob } from '../job.ts';

/** An attempt takes seven days at most; a day more, and nobody's clock matters. */
const longestMs = 8 * 86_400_000;

/** All of them in a folder begin so. */
export const interimPrefix = (folder: string): string => `${folder}interim-`;

const form = /^interim-([\w-]{1,128})-([0-9a-f]{16})-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d{5,}\.parquet$/;

/** The names of the files of one attempt. */
export type InterimNames = {
  path(index: number): string;
  /**
   * Whether nobody can need the file any more: it is of an earlier attempt at the same activity of the same run, which has
   * ended, or lay there for longer than any attempt may take. `now` is the store's own time.
   */
  isLeft(file: StoredFile, now: Date): boolean;
};

/** Makes them for an attempt, whose run and activity they tell. */
export const createInterimNames = (
  folder: string,
  job: Pick<ActivityJob, 'jobId' | 'runId' | 'name'>,
): InterimNames => {
  const activity = createHash('sha256').update(job.name).digest('hex').slice(0, 16);
  const run = (job.runId ?? job.jobId).replace(/[^\w-]/g, '_').slice(0, 128);
  const own = `interim-${run}-${activity}-`;
  const attempt = own + randomUUID();
  return {
    path: (index) => `${folder}${attempt}-${String(index).padStart(5, '0')}.parquet`,
    isLeft: ({ path, modifiedAt }, now) => {
      const name = path.slice(folder.length);
      if (!path.startsWith(folder) || !form.test(name) || name.startsWith(attempt)) return false;
      return name.startsWith(own) || now.getTime() - modifiedAt.getTime() > longestMs;
    },
  };
};
