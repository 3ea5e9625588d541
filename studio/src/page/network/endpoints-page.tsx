// The endpoints of a factory's managed network: the gates that owners opened, or did not.
import { Button, Select } from '@fluentui/react-components';
import { useMemo, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { nameIn } from '../../../../src/base/show.ts';
import { ApiError } from '../../api/error.ts';
import { isSameId } from '../../api/id.ts';
import { useRights } from '../../api/permission.ts';
import { useAll, useArm, usePages } from '../../api/query.ts';
import { useSend } from '../../api/save.ts';
import type { Decision, LinkState, ManagedEndpoint } from '../../api/shape.ts';
import { groupTitle } from '../../api/target.ts';
import { type FactoryPlace, useFactory } from '../../app/factory.ts';
import { useChoice } from '../../component/choice.ts';
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

const leadsTo = ({ properties: { privateLinkResourceId, groupId } }: ManagedEndpoint) =>
  `${groupTitle(privateLinkResourceId, groupId)} of ${nameIn(privateLinkResourceId)}`;

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
  const { privateLinkResourceId, fqdns, requestMessage, connectionState } = endpoint.properties;
  return (
    <Detail title={endpoint.name} onClose={onClose}>
      <StateBadge state={connectionState.status} />
      <p>{nextStep[connectionState.status]}</p>
      <Facts
        rows={[
          ['Leads to', leadsTo(endpoint)],
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

const states: readonly LinkState[] = ['Approved', 'Pending', 'Rejected', 'Disconnected'];

/** The endpoint in the address, wherever in the list it is. */
const ChosenEndpoint = ({ factory, name, onClose }: { factory: FactoryPlace; name: string; onClose(): void }) => {
  const found = useArm<ManagedEndpoint>(`${factory.network}/managedPrivateEndpoints/${encodeURIComponent(name)}`);
  // What was read before it was deleted is still at hand, and no longer true.
  const isGone = found.error instanceof ApiError && found.error.status === 404;
  if (found.data && !isGone) return <EndpointDetail factory={factory} endpoint={found.data} onClose={onClose} />;
  return (
    <Detail title={name} onClose={onClose}>
      {isGone ? (
        <p>
          There is no endpoint <code>{name}</code> any more. It was deleted, or never was.
        </p>
      ) : (
        <Answered of={found}>{() => null}</Answered>
      )}
    </Detail>
  );
};

/** The endpoints, a way to request one, and one of them in detail. */
export const EndpointsPage = () => {
  const factory = useFactory();
  const { name } = useParams();
  const { chosen, choose, addressOf } = useChoice();
  const go = useNavigate();
  const { may } = useRights(factory.id);
  const endpoints = usePages<ManagedEndpoint>(`${factory.network}/managedPrivateEndpoints`);
  const isWithoutNetwork = endpoints.error instanceof ApiError && endpoints.error.status === 404;
  const state = states.find((one) => one === chosen('state')) ?? null;
  const rows = useMemo(
    () => endpoints.data?.filter(({ properties }) => !state || properties.connectionState.status === state),
    [endpoints.data, state],
  );
  const wishId = chosen('target');
  const at = `${factory.at}/endpoints`;
  const request = (
    <GuardedButton appearance="primary" may={may(write)} needs={write} onClick={() => choose({ new: '' })}>
      Request an endpoint
    </GuardedButton>
  );
  return (
    <Page
      title="Private endpoints"
      says="Each leads from the sealed network to one store, and carries traffic only while its owner approves."
      actions={
        <>
          <Select
            aria-label="State"
            value={state ?? ''}
            onChange={(_, { value }) => choose({ state: value === '' ? null : value })}
          >
            <option value="">Any state</option>
            {states.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
          {request}
        </>
      }
    >
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
      <Answered of={isWithoutNetwork ? { ...endpoints, data: [] } : { ...endpoints, data: rows }}>
        {(all) => (
          <Split
            detail={
              name && (
                <ChosenEndpoint key={name} factory={factory} name={name} onClose={() => void go(addressOf({}, at))} />
              )
            }
          >
            <DataList
              label="Endpoints"
              rows={all}
              {...endpoints.more}
              keyOf={({ id }) => id}
              linkOf={(one) => addressOf({ new: null }, `${at}/${one.name}`)}
              isSelected={(one) => isSameId(one.name, name)}
              filterOf={(one) =>
                `${one.name} ${one.properties.privateLinkResourceId} ${one.properties.connectionState.status}`
              }
              columns={[
                { title: 'Name', cell: (one) => <code>{one.name}</code>, sortOf: (one) => one.name },
                {
                  title: 'State',
                  width: 140,
                  cell: ({ properties }) => <StateBadge state={properties.connectionState.status} />,
                  sortOf: ({ properties }) => properties.connectionState.status,
                },
                { title: 'Leads to', cell: leadsTo, sortOf: leadsTo },
                {
                  title: 'Owner’s words',
                  cell: ({ properties: { connectionState } }) => ownerWords(connectionState) || '–',
                },
              ]}
              empty={
                isWithoutNetwork ? null : state ? (
                  <Empty title={`None is ${state.toLowerCase()}`}>
                    Endpoints in another state are there under “Any state”, above.
                  </Empty>
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
      {chosen('new') !== null && (
        <EndpointForm
          factory={factory}
          wish={wishId ? { resourceId: wishId, groupId: chosen('group') ?? '' } : null}
          onDone={(made) => void go(`${at}/${made}`)}
          onClose={() => choose({ new: null, target: null, group: null }, false)}
        />
      )}
    </Page>
  );
};
