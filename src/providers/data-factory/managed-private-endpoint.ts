// Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints: the requester's side of a connection.

import { Type } from 'typebox';
import { parseResourceId, typeOfId } from '../../arm/resource-id.ts';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { withoutSlashes } from '../../base/text.ts';
import { listChildren, readResource } from '../../database/resource.ts';
import { readOwnName } from '../../network/policy/own-name.ts';
import { zoneNames, zoneOf } from '../../network/policy/zone.ts';
import { shownState } from '../../private-link/connection.ts';
import { decisionsAction } from '../postern/decisions.ts';
import type { Publish } from '../publication.ts';
import { approveAtOnce } from '../target/approval.ts';
import { connectionOfEndpoint, forgetEndpoint, requestConnection } from '../target/connection.ts';
import { type FoundTarget, findTarget } from '../target/find-target.ts';
import { longestRequestMessage, type TargetKind } from '../target/target.ts';
import { readWords } from '../target/words.ts';
import { allotAddress } from './endpoint-address.ts';
import { invalidResource } from './invalid-resource.ts';
import { managedPrivateEndpointName } from './name.ts';
import { dataFactoryVersions } from './version.ts';

const type = 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints';
const privateLinkService = 'microsoft.network/privatelinkservices';

const ManagedPrivateEndpoint = Type.Object({
  properties: Type.Object({
    privateLinkResourceId: Type.String({ maxLength: 2048 }),
    groupId: Type.Optional(Type.Union([Type.String({ maxLength: 80 }), Type.Null()])),
    fqdns: Type.Optional(Type.Union([Type.Array(Type.String({ maxLength: 253 }), { maxItems: 100 }), Type.Null()])),
    // Not Azure's, but what its own private endpoints have: a word to the owner of the target.
    requestMessage: Type.Optional(Type.Union([Type.String({ maxLength: longestRequestMessage }), Type.Null()])),
  }),
});

const propertiesOf = (body: JsonObject): JsonObject => (isJsonObject(body.properties) ? body.properties : {});
const textOf = (value: Json | undefined) => (typeof value === 'string' ? value : '');
const listOf = (value: Json | undefined) => (Array.isArray(value) ? value.map(String) : []);
const hostsOf = (value: Json | undefined) =>
  listOf(value)
    .map((host) => host.toLowerCase())
    .sort();

/** The names that lead to an endpoint: its own where it has no sub-resource, else those of the target's. */
const fqdnsOf = (properties: JsonObject): string[] => {
  const groupId = textOf(properties.groupId);
  if (groupId === '') return listOf(properties.fqdns);
  const id = parseResourceId(textOf(properties.privateLinkResourceId), 'properties.privateLinkResourceId');
  const zone = zoneOf(typeOfId(id) ?? '', groupId);
  return zone ? [zoneNames(zone, id.names.at(-1)!).host] : [];
};

const refuser = (operation: Operation) => (reason: string, field: string) =>
  invalidResource('ManagedPrivateEndpoint', operation.id.names.at(-1)!, reason, `properties.${field}`);

/** What a new endpoint leads to, or a refusal that says which field is wrong and what would be right. */
const requireTarget = async (operation: Operation, kinds: readonly TargetKind[]): Promise<FoundTarget> => {
  const refuse = refuser(operation);
  const asked = propertiesOf(operation.body);
  const id = parseResourceId(textOf(asked.privateLinkResourceId), 'properties.privateLinkResourceId');
  if (typeOfId(id)?.toLowerCase() === privateLinkService) {
    if (hostsOf(asked.fqdns).length === 0)
      throw refuse(
        'Invalid payload received. FQDN needs to be specified for the private endpoint targeting Private Link Service. Give the host names in fqdns.',
        'fqdns',
      );
    if (textOf(asked.groupId) !== '')
      throw refuse('Invalid payload received. groupId must be left out for a Private Link Service.', 'groupId');
  }
  const found = await findTarget(operation.tx, kinds, {
    resourceId: id.path,
    groupId: textOf(asked.groupId),
    field: 'properties.privateLinkResourceId',
  });
  if ('refused' in found)
    throw refuse(found.reason, found.refused === 'resource' ? 'privateLinkResourceId' : 'groupId');
  const given = hostsOf(asked.fqdns);
  const own = { privateLinkResourceId: id.path, groupId: found.groupId };
  if (!found.kind.whole && given.length > 0 && given.join() !== fqdnsOf(own).join())
    throw refuse(
      `fqdns follow from the target for '${found.kind.type}' and must be left out; they are given for a Private Link Service only.`,
      'fqdns',
    );
  return found;
};

/** The names that the requester brings along, each in its one spelling; refuses those that are not theirs to bring. */
const readOwnNames = (operation: Operation): string[] => {
  const names = listOf(propertiesOf(operation.body).fqdns).map((name, index) => {
    const read = readOwnName(name);
    if ('host' in read) return read.host;
    throw refuser(operation)(
      `Invalid payload received. FQDN ${JSON.stringify(name.slice(0, 253))} ${read.refused}.`,
      `fqdns.${index}`,
    );
  });
  return [...new Set(names)];
};

