import { Link } from 'react-router';
import { nameIn } from '../../../../src/base/show.ts';
import { decideAction } from '../../api/approval.ts';
import { groupOf, isSameId } from '../../api/id.ts';
import { useRights } from '../../api/permission.ts';
import { useAll, useArm } from '../../api/query.ts';
import type { Decision, LinkConnection } from '../../api/shape.ts';
import { type Store, useStores } from '../../api/store.ts';
import { storeKindOf } from '../../api/store-kind.ts';
import { useSubscription } from '../../app/who.ts';
import { useChoice } from '../../component/choice.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { CopyId } from '../../component/exact.tsx';
import { Answered, Facts, Page, Section } from '../../component/page.tsx';
import { Detail, Split } from '../../component/split.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import { Trail } from '../network/trail.tsx';

const publicWords = ({ properties }: Store) =>
  properties.publicNetworkAccess === 'Disabled' || properties.networkAcls?.defaultAction === 'Deny' ? 'Closed' : 'Open';

const connectionsIn = (store: Store) => store.properties.privateEndpointConnections ?? [];

const StoreDetail = ({ store, onClose }: { store: Store; onClose(): void }) => {
  const connections = useArm<{ value: LinkConnection[] }>(`${store.id}/privateEndpointConnections`);
  const decisions = useAll<Decision>(`${store.id}/providers/Postern.Network/decisions`);
  const { may } = useRights(store.id);
  return (
    <Detail title={store.name} onClose={onClose}>
      <Facts
        rows={[
          ['Kind', storeKindOf(store.type)?.title ?? store.type],
          ['Resource group', groupOf(store.id)],
          ['Region', store.location ?? '–'],
          ['Public path', publicWords(store) === 'Open' ? 'Open to public networks' : 'Closed: by endpoint only'],
          ['You', may(decideAction(store)) ? 'may decide who connects' : 'may look'],
          ['Id', <CopyId key="id" id={store.id} />],
        ]}
      />
      <Section title="Connections">
        <Answered of={connections}>
          {({ value }) => (
            <DataList
              label="Connections"
              rows={value}
              keyOf={({ id }) => id}
              columns={[
                {
                  title: 'From',
                  cell: ({ id, properties }) => (
                    <Link to={`/approvals?connection=${encodeURIComponent(id)}`}>
                      <code>{nameIn(properties.privateEndpoint.id)}</code>
                    </Link>
                  ),
                },
                { title: 'To', width: 90, cell: ({ properties }) => properties.groupIds?.[0] ?? '–' },
                {
                  title: 'State',
                  width: 130,
                  cell: ({ properties }) => <StateBadge state={properties.privateLinkServiceConnectionState.status} />,
                },
              ]}
              empty={<p>Nobody has asked for a connection yet.</p>}
            />
          )}
        </Answered>
      </Section>
      <Section title="Who decided what">
        <Answered of={decisions}>{(all) => <Trail decisions={all} isShort />}</Answered>
      </Section>
    </Detail>
  );
};

/** Every store that the person may see. */
export const StoresPage = () => {
  const found = useStores(useSubscription());
  const { chosen: chosenOf, choose, addressOf } = useChoice();
  const id = chosenOf('store');
  const chosen = found.stores.find((store) => isSameId(store.id, id));
  const waiting = (store: Store) =>
    connectionsIn(store).filter(({ properties }) => properties.privateLinkServiceConnectionState.status === 'Pending')
      .length;
  return (
    <Page title="Stores" says="What endpoints may lead to. A store’s owner decides who connects.">
      <Answered of={{ ...found, data: found.isPending || found.error ? undefined : found.stores }}>
        {(stores) => (
          <Split detail={chosen && <StoreDetail store={chosen} onClose={() => choose({ store: null })} />}>
            <DataList
              label="Stores"
              rows={stores}
              keyOf={(store) => store.id}
              linkOf={(store) => addressOf({ store: store.id })}
              isSelected={(store) => isSameId(store.id, id)}
              filterOf={(store) => `${store.name} ${store.type}`}
              columns={[
                { title: 'Name', cell: ({ name }) => <code>{name}</code>, sortOf: ({ name }) => name },
                { title: 'Kind', cell: ({ type }) => storeKindOf(type)?.title ?? type, sortOf: ({ type }) => type },
                { title: 'Public path', width: 120, cell: publicWords },
                {
                  title: 'Connections',
                  width: 120,
                  isNumber: true,
                  cell: (store) => connectionsIn(store).length,
                  sortOf: (store) => connectionsIn(store).length,
                },
                {
                  title: 'Waiting',
                  width: 130,
                  sortOf: waiting,
                  cell: (store) =>
                    waiting(store) > 0 ? <StateBadge state="Pending" label={`${waiting(store)} pending`} /> : '–',
                },
              ]}
              empty={
                <Empty title="You may see no store">
                  A store shows here for whoever has a role on it. On a machine of your own, the administrator makes one
                  with any Azure client, as <code>az storage account create</code>.
                </Empty>
              }
            />
          </Split>
        )}
      </Answered>
    </Page>
  );
};
