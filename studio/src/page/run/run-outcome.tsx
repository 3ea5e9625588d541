// The activities of a run as a list, a graph and a Gantt chart, live; and one of them in full.
import { Spinner } from '@fluentui/react-components';
import { lazy, Suspense } from 'react';
import { bytes } from '../../../../src/base/show.ts';
import type { Activity } from '../../api/pipeline.ts';
import { isOver, useActivityRuns, useRun, useRunDefinition } from '../../api/run.ts';
import type { ActivityRun } from '../../api/shape.ts';
import type { FactoryPlace } from '../../app/factory.ts';
import { useChoice } from '../../component/choice.ts';
import { DataList } from '../../component/data-list.tsx';
import { Elapsed, Instant } from '../../component/instant.tsx';
import { JsonEditor } from '../../component/json-editor.tsx';
import { Answered } from '../../component/page.tsx';
import { Split } from '../../component/split.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import { Tabs } from '../../component/tabs.tsx';
import { ActivityDetail } from './activity-detail.tsx';
import { Gantt } from './gantt.tsx';

const Canvas = lazy(async () => ({ default: (await import('../authoring/canvas.tsx')).Canvas }));

const views = [
  ['list', 'List'],
  ['graph', 'Graph'],
  ['gantt', 'Gantt chart'],
  ['definition', 'As it was run'],
] as const;

/** What an activity has done so far, in one line. */
export const progressOf = ({ output, status }: ActivityRun): string => {
  const { rowsCopied, dataWritten, dataRead, filesWritten } = output;
  const parts = [
    ...(typeof rowsCopied === 'number' ? [`${rowsCopied.toLocaleString()} rows`] : []),
    ...(typeof filesWritten === 'number' ? [`${filesWritten} files`] : []),
    ...(typeof dataWritten === 'number'
      ? [`${bytes(dataWritten)} written`]
      : typeof dataRead === 'number'
        ? [`${bytes(dataRead)} read`]
        : []),
  ];
  return parts.join(', ') || (status === 'InProgress' ? 'working' : '–');
};

/** Beside the pipeline as it was run, what ran stands alone. */
const drawn = (activities: readonly Activity[], runs: readonly ActivityRun[]): Activity[] => {
  const known = new Set(activities.map(({ name }) => name));
  const others = [
    ...new Map(
      runs.filter(({ activityName }) => !known.has(activityName)).map((run) => [run.activityName, run]),
    ).values(),
  ];
  return [
    ...activities,
    ...others.map(({ activityName, activityType }): Activity => ({ name: activityName, type: activityType })),
  ];
};

const ActivityList = ({
  runs,
  chosen,
  addressOf,
}: {
  runs: readonly ActivityRun[];
  chosen: string | null;
  addressOf(id: string): string;
}) => (
  <DataList
    label="Activities"
    rows={runs}
    keyOf={({ activityRunId }) => activityRunId}
    linkOf={({ activityRunId }) => addressOf(activityRunId)}
    isSelected={({ activityRunId }) => activityRunId === chosen}
    columns={[
      {
        title: 'Activity',
        cell: ({ activityName, retryAttempt }) => (
          <>
            <code>{activityName}</code>
            {retryAttempt ? ` (try ${retryAttempt + 1})` : ''}
          </>
        ),
      },
      { title: 'Type', width: 130, cell: ({ activityType }) => activityType },
      { title: 'State', width: 130, cell: ({ status }) => <StateBadge state={status} /> },
      { title: 'Began', width: 130, cell: ({ activityRunStart }) => <Instant at={activityRunStart} /> },
      {
        title: 'Took',
        width: 110,
        isNumber: true,
        cell: (run) => <Elapsed from={run.activityRunStart} to={run.activityRunEnd} ms={run.durationInMs} />,
      },
      { title: 'So far', cell: progressOf },
    ]}
    empty={<p>No activity has begun yet.</p>}
  />
);

/** The outcome of a run, by the pipeline as it was when the run was asked for. */
export const RunOutcome = ({ factory, runId }: { factory: FactoryPlace; runId: string }) => {
  const run = useRun(factory.id, runId);
  const definition = useRunDefinition(factory.id, runId);
  const found = useActivityRuns(factory.id, runId, run.data !== undefined && !isOver(run.data.status));
  const { chosen: chosenOf, choose: chooseIn, addressOf } = useChoice();
  const view = chosenOf('view') ?? 'list';
  const id = chosenOf('activity');
  const choose = (activity: string | null) => chooseIn({ activity });
  return (
    <>
      <Tabs
        label="Activities as"
        tabs={views}
        selected={view}
        onSelect={(value) => chooseIn({ view: value === 'list' ? null : value })}
      />
      <Answered of={found}>
        {(runs) => {
          const chosen = runs.find(({ activityRunId }) => activityRunId === id);
          const newest = (name: string) => runs.findLast(({ activityName }) => activityName === name);
          return (
            <Split detail={chosen && <ActivityDetail factory={factory} run={chosen} onClose={() => choose(null)} />}>
              {view === 'graph' ? (
                <Suspense fallback={<Spinner label="Loading the graph" />}>
                  <Canvas
                    activities={drawn(definition.data?.properties.activities ?? [], runs)}
                    selected={chosen?.activityName ?? null}
                    onSelect={(name) => choose((name !== null && newest(name)?.activityRunId) || null)}
                    statusOf={(name) => newest(name)?.status ?? null}
                  />
                </Suspense>
              ) : view === 'gantt' ? (
                <Gantt runs={runs} chosen={id} onChoose={choose} />
              ) : view === 'definition' ? (
                <Answered of={definition}>
                  {({ properties }) => (
                    <JsonEditor label="The pipeline as it was run" text={JSON.stringify(properties, null, 2)} />
                  )}
                </Answered>
              ) : (
                <ActivityList runs={runs} chosen={id} addressOf={(activity) => addressOf({ activity })} />
              )}
            </Split>
          );
        }}
      </Answered>
    </>
  );
};