/** In one network a name leads to one endpoint. */
const requireFreeNames = async (operation: Operation, networkKey: string, names: readonly string[]): Promise<void> => {
  for (const other of await listChildren(operation.tx, { type, parentKey: networkKey })) {
    const taken = fqdnsOf(propertiesOf(other.body)).find((name) => names.includes(name));
    if (taken === undefined) continue;
    throw refuser(operation)(
      `FQDN '${taken}' leads to the managed private endpoint '${other.name}' of this network already. Choose another name, or delete that endpoint.`,
      'fqdns',
    );
  }
};

/** An endpoint does not change: the same again is welcome, anything else is refused. */
const requireSame = (operation: Operation, existing: Resource): void => {
  const asked = propertiesOf(operation.body);
  const before = propertiesOf(existing.body);
  const differing = (['privateLinkResourceId', 'groupId'] as const).find(
    (field) => withoutSlashes(textOf(asked[field])).toLowerCase() !== textOf(before[field]).toLowerCase(),
  );
  const hosts = hostsOf(asked.fqdns);
  const isOther = hosts.length > 0 && hosts.join() !== hostsOf(fqdnsOf(before)).join();
  const field = differing ?? (isOther ? 'fqdns' : null);
  if (field)
    throw refuser(operation)(
      `A managed private endpoint cannot be changed, and ${field} differs. Delete it and create it again, or choose another name.`,
      field,
    );
};

const requireOnlyOne = async (operation: Operation, factoryKey: string, targetKey: string, groupId: string) => {
  const there = await operation.tx
    .selectFrom('connection')
    .select('endpoint_key')
    .where('target_key', '=', targetKey)
    .where('group_id', '=', groupId)
    .execute();
  if (there.some(({ endpoint_key }) => endpoint_key.startsWith(`${factoryKey}/`)))
    throw refuser(operation)('A managed private endpoint to the data source already exist.', 'privateLinkResourceId');
};

/** The id that the owner sees: in the cloud's own subscription, and with the endpoint's name in it. */
const privateEndpointId = (network: Resource, factory: string, endpoint: string): string => {
  const vNetId = textOf(propertiesOf(network.body).vNetId);
  return `/subscriptions/${vNetId}/resourceGroups/vnet-${vNetId.slice(0, 8)}-rg/providers/Microsoft.Network/privateEndpoints/${factory}.${endpoint}`;
};

/** Managed private endpoints to the kinds of target that there are. */
export const managedPrivateEndpointType = (kinds: readonly TargetKind[], publish: Publish): ResourceType => ({
  type,
  scope: 'resourceGroup',
  apiVersions: dataFactoryVersions,
  name: managedPrivateEndpointName,
  tracked: false,
  schema: ManagedPrivateEndpoint,
  etag: 'etag',
  conditionalGet: false,
  status: { created: 200, updated: 200 },
  write: async (operation, existing) => {
    if (existing) {
      requireSame(operation, existing);
      return existing.body;
    }
    const [factory = '', , name = ''] = operation.id.names;
    const networkKey = operation.id.key.split('/').slice(0, -2).join('/');
    const factoryKey = networkKey.split('/').slice(0, -2).join('/');
    const { kind, target, groupId } = await requireTarget(operation, kinds);
    await requireOnlyOne(operation, factoryKey, target.key, groupId);
    const names = kind.whole ? readOwnNames(operation) : [];
    await requireFreeNames(operation, networkKey, names);
    await allotAddress(operation, networkKey, operation.id.key);
    const network = (await readResource(operation.tx, networkKey))!;
    await requestConnection(operation, {
      name: kind.connectionName(target.name, name),
      target,
      groupId,
      endpointKey: operation.id.key,
      privateEndpointId: privateEndpointId(network, factory, name),
      requestMessage: readWords(propertiesOf(operation.body).requestMessage, 'properties.requestMessage'),
    });
    await approveAtOnce(operation, operation.id.key, false);
    operation.afterCommit(publish);
    const { properties, ...more } = operation.body;
    const {
      connectionState: _,
      provisioningState: __,
      isReserved: ___,
      fqdns: ____,
      ...asked
    } = properties as JsonObject;
    const own = kind.whole && { fqdns: names };
    return { ...more, properties: { ...asked, privateLinkResourceId: target.id, groupId, ...own } };
  },
  remove: async (operation, existing) => {
    await forgetEndpoint(operation, existing);
    operation.afterCommit(publish);
  },
  present: async (operation, resource) => {
    const connection = await connectionOfEndpoint(operation.tx, resource.key);
    const properties = propertiesOf(resource.body);
    return {
      ...resource.body,
      properties: {
        ...properties,
        provisioningState: 'Succeeded',
        isReserved: false,
        fqdns: fqdnsOf(properties),
        connectionState: {
          status: connection ? shownState(connection) : 'Disconnected',
          description: connection?.description ?? '',
          actionsRequired: connection?.actions_required ?? 'None',
        },
      },
    };
  },
  actions: [decisionsAction('requester', `${type}/read`)],
});
