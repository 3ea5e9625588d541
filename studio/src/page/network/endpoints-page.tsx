// The endpoints of a factory's managed network: the gates that owners opened, or did not.
import { Button, Link as TextLink } from '@fluentui/react-components';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { nameIn } from '../../../../src/base/show.ts';
import { ApiError } from '../../api/error.ts';
import { isSameId } from '../../api/id.ts';
import { useRights } from '../../api/permission.ts';
import { useAll } from '../../api/query.ts';
import { useSend } from '../../api/save.ts';
import type { Decision, ManagedEndpoint } from '../../api/shape.ts';
import { groupTitle } from '../../api/target.ts';
import { type FactoryPlace, useFactory } from '../../app/factory.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { CopyId } from '../../component/exact.tsx';
import { FormDialog } from '../../component/form-dialog.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Answered, Facts, Page } from '../../component/page.tsx';
import { Detail, Split } from '../../component/split.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import { EndpointForm } from './endpoint-form.tsx';
import { Trail } from './trail.tsx';

const write = 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints/write';
const remove = 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints/delete';

/** Until the owner has spoken, the description is the requester's own. */
const ownerWords = ({ status, description }: ManagedEndpoint['properties']['connectionState']) =>
  status === 'Pending' ? '' : description;

const nextStep: Readonly<Record<string, string>> = {
  Pending: 'It waits for the owner of the store. This page shows the answer by itself.',
  Approved: 'Workers in the managed network reach the store by it, and nothing else of its kind.',
  Rejected: 'The owner said no. They can still approve it; ask them, with their own words above.',
  Disconnected: 'The owner removed it for good. Delete the endpoint and request it again.',
};

const EndpointDetail = ({
  factory,
  endpoint,
  onClose,
}: {
  factory: FactoryPlace;
  endpoint: ManagedEndpoint;
  onClose(): void;
}) => {
  const decisions = useAll<Decision>(`${endpoint.id}/providers/Postern.Network/decisions`);
  const { may } = useRights(factory.id);
  const [isDeleting, setDeleting] = useState(false);
  const send = useSend();
  const { privateLinkResourceId, groupId, fqdns, requestMessage, connectionState } = endpoint.properties;
  return (
    <Detail title={endpoint.name} onClose={onClose}>
      <StateBadge state={connectionState.status} />
      <p>{nextStep[connectionState.status]}</p>
      <Facts
        rows={[
          ['Leads to', `${groupTitle(privateLinkResourceId, groupId)} of ${nameIn(privateLinkResourceId)}`],
          ['Host names', <code key="fqdns">{fqdns.join(', ') || 'none'}</code>],
          ['Asked with', requestMessage || 'no reason'],
          ['The owner said', ownerWords(connectionState) || 'nothing yet'],
          ['Target', <CopyId key="target" id={privateLinkResourceId} what="id of the target" />],
          ['Id', <CopyId key="id" id={endpoint.id} />],
        ]}
      />
      <Answered of={decisions}>{(all) => <Trail decisions={all} isShort />}</Answered>
      <div>
        <GuardedButton may={may(remove)} needs={remove} onClick={() => setDeleting(true)}>
          Delete the endpoint
        </GuardedButton>
      </div>
      {isDeleting && (
        <FormDialog
          title={`Delete ${endpoint.name}?`}
          submit="Delete"
          isDanger
          onSubmit={() => send({ method: 'DELETE', path: endpoint.id })}
          onClose={() => setDeleting(false)}
        >
          <p>
            Flows over it are cut before this answers, and runs that need {nameIn(privateLinkResourceId)} fail from then
            on. A new endpoint would be Pending again.
          </p>
        </FormDialog>
      )}
    </Detail>
  );
};

/** The endpoints, a way to request one, and one of them in detail. */
export const EndpointsPage = () => {
  const factory = useFactory();
  const { name } = useParams();
  const [search, setSearch] = useSearchParams();
  const go = useNavigate();
  const { may } = useRights(factory.id);
  const endpoints = useAll<ManagedEndpoint>(`${factory.network}/managedPrivateEndpoints`);
  const isWithoutNetwork = endpoints.error instanceof ApiError && endpoints.error.status === 404;
  const state = search.get('state');
  const chosen = endpoints.data?.find((one) => isSameId(one.name, name));
  const wishId = search.get('target');
  const close = () => setSearch({}, { replace: true });
  const request = (
    <GuardedButton appearance="primary" may={may(write)} needs={write} onClick={() => setSearch('new')}>
      Request an endpoint
    </GuardedButton>
  );
  return (
    <Page
      title="Private endpoints"
      says="Each leads from the sealed network to one store, and carries traffic only while its owner approves."
      actions={request}
    >
      {state && (
        <p>
          Only {state}. <TextLink onClick={close}>Show all</TextLink>
        </p>
      )}
      {isWithoutNetwork && (
        <Empty
          title="This factory has no managed network yet"
          action={
            <Button appearance="primary" onClick={() => void go(factory.at)}>
              To the overview
            </Button>
          }
        >
          Endpoints are gates in the wall of the managed network. Make the network on the factory’s overview first.
        </Empty>
      )}
      <Answered of={isWithoutNetwork ? { ...endpoints, data: [] } : endpoints}>
        {(all) => (
          <Split
            detail={
              chosen && (
                <EndpointDetail
                  factory={factory}
                  endpoint={chosen}
                  onClose={() => void go(`${factory.at}/endpoints`)}
                />
              )
            }
          >
            {name && !chosen && (
              <p>
                There is no endpoint <code>{name}</code> any more.
              </p>
            )}
            <DataList
              label="Endpoints"
              rows={state ? all.filter((one) => one.properties.connectionState.status === state) : all}
              keyOf={({ id }) => id}
              linkOf={(one) => `${factory.at}/endpoints/${one.name}`}
              isSelected={(one) => one.name === chosen?.name}
              filterOf={(one) =>
                `${one.name} ${one.properties.privateLinkResourceId} ${one.properties.connectionState.status}`
              }
              columns={[
                { title: 'Name', cell: (one) => <code>{one.name}</code> },
                {
                  title: 'State',
                  width: 140,
                  cell: ({ properties }) => <StateBadge state={properties.connectionState.status} />,
                },
                {
                  title: 'Leads to',
                  cell: ({ properties }) =>
                    `${groupTitle(properties.privateLinkResourceId, properties.groupId)} of ${nameIn(properties.privateLinkResourceId)}`,
                },
                {
                  title: 'Owner’s words',
                  cell: ({ properties: { connectionState } }) => ownerWords(connectionState) || '–',
                },
              ]}
              empty={
                isWithoutNetwork ? null : state ? (
                  <p>None is {state}.</p>
                ) : (
                  <Empty title="No endpoint yet" action={request}>
                    Workers in the managed network reach no store yet. Request an endpoint to one; its owner is told,
                    and answers under Approvals.
                  </Empty>
                )
              }
            />
          </Split>
        )}
      </Answered>
      {search.has('new') && (
        <EndpointForm
          factory={factory}
          wish={wishId ? { resourceId: wishId, groupId: search.get('group') ?? '' } : null}
          onDone={(made) => void go(`${factory.at}/endpoints/${made}`)}
          onClose={close}
        />
      )}
    </Page>
  );
};
