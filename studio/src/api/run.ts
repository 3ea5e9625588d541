// Runs of pipelines: asked page by page, watched, cancelled and run again.
import { useMemo } from 'react';
import { call } from './client.ts';
import type { PipelineBody } from './pipeline.ts';
import { armKey, inLongPages, type Paged, useArm, useAsk, usePaged } from './query.ts';
import type { ActivityRun, PipelineRun, RunStatus } from './shape.ts';

// A question keeps its key while time goes on: what ends in the future has no end.
const always = { lastUpdatedAfter: '2000-01-01T00:00:00Z', lastUpdatedBefore: '2200-01-01T00:00:00Z' };

type RunPage = { value: PipelineRun[]; continuationToken?: string };

/** What runs are wanted. */
export type RunWish = { status: RunStatus | null; pipeline: string | null };

/** Runs of a factory, the newest first. */
export const useRuns = (factory: string, { status, pipeline }: RunWish): Paged<PipelineRun> => {
  const path = `${factory}/queryPipelineRuns`;
  const filters = [
    ...(status === null ? [] : [{ operand: 'Status', operator: 'Equals', values: [status] }]),
    ...(pipeline === null ? [] : [{ operand: 'PipelineName', operator: 'Equals', values: [pipeline] }]),
  ];
  const body = { ...always, filters, orderBy: [{ orderBy: 'RunStart', order: 'DESC' }] };
  return usePaged<PipelineRun, RunPage>(
    armKey(path, body),
    (next, signal) =>
      next === ''
        ? call({ method: 'POST', path, body, signal })
        : call({ method: 'POST', path: inLongPages(path), body: { ...body, continuationToken: next }, signal }),
    ({ continuationToken }) => continuationToken || undefined,
  );
};

/** Whether a run has ended. */
export const isOver = (status: string): boolean => ['Succeeded', 'Failed', 'Cancelled'].includes(status);

/** One run. */
export const useRun = (factory: string, runId: string) => useArm<PipelineRun>(`${factory}/pipelineruns/${runId}`);

/** The pipeline as it was when the run was asked for, whatever has become of it. */
export const useRunDefinition = (factory: string, runId: string) =>
  useArm<{ name: string; properties: PipelineBody }>(`${factory}/providers/Postern.Authoring/runDefinitions/${runId}`);

/** The activity runs of a run, in order of their beginning; while it goes on, also asked now and then for their progress. */
export const useActivityRuns = (factory: string, runId: string, isLive: boolean) => {
  const answer = useAsk<{ value: ActivityRun[] }>(`${factory}/pipelineruns/${runId}/queryActivityruns`, always, {
    refetchInterval: isLive ? 1000 : false,
  });
  const runs = useMemo(
    () =>
      answer.data &&
      [...answer.data.value].sort((one, other) => one.activityRunStart.localeCompare(other.activityRunStart)),
    [answer.data],
  );
  return { ...answer, data: runs };
};

/** Ends a run. */
export const cancelRun = (factory: string, runId: string): Promise<unknown> =>
  call({ method: 'POST', path: `${factory}/pipelineruns/${runId}/cancel`, body: {} });

/** Runs a pipeline again with the parameters of an earlier run; from what failed, what succeeded there stays as it was. */
export const rerun = (factory: string, run: PipelineRun, isFromFailure: boolean): Promise<{ runId: string }> => {
  const query = new URLSearchParams({
    referencePipelineRunId: run.runId,
    isRecovery: 'true',
    ...(isFromFailure && { startFromFailure: 'true' }),
  });
  return call({
    method: 'POST',
    path: `${factory}/pipelines/${encodeURIComponent(run.pipelineName)}/createRun?${query}`,
    // The server has those of the earlier run; what is shown of them has masks for secrets.
    body: {},
  });
};
