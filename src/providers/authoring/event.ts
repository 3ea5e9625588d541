// From committed changes to what the Studio is told of them. Pure.
import { idOfSegments, typeOfId } from '../../arm/resource-id.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Change } from '../../database/change.ts';

/** Something that happened: what is told of it, and the permission, and where, that one needs to be told. */
export type Event = { permission: string; scope: string; data: JsonObject };

/** The Azure spelling of the id with a lower-case key; the key itself where nothing has it any more. */
export type IdOf = (key: string) => string;

const runPermission = 'Microsoft.DataFactory/factories/pipelineruns/read';

const typeOf = (id: string) => typeOfId(idOfSegments(id.split('/').slice(1))) ?? 'Microsoft.Resources/subscriptions';

const resourceEvent = (id: string, action: Change['action'], permissionOf: string): Event => ({
  permission: `${permissionOf}/read`,
  scope: id,
  data: { kind: 'resource', id, action },
});

/** The keys that a change names without their ids. */
export const keysOf = ({ columns }: Change): string[] =>
  ['endpoint_key', 'target_key', 'factory_key'].flatMap((name) => columns[name] ?? []);

/** What a change means. `permissionOf` is what the permissions of a resource type begin with. */
export const eventsOf = (
  { table, action, columns }: Change,
  idOf: IdOf,
  permissionOf: (type: string) => string,
): Event[] => {
  const of = (name: string) => columns[name] ?? '';
  if (table === 'resource') return [resourceEvent(of('id'), action, permissionOf(of('type')))];
  if (table === 'role_assignment') return [resourceEvent(of('id'), action, 'Microsoft.Authorization/roleAssignments')];
  if (table === 'principal') {
    const data = { kind: 'resource', id: `/providers/Postern.Identity/principals/${of('name')}`, action };
    return [{ permission: 'Microsoft.Authorization/principals/read', scope: '/', data }];
  }
  if (table === 'connection') {
    const endpoint = idOf(of('endpoint_key'));
    const target = idOf(of('target_key'));
    const connection = `${target}/privateEndpointConnections/${of('name')}`;
    // The endpoint tells of its own end; while it is there, its state changed.
    const ends = action === 'deleted' ? [] : [resourceEvent(endpoint, 'written', typeOf(endpoint))];
    return [...ends, resourceEvent(connection, action, typeOf(connection))];
  }
  const factory = idOf(of('factory_key'));
  const id = `${factory}/pipelineruns/${of('run_id')}`;
  if (action === 'deleted') return [];
  const data =
    table === 'pipeline_run'
      ? { kind: 'run', id, status: of('state') }
      : { kind: 'activity', id, activityRunId: of('activity_run_id'), status: of('state') };
  return [{ permission: runPermission, scope: factory, data }];
};

/** What is told of flows of a network (its id, or that of a factory's public one), so many since the last time. */
export const flowEvent = (network: string, count: number): Event => ({
  permission: 'Microsoft.DataFactory/factories/managedVirtualNetworks/read',
  scope: network,
  data: { kind: 'flow', network, count },
});
