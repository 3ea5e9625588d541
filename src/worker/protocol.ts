// What the control plane and a worker say to each other: one JSON message a line over plain pipes. The worker is
// hostile: the host side checks every line against these shapes, and its length, before it believes a word.
import type { ActivityJob } from '../activities/job.ts';
import type { ActivityFailure } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';

/** The longest line that either side accepts, bytes: room for the 4 MB that Azure lets an activity answer. A longer one ends the worker. */
export const maxLineBytes = 5 * 1024 * 1024;

export type HostMessage = { kind: 'run'; job: ActivityJob } | { kind: 'cancel'; jobId: string } | { kind: 'stop' };

export type WorkerMessage =
  | { kind: 'ready' }
  | { kind: 'progress'; jobId: string; progress: JsonObject }
  | { kind: 'done'; jobId: string; output: JsonObject }
  | { kind: 'failed'; jobId: string; failure: ActivityFailure };
