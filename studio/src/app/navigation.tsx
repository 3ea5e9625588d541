// The way round, by what somebody comes to do: build, run, look at the network, approve.
import { Branch20Regular } from '@fluentui/react-icons/svg/branch';
import { BuildingFactory20Regular } from '@fluentui/react-icons/svg/building-factory';
import { ClipboardTask20Regular } from '@fluentui/react-icons/svg/clipboard-task';
import { DataUsage20Regular } from '@fluentui/react-icons/svg/data-usage';
import { Database20Regular } from '@fluentui/react-icons/svg/database';
import { Flow20Regular } from '@fluentui/react-icons/svg/flow';
import { Globe20Regular } from '@fluentui/react-icons/svg/globe';
import { Grid20Regular } from '@fluentui/react-icons/svg/grid';
import { History20Regular } from '@fluentui/react-icons/svg/history';
import { Home20Regular } from '@fluentui/react-icons/svg/home';
import { Link20Regular } from '@fluentui/react-icons/svg/link';
import { Map20Regular } from '@fluentui/react-icons/svg/map';
import { PlayCircle20Regular } from '@fluentui/react-icons/svg/play-circle';
import { ShieldLock20Regular } from '@fluentui/react-icons/svg/shield-lock';
import { Table20Regular } from '@fluentui/react-icons/svg/table';
import type { ComponentType } from 'react';
import { NavLink, useMatch } from 'react-router';
import { useWaiting } from '../api/approval.ts';
import { factoryPlace, lastFactory } from './factory.ts';
import styles from './navigation.module.css';
import { useSubscription } from './who.ts';

type Entry = { to: string; title: string; icon: ComponentType; isExact?: boolean; count?: number };

const Entries = ({ title, entries, onGo }: { title: string; entries: readonly Entry[]; onGo(): void }) => (
  <div className={styles.group}>
    <h2 className={styles.heading}>{title}</h2>
    <ul className={styles.entries}>
      {entries.map(({ to, title: name, icon: Icon, isExact = false, count = 0 }) => (
        <li key={to}>
          <NavLink to={to} end={isExact} onClick={onGo} className={styles.entry}>
            <Icon />
            <span>{name}</span>
            {count > 0 && (
              <span className={styles.count}>
                {count.toLocaleString()}
                <span className={styles.unseen}> waiting</span>
              </span>
            )}
          </NavLink>
        </li>
      ))}
    </ul>
  </div>
);

/** The navigation. `onGo` is told when somebody chose a page. */
export const Navigation = ({ onGo }: { onGo(): void }) => {
  const subscription = useSubscription();
  const open = useMatch('/factories/:group/:factory/*')?.params;
  const last = lastFactory.read();
  const group = open?.group ?? last?.group;
  const name = open?.factory ?? last?.name;
  const { waiting } = useWaiting();
  const factory = group && name ? factoryPlace(subscription, group, name) : null;
  const at = (page: string) => `${factory?.at}${page}`;
  return (
    <nav className={styles.navigation} aria-label="Studio">
      <Entries
        title="Postern"
        onGo={onGo}
        entries={[
          { to: '/', title: 'Home', icon: Home20Regular, isExact: true },
          { to: '/factories', title: 'Factories', icon: Grid20Regular, isExact: true },
        ]}
      />
      {factory && (
        <>
          <p className={styles.factory} title={factory.id}>
            Factory <code>{factory.name}</code>
          </p>
          <Entries
            title="Build"
            onGo={onGo}
            entries={[
              { to: at(''), title: 'Overview', icon: BuildingFactory20Regular, isExact: true },
              { to: at('/linked-services'), title: 'Linked services', icon: Link20Regular },
              { to: at('/datasets'), title: 'Datasets', icon: Table20Regular },
              { to: at('/pipelines'), title: 'Pipelines', icon: Flow20Regular },
            ]}
          />
          <Entries title="Run" onGo={onGo} entries={[{ to: at('/runs'), title: 'Runs', icon: PlayCircle20Regular }]} />
          <Entries
            title="Network"
            onGo={onGo}
            entries={[
              { to: at('/map'), title: 'Map', icon: Map20Regular },
              { to: at('/endpoints'), title: 'Private endpoints', icon: ShieldLock20Regular },
              { to: at('/flows'), title: 'Flows', icon: DataUsage20Regular },
              { to: at('/reachability'), title: 'Reachability', icon: Branch20Regular },
              { to: at('/egress'), title: 'Public door', icon: Globe20Regular },
              { to: at('/audit'), title: 'Audit trail', icon: History20Regular },
            ]}
          />
        </>
      )}
      <Entries
        title="Approve"
        onGo={onGo}
        entries={[
          { to: '/approvals', title: 'Approvals', icon: ClipboardTask20Regular, count: waiting.length },
          { to: '/stores', title: 'Stores', icon: Database20Regular },
        ]}
      />
    </nav>
  );
};
