// Where the owner of a store answers: what waits, from whom, why and what it would open; what was let in, and how much
// flows over it now.
import { Button } from '@fluentui/react-components';
import { useState } from 'react';
import { bytes } from '../../../../src/base/show.ts';
import { type Approval, trafficOf, useApprovals, useConnectionDecisions, useStoreFlows } from '../../api/approval.ts';
import { isSameId } from '../../api/id.ts';
import { groupTitle, hostOf } from '../../api/target.ts';
import { useChoice } from '../../component/choice.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { CopyId } from '../../component/exact.tsx';
import { Actions, Answered, Facts, Page } from '../../component/page.tsx';
import { Detail, Split } from '../../component/split.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import { Tabs } from '../../component/tabs.tsx';
import { Trail } from '../network/trail.tsx';
import styles from './approval.module.css';
import { type Answer, DecideForm } from './decide-form.tsx';
import { Traffic } from './traffic.tsx';

const tabs = [
  ['Pending', 'Waiting'],
  ['Approved', 'Let in'],
  ['Rejected', 'Rejected'],
] as const;

const opensOf = ({ store, groupId }: Approval) => `${groupTitle(store.id, groupId)} of ${store.name}`;

const answersFor = ({ state }: Approval): Answer[] =>
  state === 'Pending'
    ? ['Approved', 'Rejected']
    : state === 'Approved'
      ? ['Rejected', 'Removed']
      : ['Approved', 'Removed'];

const answerWords: Readonly<Record<Answer, string>> = {
  Approved: 'Approve',
  Rejected: 'Reject',
  Removed: 'Remove for good',
};

const wordsFor = (approval: Approval, answer: Answer) =>
  answer === 'Rejected' && approval.state === 'Approved' ? 'Revoke' : answerWords[answer];

const ApprovalDetail = ({ approval, onClose }: { approval: Approval; onClose(): void }) => {
  const decisions = useConnectionDecisions(approval);
  const flows = useStoreFlows(approval.store.id);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const host = hostOf(approval.store.id, approval.groupId);
  return (
    <Detail title={`${approval.from} to ${approval.store.name}`} onClose={onClose}>
      <StateBadge state={approval.state} />
      <blockquote className={styles.words}>
        {approval.requestMessage || 'No reason was given. Ask before you answer.'}
      </blockquote>
      <Facts
        rows={[
          [approval.state === 'Approved' ? 'Opens' : 'Would open', opensOf(approval)],
          [
            'And nothing else',
            host ? `Only ${host}. No other part of the store, no other store.` : 'Only this service.',
          ],
          ['Asked by', <code key="from">{approval.from}</code>],
          ['Your words', (approval.state !== 'Pending' && approval.description) || 'none yet'],
          ['Connection', <CopyId key="id" id={approval.id} what="id of the connection" />],
        ]}
      />
      <Actions>
        {answersFor(approval).map((one, index) => (
          <Button
            key={one}
            appearance={index === 0 && approval.state === 'Pending' ? 'primary' : 'secondary'}
            onClick={() => setAnswer(one)}
          >
            {wordsFor(approval, one)}
          </Button>
        ))}
      </Actions>
      <Answered of={flows}>{(all) => <Traffic traffic={trafficOf(all, approval)} />}</Answered>
      <Answered of={decisions}>{(all) => <Trail decisions={all} isShort />}</Answered>
      {answer && (
        <DecideForm
          approval={approval}
          answer={answer}
          title={`${wordsFor(approval, answer)}: ${approval.from}`}
          submit={wordsFor(approval, answer)}
          flows={flows}
          onClose={() => setAnswer(null)}
        />
      )}
    </Detail>
  );
};

const LiveCell = ({ approval }: { approval: Approval }) => {
  const { data, error } = useStoreFlows(approval.store.id);
  if (error) return <span>not known</span>;
  if (!data) return <span>…</span>;
  const { live, bytes: moved } = trafficOf(data, approval);
  return (
    <span>
      {live === 0 ? 'none' : `${live} live`}, {bytes(moved)}
    </span>
  );
};

/** The connections that the person may decide about. */
export const ApprovalsPage = () => {
  const { chosen: chosenOf, choose, addressOf } = useChoice();
  const found = useApprovals();
  const id = chosenOf('connection');
  const chosen = found.approvals.find((one) => isSameId(one.id, id));
  const tab = chosenOf('state') ?? chosen?.state ?? 'Pending';
  const shown = found.approvals.filter(({ state }) => state === tab);
  const count = (state: string) => found.approvals.filter((one) => one.state === state).length;
  return (
    <Page
      title="Approvals"
      says="Who wants a way from a sealed network to a store of yours. Nothing passes before you approve, and nothing after you reject."
    >
      <Tabs
        label="By state"
        tabs={tabs.map(
          ([state, title]) =>
            [state, found.isPending || found.error ? title : `${title} (${count(state).toLocaleString()})`] as const,
        )}
        selected={tab}
        onSelect={(state) => choose({ state, connection: null })}
      />
      <Answered of={{ ...found, data: found.isPending || found.error ? undefined : found.approvals }}>
        {() => (
          <Split
            detail={
              chosen && <ApprovalDetail approval={chosen} onClose={() => choose({ state: tab, connection: null })} />
            }
          >
            <DataList
              label="Connections"
              rows={shown}
              keyOf={(one) => one.id}
              linkOf={(one) => addressOf({ state: tab, connection: one.id })}
              isSelected={(one) => isSameId(one.id, id)}
              filterOf={(one) => `${one.from} ${one.store.name} ${one.groupId} ${one.requestMessage}`}
              columns={[
                { title: 'From', cell: ({ from }) => <code>{from}</code>, sortOf: ({ from }) => from },
                { title: tab === 'Pending' ? 'Would open' : 'Opens', cell: opensOf, sortOf: opensOf },
                { title: 'Why', cell: ({ requestMessage }) => requestMessage || 'No reason was given.' },
                ...(tab === 'Approved'
                  ? [{ title: 'Flows over it', width: 160, cell: (one: Approval) => <LiveCell approval={one} /> }]
                  : []),
                ...(tab === 'Pending'
                  ? []
                  : [{ title: 'Your words', cell: ({ description }: Approval) => description || '–' }]),
                { title: 'State', width: 130, cell: ({ state }) => <StateBadge state={state} /> },
              ]}
              empty={
                <Empty title={tab === 'Pending' ? 'Nothing waits for you' : `None is ${tab.toLowerCase()}`}>
                  {found.stores.length === 0
                    ? 'You may see no store. Whoever assigns roles can make you its owner; requests to it show here then.'
                    : 'When an engineer requests an endpoint to a store that you may decide about, it shows here by itself.'}
                </Empty>
              }
            />
          </Split>
        )}
      </Answered>
    </Page>
  );
};
