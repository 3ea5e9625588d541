// The runs of a factory, as they happen.
import { Button, Select } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useRuns } from '../../api/run.ts';
import type { PipelineRun, RunStatus } from '../../api/shape.ts';
import { useFactory } from '../../app/factory.ts';
import { useChoice } from '../../component/choice.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { Elapsed, Instant } from '../../component/instant.tsx';
import { Answered, Page } from '../../component/page.tsx';
import { StateBadge } from '../../component/state-badge.tsx';

const states: readonly RunStatus[] = ['InProgress', 'Queued', 'Succeeded', 'Failed', 'Canceling', 'Cancelled'];

const firstLine = ({ message }: PipelineRun) => (message.length > 160 ? `${message.slice(0, 160)}…` : message) || '–';

/** The list of runs. */
export const RunsPage = () => {
  const factory = useFactory();
  const go = useNavigate();
  const { chosen, choose } = useChoice();
  const status = states.find((one) => one === chosen('status')) ?? null;
  const pipeline = chosen('pipeline');
  const pages = useRuns(factory.id, { status, pipeline });
  return (
    <Page
      title="Runs"
      says={pipeline ? `Of the pipeline ${pipeline}.` : 'Every run of a pipeline, the newest first.'}
      actions={
        <Select
          aria-label="State"
          value={status ?? ''}
          onChange={(_, { value }) => choose({ status: value === '' ? null : value })}
        >
          <option value="">Any state</option>
          {states.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      }
    >
      <Answered of={pages}>
        {(all) => (
          <DataList
            label="Runs"
            rows={all}
            {...pages.more}
            keyOf={({ runId }) => runId}
            linkOf={({ runId }) => `${factory.at}/runs/${runId}`}
            filterOf={({ pipelineName, runId, message }) => `${pipelineName} ${runId} ${message}`}
            columns={[
              {
                title: 'Pipeline',
                width: 220,
                cell: ({ pipelineName }) => <code>{pipelineName}</code>,
                sortOf: ({ pipelineName }) => pipelineName,
              },
              { title: 'State', width: 130, cell: ({ status: state }) => <StateBadge state={state} /> },
              {
                title: 'Began',
                width: 150,
                cell: ({ runStart }) => <Instant at={runStart} />,
                sortOf: ({ runStart }) => runStart,
              },
              {
                title: 'Took',
                width: 110,
                isNumber: true,
                cell: ({ runStart, runEnd, durationInMs }) => <Elapsed from={runStart} to={runEnd} ms={durationInMs} />,
                sortOf: ({ durationInMs }) => durationInMs ?? Number.MAX_SAFE_INTEGER,
              },
              { title: 'By', width: 130, cell: ({ invokedBy }) => invokedBy.name },
              { title: 'What happened', cell: firstLine },
            ]}
            empty={
              <Empty
                title={status ? `No run is ${status}` : 'No run yet'}
                action={<Button onClick={() => void go(`${factory.at}/pipelines`)}>To the pipelines</Button>}
              >
                Run a pipeline, or debug one that is not saved yet. Its activities show here as they go.
              </Empty>
            }
          />
        )}
      </Answered>
    </Page>
  );
};
