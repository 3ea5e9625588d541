// Runs, as the rest of the house sees them. Providers call these from inside a request's transaction, so what writes
// takes the transaction and hands back what is to happen once it is committed.
import type { ActivityFailure } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { Database, Tx } from '../database/database.ts';
import type { ActivityRunState } from './activity-run.ts';
import type { Errand, ErrandRequest } from './errand.ts';
import type { PipelineRunState } from './pipeline-run.ts';
import type { RunFilter } from './run-filter.ts';

/** Who started a run, as `invokedBy` of the run shows it. */
export type InvokedBy = { id: string; name: string; invokedByType: 'Manual' };

/** What `createRun` is asked: the body is `parameters`, the rest comes from the address and the query. */
export type RunRequest = {
  /** Lower-case id of the factory. */
  factoryKey: string;
  /** The name of a stored pipeline, or a pipeline that is stored nowhere: then it is a debug run. */
  pipelineName: string;
  unsaved?: JsonObject;
  parameters: JsonObject;
  invokedBy: InvokedBy;
  /** An earlier run, whose group the new run joins and whose parameters it takes where the body gives none. */
  referencePipelineRunId?: string;
  isRecovery?: boolean;
  startActivityName?: string;
  /** What succeeded in the earlier run stays as it was. */
  startFromFailure?: boolean;
};

/** A pipeline run in Azure's wire shape. */
export type PipelineRun = {
  id: string;
  runId: string;
  runGroupId: string;
  isLatest: boolean;
  pipelineName: string;
  parameters: JsonObject;
  runDimension: JsonObject;
  invokedBy: InvokedBy;
  lastUpdated: string;
  runStart: string;
  runEnd: string | null;
  durationInMs: number | null;
  status: PipelineRunState;
  message: string;
  /** The run's own id where it is a debug run. */
  debugRunId: string | null;
  annotations: string[];
};

/** An activity run in Azure's wire shape. While it runs, `output` is how far it is. */
export type ActivityRun = {
  id: string;
  activityRunId: string;
  activityName: string;
  activityType: string;
  pipelineName: string;
  pipelineRunId: string;
  linkedServiceName: string;
  status: ActivityRunState;
  activityRunStart: string;
  activityRunEnd: string | null;
  durationInMs: number | null;
  retryAttempt: number | null;
  input: JsonObject;
  output: JsonObject;
  error: ActivityFailure | { errorCode: ''; message: ''; failureType: ''; target: string; details: '' };
};

/** One page. `continuationToken` is there only where more follow. */
export type Page<Item> = { value: Item[]; continuationToken?: string };

/** What is to be called once the transaction is committed (`operation.afterCommit(async () => step())`). Quick; never throws. */
export type AfterCommit = () => void;

export type Pipelines = {
  /**
   * Writes a run with a copy of all it refers to. Errors: 404 `PipelineNotFound`; 400 `BadRequest` naming the
   * parameter, activity or reference; 400 `ReferencedPipelineRunNotFound`.
   */
  createRun(tx: Tx, request: RunRequest): Promise<{ runId: string; afterCommit: AfterCommit }>;
  /** Errors: 404 `PipelineRunNotFound`. */
  getRun(db: Database | Tx, factoryKey: string, runId: string): Promise<PipelineRun>;
  /** The pipeline as the run has it; its secrets are not in it. Errors: 404 `PipelineRunNotFound`. */
  getDefinition(
    db: Database | Tx,
    factoryKey: string,
    runId: string,
  ): Promise<{ name: string; properties: JsonObject }>;
  /** A page of `size`, 100 unless told. Errors: 400 `BadRequest` naming the operand, the field or the token. */
  queryRuns(db: Database | Tx, factoryKey: string, filter: RunFilter, size?: number): Promise<Page<PipelineRun>>;
  /** Errors: 404 `PipelineRunNotFound`, and those of `queryRuns`. */
  queryActivityRuns(
    db: Database | Tx,
    factoryKey: string,
    runId: string,
    filter: RunFilter,
  ): Promise<Page<ActivityRun>>;
  /** Plans an activity that no pipeline holds; it is run after the transaction. Errors: 400 `BadRequest` naming the reference. */
  planErrand(tx: Tx, request: ErrandRequest): Promise<Errand>;
  /** Asks a run to stop, on behalf of `by`. Errors: 404 `PipelineRunNotFound`, 400 `PipelineRunEnded`. */
  cancel(tx: Tx, factoryKey: string, runId: string, by: { objectId: string; name: string }): Promise<AfterCommit>;
  /** Removes every run of a factory that is being deleted, and stops those that are under way. */
  forget(tx: Tx, factoryKey: string): Promise<AfterCommit>;
  /** Takes up every run that is not final. Called once, when the network stands and before the front door opens. */
  recover(): Promise<void>;
  /** Lets go of all runs as they are; `recover` of the next start takes them up. */
  close(): Promise<void>;
};
