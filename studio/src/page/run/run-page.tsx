// One run: how it does, what its activities do, and what can be done about it.
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useRights } from '../../api/permission.ts';
import { useArm } from '../../api/query.ts';
import { cancelRun, isOver, rerun, useRun } from '../../api/run.ts';
import type { PipelineRun, Resource } from '../../api/shape.ts';
import { type FactoryPlace, useFactory } from '../../app/factory.ts';
import { ErrorCard } from '../../component/error-card.tsx';
import { CopyId } from '../../component/exact.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Elapsed, Instant } from '../../component/instant.tsx';
import { Answered, Facts, Page } from '../../component/page.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import { RunOutcome } from './run-outcome.tsx';

const runs = 'Microsoft.DataFactory/factories/pipelines/createrun/action';
const cancels = 'Microsoft.DataFactory/factories/pipelineruns/cancel/action';

const Tools = ({
  factory,
  run,
  isSaved,
  onError,
}: {
  factory: FactoryPlace;
  run: PipelineRun;
  isSaved: boolean;
  onError(error: unknown): void;
}) => {
  const { may } = useRights(factory.id);
  const go = useNavigate();
  const again = (isFromFailure: boolean) =>
    void rerun(factory.id, run, isFromFailure).then(({ runId }) => go(`${factory.at}/runs/${runId}`), onError);
  if (!isOver(run.status))
    return (
      <GuardedButton
        may={may(cancels)}
        needs={cancels}
        disabled={run.status === 'Canceling'}
        onClick={() => void cancelRun(factory.id, run.runId).catch(onError)}
      >
        {run.status === 'Canceling' ? 'Cancelling…' : 'Cancel'}
      </GuardedButton>
    );
  if (!isSaved) return null;
  return (
    <>
      <GuardedButton may={may(runs)} needs={runs} onClick={() => again(false)}>
        Run again
      </GuardedButton>
      {run.status !== 'Succeeded' && (
        <GuardedButton appearance="primary" may={may(runs)} needs={runs} onClick={() => again(true)}>
          Run again from what failed
        </GuardedButton>
      )}
    </>
  );
};

/** The run in the address. */
export const RunPage = () => {
  const factory = useFactory();
  const { runId = '' } = useParams();
  const found = useRun(factory.id, runId);
  const name = found.data?.pipelineName;
  const pipeline = useArm<Resource>(name === undefined ? null : `${factory.id}/pipelines/${encodeURIComponent(name)}`, {
    retry: false,
  });
  const [error, setError] = useState<unknown>(null);
  return (
    <Page
      title={found.data ? `Run of ${found.data.pipelineName}` : 'Run'}
      isWide
      actions={
        found.data && (
          <Tools factory={factory} run={found.data} isSaved={pipeline.data !== undefined} onError={setError} />
        )
      }
    >
      {error !== null && <ErrorCard error={error} />}
      <Answered of={found}>
        {(run) => (
          <>
            <StateBadge state={run.status} />
            <Facts
              rows={[
                ['Began', <Instant key="began" at={run.runStart} />],
                ['Took', <Elapsed key="took" from={run.runStart} to={run.runEnd} ms={run.durationInMs} />],
                ['By', run.invokedBy.name],
                [
                  'Pipeline',
                  pipeline.data ? (
                    <Link key="pipeline" to={`${factory.at}/pipelines/${encodeURIComponent(run.pipelineName)}`}>
                      {run.pipelineName}
                    </Link>
                  ) : (
                    `${run.pipelineName}, which is not saved`
                  ),
                ],
                [
                  'Parameters',
                  Object.keys(run.parameters).length === 0 ? (
                    'none'
                  ) : (
                    <code key="p">{JSON.stringify(run.parameters)}</code>
                  ),
                ],
                ['Run id', <CopyId key="id" id={run.runId} what="run id" />],
              ]}
            />
            <RunOutcome key={run.runId} factory={factory} runId={run.runId} />
          </>
        )}
      </Answered>
    </Page>
  );
};
