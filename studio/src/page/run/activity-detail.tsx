// An activity run in full: the reason first, in plain words, then what went in and what came out.
import { bytes } from '../../../../src/base/show.ts';
import type { ActivityRun } from '../../api/shape.ts';
import type { FactoryPlace } from '../../app/factory.ts';
import { ErrorCard, policyFirst } from '../../component/error-card.tsx';
import { CopyId } from '../../component/exact.tsx';
import { Elapsed, Instant } from '../../component/instant.tsx';
import { JsonEditor } from '../../component/json-editor.tsx';
import { Facts, Section } from '../../component/page.tsx';
import { Detail } from '../../component/split.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import { WayOn } from '../authoring/test-report.tsx';

const Failure = ({ factory, error }: { factory: FactoryPlace; error: ActivityRun['error'] }) => {
  if (error.errorCode === '' && error.message === '') return null;
  const details = Array.isArray(error.details) ? error.details : [];
  const own = { code: error.errorCode, message: error.message };
  return (
    <ErrorCard
      title={error.failureType === 'SystemError' ? 'It failed, and not by its own fault' : 'It failed'}
      reasons={policyFirst(own, details)}
    >
      <WayOn factory={factory} reasons={details} />
    </ErrorCard>
  );
};

const speedOf = ({ output, durationInMs }: ActivityRun): string | null => {
  const moved = output.dataWritten ?? output.dataRead;
  return typeof moved === 'number' && durationInMs ? `${bytes((moved / durationInMs) * 1000)}/s` : null;
};

/** The detail. */
export const ActivityDetail = ({
  factory,
  run,
  onClose,
}: {
  factory: FactoryPlace;
  run: ActivityRun;
  onClose(): void;
}) => {
  const speed = speedOf(run);
  return (
    <Detail title={run.activityName} onClose={onClose}>
      <StateBadge state={run.status} />
      <Failure factory={factory} error={run.error} />
      <Facts
        rows={[
          ['Type', run.activityType],
          ['Began', <Instant key="began" at={run.activityRunStart} />],
          ['Took', <Elapsed key="took" from={run.activityRunStart} to={run.activityRunEnd} ms={run.durationInMs} />],
          ...(speed === null ? [] : [['Speed', speed] as const]),
          ['Activity run', <CopyId key="id" id={run.activityRunId} what="id of the activity run" />],
        ]}
      />
      <Section title="Output">
        <JsonEditor label="Output" text={JSON.stringify(run.output, null, 2)} />
      </Section>
      <Section title="Input">
        <JsonEditor label="Input" text={JSON.stringify(run.input, null, 2)} />
      </Section>
    </Detail>
  );
};
