// What the workers of a factory tried to reach, and what came of it, as it happens.
import { Button, Switch } from '@fluentui/react-components';
import { Link, useNavigate } from 'react-router';
import { bytes, duration, nameIn } from '../../../../src/base/show.ts';
import { useFlows } from '../../api/flow.ts';
import type { Flow } from '../../api/shape.ts';
import { type FactoryPlace, useFactory } from '../../app/factory.ts';
import { useChoice } from '../../component/choice.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { ErrorCard } from '../../component/error-card.tsx';
import { Instant } from '../../component/instant.tsx';
import { Answered, Facts, Page } from '../../component/page.tsx';
import { Detail, Split } from '../../component/split.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import { endOf, endReason, endSays, endWord } from './flow-end.ts';
import styles from './flows.module.css';

/** How it ended, when, and why where it did not end by itself. */
const End = ({ flow }: { flow: Flow }) => {
  const end = endOf(flow);
  const reason = endReason(flow);
  if (end === 'live') return <span>{endWord.live}</span>;
  return (
    <span className={styles.end} title={reason}>
      {endWord[end]} <Instant at={flow.endedAt} />
      {reason && `: ${reason}`}
    </span>
  );
};

const FlowDetail = ({ factory, flow, onClose }: { factory: FactoryPlace; flow: Flow; onClose(): void }) => (
  <Detail title={`${flow.host ?? flow.address}:${flow.port}`} onClose={onClose}>
    <StateBadge state={flow.verdict} />
    {flow.verdict === 'denied' ? (
      <ErrorCard reasons={[flow]} />
    ) : (
      <p>
        <code>{flow.code}</code> {flow.message}
      </p>
    )}
    <Facts
      rows={[
        ['Began', <Instant key="at" at={flow.at} />],
        ['Lasted', flow.durationMs === null ? endSays.live : duration(flow.durationMs)],
        ['Ended', flow.endedAt === null ? 'Not yet' : <Instant key="ended" at={flow.endedAt} />],
        ['How it ended', endSays[endOf(flow)]],
        ['Sent to it', bytes(flow.bytesSent)],
        ['Received', bytes(flow.bytesReceived)],
        ['Address', <code key="address">{`${flow.address}:${flow.port} ${flow.protocol}`}</code>],
        ['Worker', <code key="worker">{flow.worker}</code>],
        [
          'Activity',
          flow.pipelineRunId ? (
            <Link key="run" to={`${factory.at}/runs/${flow.pipelineRunId}`}>
              {flow.activityName}
            </Link>
          ) : (
            'None; a probe, or it is long ago'
          ),
        ],
        [
          'Endpoint',
          flow.endpoint ? (
            <Link key="endpoint" to={`${factory.at}/endpoints/${nameIn(flow.endpoint)}`}>
              {nameIn(flow.endpoint)}
            </Link>
          ) : (
            'None'
          ),
        ],
      ]}
    />
  </Detail>
);

/** The flows of a factory. */
export const FlowsPage = () => {
  const go = useNavigate();
  const factory = useFactory();
  const { chosen: chosenOf, choose, addressOf } = useChoice();
  const flows = useFlows(factory.id);
  const isRefusedOnly = chosenOf('denied') !== null;
  const id = chosenOf('flow');
  return (
    <Page
      title="Flows"
      says="Every connection that a worker opened or tried to. The latest 1,000."
      actions={
        <Switch
          label="Only what was denied"
          checked={isRefusedOnly}
          onChange={(_, { checked }) => choose({ denied: checked ? '' : null })}
        />
      }
    >
      <Answered of={flows}>
        {(all) => {
          const chosen = all.find((flow) => flow.id === id);
          return (
            <Split
              detail={chosen && <FlowDetail factory={factory} flow={chosen} onClose={() => choose({ flow: null })} />}
            >
              <DataList
                label="Flows"
                rows={isRefusedOnly ? all.filter(({ verdict }) => verdict === 'denied') : all}
                keyOf={(flow) => flow.id}
                linkOf={(flow) => addressOf({ flow: flow.id })}
                isSelected={(flow) => flow.id === id}
                filterOf={(flow) =>
                  `${flow.host} ${flow.address} ${flow.code} ${flow.activityName} ${flow.worker} ${endWord[endOf(flow)]} ${endReason(flow)}`
                }
                columns={[
                  {
                    title: 'To',
                    cell: (flow) => <code>{`${flow.host ?? flow.address}:${flow.port}`}</code>,
                    sortOf: (flow) => flow.host ?? flow.address,
                  },
                  { title: 'Verdict', width: 96, cell: (flow) => <StateBadge state={flow.verdict} /> },
                  { title: 'Code', width: 186, cell: (flow) => <code>{flow.code}</code>, sortOf: ({ code }) => code },
                  { title: 'Activity', width: 100, cell: (flow) => flow.activityName ?? '–' },
                  {
                    title: 'Sent',
                    width: 84,
                    isNumber: true,
                    cell: (flow) => bytes(flow.bytesSent),
                    sortOf: ({ bytesSent }) => bytesSent,
                  },
                  {
                    title: 'Received',
                    width: 88,
                    isNumber: true,
                    cell: (flow) => bytes(flow.bytesReceived),
                    sortOf: ({ bytesReceived }) => bytesReceived,
                  },
                  { title: 'Began', width: 100, cell: (flow) => <Instant at={flow.at} />, sortOf: ({ at }) => at },
                  {
                    title: 'Lasted',
                    width: 80,
                    isNumber: true,
                    cell: (flow) =>
                      endOf(flow) === 'refused' || flow.durationMs === null ? '–' : duration(flow.durationMs),
                  },
                  { title: 'Ended', cell: (flow) => <End flow={flow} /> },
                ]}
                empty={
                  <Empty
                    title={isRefusedOnly ? 'Nothing was denied' : 'No flow yet'}
                    action={<Button onClick={() => void go(`${factory.at}/pipelines`)}>To the pipelines</Button>}
                  >
                    When an activity runs, each connection of its worker shows here: where to, by which rule, and how
                    much.
                  </Empty>
                }
              />
            </Split>
          );
        }}
      </Answered>
    </Page>
  );
};
