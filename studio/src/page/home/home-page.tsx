// Who am I, what waits for me, where was I.
import { Link, useNavigate } from 'react-router';
import { useApprovals } from '../../api/approval.ts';
import { factoryWrite, useMayMake } from '../../api/factory.ts';
import { groupOf } from '../../api/id.ts';
import { useAll } from '../../api/query.ts';
import type { Factory } from '../../api/shape.ts';
import { factoryAddress } from '../../app/factory.ts';
import { useSubscription, useWho } from '../../app/who.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { CopyId } from '../../component/exact.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Instant } from '../../component/instant.tsx';
import { Answered, Facts, Page, Section } from '../../component/page.tsx';
import { StateBadge } from '../../component/state-badge.tsx';

const Waiting = () => {
  const found = useApprovals();
  const { approvals } = found;
  const waiting = approvals.filter(({ state }) => state === 'Pending');
  if (found.isPending || found.error)
    return (
      <Section title="Waiting for your answer">
        <Answered of={{ ...found, data: undefined }}>{() => null}</Answered>
      </Section>
    );
  return (
    <Section
      title={
        waiting.length === 0
          ? 'Nothing waits for you'
          : `${waiting.length} ${waiting.length === 1 ? 'waits' : 'wait'} for your answer`
      }
    >
      {waiting.length === 0 ? (
        <p>
          Connections to stores that you own show here when somebody asks for one.{' '}
          {approvals.length > 0 && <Link to="/approvals">See what you have let in</Link>}
        </p>
      ) : (
        <DataList
          label="Waiting connections"
          rows={waiting}
          keyOf={({ id }) => id}
          linkOf={({ id }) => `/approvals?connection=${encodeURIComponent(id)}`}
          columns={[
            { title: 'From', cell: ({ from }) => <code>{from}</code> },
            { title: 'Would open', cell: ({ groupId, store }) => `${groupId} of ${store.name}` },
            { title: 'Why', cell: ({ requestMessage }) => requestMessage || 'No reason was given.' },
            { title: 'State', width: 130, cell: ({ state }) => <StateBadge state={state} /> },
          ]}
        />
      )}
    </Section>
  );
};

const Factories = () => {
  const factories = useAll<Factory>(`${useSubscription()}/providers/Microsoft.DataFactory/factories`);
  const go = useNavigate();
  const may = useMayMake(useSubscription());
  return (
    <Section title="Factories">
      <Answered of={factories}>
        {(all) => (
          <DataList
            label="Factories"
            rows={all}
            keyOf={({ id }) => id}
            linkOf={({ id }) => factoryAddress(id)}
            filterOf={({ name }) => name}
            columns={[
              { title: 'Name', cell: ({ name }) => <code>{name}</code> },
              { title: 'Resource group', cell: ({ id }) => groupOf(id) },
              { title: 'Region', width: 140, cell: ({ location }) => location },
              { title: 'Made', width: 180, cell: ({ properties }) => <Instant at={properties.createTime} /> },
            ]}
            empty={
              <Empty
                title="There is no factory that you may see"
                action={
                  <GuardedButton
                    appearance="primary"
                    may={may}
                    needs={factoryWrite}
                    onClick={() => void go('/factories?new')}
                  >
                    New factory
                  </GuardedButton>
                }
              >
                A factory holds pipelines and a sealed network for them. Make one, or ask who administers Postern for a
                role on one, as Data Factory Contributor.
              </Empty>
            }
          />
        )}
      </Answered>
    </Section>
  );
};

/** The first page. */
export const HomePage = () => {
  const { name, objectId, subscriptionId, expiresAt } = useWho();
  return (
    <Page title="Home" says="What waits for you, and where you can go on.">
      <Waiting />
      <Factories />
      <Section title="You">
        <Facts
          rows={[
            ['Signed in as', name],
            ['Object id', <CopyId key="object" id={objectId} what="object id" />],
            ['Subscription', <CopyId key="subscription" id={subscriptionId} what="subscription id" />],
            ['Session ends', <Instant key="end" at={expiresAt} />],
          ]}
        />
      </Section>
    </Page>
  );
};
