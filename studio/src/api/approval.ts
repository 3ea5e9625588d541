// What waits for the person, and what they have let in: the connections of every store that they may decide about.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { nameIn } from '../../../src/base/show.ts';
import { useSubscription } from '../app/who.ts';
import { call } from './client.ts';
import { isSameId } from './id.ts';
import { useGrantedScopes } from './permission.ts';
import { useAll } from './query.ts';
import type { Decision, Flow, LinkState } from './shape.ts';
import { type Store, useStores } from './store.ts';

/** A connection beside the store that it leads to. */
export type Approval = {
  id: string;
  name: string;
  store: Store;
  groupId: string;
  state: LinkState;
  description: string;
  requestMessage: string;
  /** `factory.endpoint`, as the owner sees who asks. */
  from: string;
};

const connectionsOf = (store: Store): Approval[] =>
  (store.properties.privateEndpointConnections ?? []).map(({ id, properties }) => ({
    id,
    name: nameIn(id),
    store,
    groupId: properties.groupIds?.[0] ?? '',
    state: properties.privateLinkServiceConnectionState.status,
    description: properties.privateLinkServiceConnectionState.description,
    requestMessage: properties.requestMessage ?? '',
    from: nameIn(properties.privateEndpoint?.id ?? ''),
  }));

/** The action that deciding about a store's connections takes. */
export const decideAction = ({ type }: { type: string }): string => `${type}/privateEndpointConnections/write`;

/** Every connection that the person may decide about, the waiting first. */
export const useApprovals = () => {
  const { stores, isPending, error, refetch } = useStores(useSubscription());
  const withConnections = useMemo(
    () => stores.filter(({ properties }) => (properties.privateEndpointConnections ?? []).length > 0),
    [stores],
  );
  const granted = useGrantedScopes(
    useMemo(
      () => withConnections.map((store) => ({ scope: store.id, action: decideAction(store) })),
      [withConnections],
    ),
  );
  const approvals = useMemo(() => {
    const rank = { Pending: 0, Approved: 1, Rejected: 2, Disconnected: 3 };
    return withConnections
      .filter(({ id }) => granted.has(id))
      .flatMap(connectionsOf)
      .sort((one, other) => rank[one.state] - rank[other.state] || one.from.localeCompare(other.from));
  }, [withConnections, granted]);
  return { approvals, stores, isPending, error, refetch };
};

/** What waits for the person's answer. */
export const useWaiting = () => {
  const { approvals, isPending } = useApprovals();
  return { waiting: approvals.filter(({ state }) => state === 'Pending'), isPending };
};

/** Who decided what about a connection, newest first. */
export const useConnectionDecisions = ({ store, name }: Approval) =>
  useAll<Decision>(`${store.id}/providers/Postern.Network/decisions?connection=${encodeURIComponent(name)}`);

/** A flow as the owner of a store sees it. */
export type OwnerFlow = Pick<
  Flow,
  'id' | 'at' | 'host' | 'port' | 'verdict' | 'code' | 'bytesSent' | 'bytesReceived' | 'endedAt' | 'end' | 'endpoint'
> & { connection: string };

/** What flows to a store over its connections. */
export const useStoreFlows = (store: string) =>
  // Events tell of flows whoever may read the network; an owner may not, so it is asked now and then.
  useAll<OwnerFlow>(`${store}/providers/Postern.Network/flows?top=1000`, { refetchInterval: 3000 });

/** The flows of one connection that go on now, and what all of them have moved. */
export const trafficOf = (flows: readonly OwnerFlow[], approval: Approval) => {
  const own = flows.filter(({ connection }) => isSameId(connection, approval.name));
  const live = own.filter(({ endedAt, verdict }) => endedAt === null && verdict === 'allowed');
  const sum = (all: readonly OwnerFlow[]) =>
    all.reduce((total, flow) => total + flow.bytesSent + flow.bytesReceived, 0);
  return { own, live: live.length, liveBytes: sum(live), bytes: sum(own) };
};

/** Answers a connection, or removes it. */
export const useDecide = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({
      id,
      status,
      description,
    }: {
      id: string;
      status: 'Approved' | 'Rejected' | 'Removed';
      description: string;
    }) =>
      status === 'Removed'
        ? call({ method: 'DELETE', path: id })
        : call({
            method: 'PUT',
            path: id,
            body: { properties: { privateLinkServiceConnectionState: { status, description } } },
          }),
    onSuccess: () => client.invalidateQueries(),
  });
};
