// Who decided what, and when.
import { nameIn, shortIds } from '../../../../src/base/show.ts';
import type { Decision } from '../../api/shape.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { Instant } from '../../component/instant.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import styles from './trail.module.css';

const verbs: Readonly<Record<string, string>> = {
  Request: 'requested it',
  Approve: 'approved it',
  Reject: 'rejected it',
  Disconnect: 'removed it',
  Remove: 'deleted the endpoint',
  Reword: 'changed the words',
  SetEgress: 'set the public door',
  RemoveEgress: 'took the public door’s rules away',
};

const aboutOf = ({ connection }: Decision) =>
  connection
    ? `${nameIn(connection.endpoint)} to ${connection.groupId} of ${nameIn(connection.target)}`
    : 'Public door';

const keyOf = ({ at, decision, connection }: Decision, index: number) =>
  `${at}${decision}${connection?.id ?? ''}${index}`;

type Keyed = Decision & { key: string };

/** Decisions, newest first: a list with filter, or a few lines. */
export const Trail = ({ decisions, isShort = false }: { decisions: readonly Decision[]; isShort?: boolean }) => {
  if (isShort)
    return (
      <ol className={styles.lines} aria-label="History">
        {decisions.map((one, index) => (
          <li key={keyOf(one, index)} className={styles.line}>
            <Instant at={one.at} /> <b>{one.by.name}</b> {verbs[one.decision] ?? one.decision}
            {one.reason && <span className={styles.words}>“{shortIds(one.reason)}”</span>}
          </li>
        ))}
      </ol>
    );
  return (
    <DataList<Keyed>
      label="Decisions"
      rows={decisions.map((one, index): Keyed => ({ ...one, key: keyOf(one, index) }))}
      keyOf={({ key }) => key}
      filterOf={(one) => `${one.by.name} ${one.decision} ${aboutOf(one)} ${one.reason}`}
      columns={[
        { title: 'When', width: 170, cell: ({ at }) => <Instant at={at} />, sortOf: ({ at }) => at },
        { title: 'Who', width: 170, cell: ({ by }) => by.name, sortOf: ({ by }) => by.name },
        { title: 'Did', width: 220, cell: ({ decision }) => verbs[decision] ?? decision },
        { title: 'About', cell: aboutOf },
        {
          title: 'Led to',
          width: 140,
          cell: ({ to, connection }) => (to ? connection ? <StateBadge state={to} /> : <code>{to}</code> : '–'),
        },
        { title: 'Words', cell: ({ reason }) => shortIds(reason) || '–' },
      ]}
      empty={
        <Empty title="No decision yet">
          Every request, approval, rejection and change of the public door is kept here, with who, when and why.
        </Empty>
      }
    />
  );
};
