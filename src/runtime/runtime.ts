// Integration runtimes, as the rest of the house sees them: something that runs one job in a sealed worker and tells
// how it ended. The pool of workers, their time-to-live and the hostile pipe to them are behind it.
import type { ActivityJob } from '../activities/job.ts';
import type { ActivityFailure } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';

/** Where a job runs. Workers are shared only between jobs with the same factory, runtime and network. */
export type RuntimePlace = {
  /** Lower-case id of the factory. */
  factoryKey: string;
  runtimeName: string;
  /** Key of the network in the snapshot: the managed virtual network, or the factory's `/public`. */
  network: string;
  /** Shown in `effectiveIntegrationRuntime`. */
  region: string;
  /** How long an idle worker stays warm; undefined for the default of a minute, 0 for not at all. */
  timeToLiveMs?: number;
};

/** How a job ended. A stopped job is `cancelled`, whatever the worker said last. */
export type JobEnd =
  | { state: 'succeeded'; output: JsonObject; timing: JobTiming }
  | { state: 'failed'; failure: ActivityFailure; timing: JobTiming }
  | { state: 'cancelled'; timing: JobTiming };

/** Milliseconds that a job waited for its worker, and whether that worker was warm. */
export type JobTiming = { queuedMs: number; warm: boolean; worker: string | null };

export type JobWatch = {
  /** Aborting stops the job: the worker is asked, and after a grace killed. */
  signal: AbortSignal;
  /** Called once a worker is there and before the job is sent; gives the job to send. */
  onStart?: (worker: string) => Promise<ActivityJob>;
  onProgress?: (progress: JsonObject) => void;
};

/** What `getStatus` shows of a runtime's workers. */
export type RuntimeStatus = {
  nodes: { nodeId: string; status: 'Starting' | 'Available' | 'Recycling'; errors: [] }[];
  running: number;
  waiting: number;
};

export type Runtime = {
  /** Runs one job to its end. Never throws: what goes wrong is a `failed` end. */
  execute(job: ActivityJob, place: RuntimePlace, watch: JobWatch): Promise<JobEnd>;
  status(factoryKey: string, runtimeName: string): RuntimeStatus;
  /** The job that a worker ran at an instant (ISO 8601); null where it ran none, or so long ago that it is forgotten. */
  jobAt(worker: string, at: string): string | null;
  /** Ends the workers of one runtime, or of a whole factory; jobs in them fail. Resolves once they are gone. */
  drop(factoryKey: string, runtimeName?: string): Promise<void>;
  /** Ends every worker. */
  close(): Promise<void>;
};
