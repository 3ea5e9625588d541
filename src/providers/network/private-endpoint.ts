// Microsoft.Network/privateEndpoints: an owner's own endpoint to a store. Its connection is a row like a managed
// endpoint's, answered by the same code on the target's side; here it is never a way for a byte.

import { randomUUID } from 'node:crypto';
import { normalizeLocation } from '../../arm/location.ts';
import { parseResourceId } from '../../arm/resource-id.ts';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { withoutSlashes } from '../../base/text.ts';
import { readResource } from '../../database/resource.ts';
import { zoneNames, zoneOf } from '../../network/policy/zone.ts';
import { shownState } from '../../private-link/connection.ts';
import { decisionsAction } from '../postern/decisions.ts';
import type { Publish } from '../publication.ts';
import { approveAtOnce } from '../target/approval.ts';
import { connectionOfEndpoint, forgetEndpoint, requestConnection } from '../target/connection.ts';
import { type FoundTarget, findTarget } from '../target/find-target.ts';
import type { TargetKind } from '../target/target.ts';
import { networkName, partName } from './name.ts';
import {
  type EndpointWish,
  PrivateEndpoint,
  privateEndpointType,
  readWish,
  shownEndpoint,
  storedEndpoint,
} from './private-endpoint-body.ts';
import { allotSubnetAddress } from './subnet-address.ts';
import { objectAt, subnetType } from './subnet-body.ts';
import { networkVersions } from './version.ts';

const refuse = (code: string, message: string, target: string) => new ServiceError(400, code, message, { target });

/** A right over another resource that a request needs beside its own: Azure's `LinkedAuthorizationFailed`. */
const demandLinked = (operation: Operation, permission: string, scope: string, remedy: string): void => {
  if (operation.may(permission, scope)) return;
  const { applicationId, objectId } = operation.caller;
  throw new ServiceError(
    403,
    'LinkedAuthorizationFailed',
    `The client '${applicationId}' with object id '${objectId}' has permission to perform action '${privateEndpointType}/write' on scope '${operation.id.path}'; however, it does not have permission to perform action '${permission}' on the linked scope '${scope}' or the linked scope is invalid. ${remedy}`,
    { target: scope },
  );
};

const findSubnet = async (operation: Operation, subnetId: string): Promise<Resource> => {
  const field = 'properties.subnet.id';
  const id = parseResourceId(subnetId, field);
  demandLinked(
    operation,
    'Microsoft.Network/virtualNetworks/subnets/join/action',
    id.path,
    'Ask who may assign roles there for one that may join the subnet (Network Contributor).',
  );
  const subnet = await readResource(operation.tx, id.key);
  const network = subnet?.type === subnetType ? await readResource(operation.tx, subnet.parentKey) : null;
  const location = normalizeLocation(String(operation.body.location));
  if (!subnet || !network || network.location !== location)
    throw refuse(
      'InvalidResourceReference',
      `Resource ${id.path} referenced by resource ${operation.id.path} was not found. It must be a subnet that exists, in a virtual network of the same region${network?.location ? ` (${network.location})` : ''}.`,
      field,
    );
  const { delegations } = objectAt(subnet.body.properties);
  if (Array.isArray(delegations) && delegations.length > 0)
    throw refuse(
      'PrivateEndpointCreationNotAllowedAsSubnetIsDelegated',
      `Subnet ${subnet.id} is delegated to another service, so it takes no private endpoints. Use another subnet.`,
      field,
    );
  return subnet;
};

const requireTarget = async (
  operation: Operation,
  kinds: readonly TargetKind[],
  wish: EndpointWish,
): Promise<FoundTarget> => {
  const field = `${wish.field}.privateLinkServiceId`;
  const found = await findTarget(operation.tx, kinds, { resourceId: wish.targetId, groupId: wish.groupId, field });
  if (!('refused' in found)) return found;
  throw found.refused === 'resource'
    ? refuse('InvalidResourceReference', found.reason, field)
    : refuse('InvalidGroupId', found.reason, `${wish.field}.groupIds`);
};

const sameId = (a: string, b: string) => withoutSlashes(a).toLowerCase() === withoutSlashes(b).toLowerCase();

/** An endpoint does not change: the same again is welcome (with other tags), anything else is refused. */
const requireSame = (wish: EndpointWish, before: EndpointWish): void => {
  const field = !sameId(wish.subnetId, before.subnetId)
    ? 'properties.subnet.id'
    : wish.isManual !== before.isManual
      ? wish.field.replace(/\.0\.properties$/, '')
      : !sameId(wish.targetId, before.targetId)
        ? `${wish.field}.privateLinkServiceId`
        : wish.groupId.toLowerCase() !== before.groupId.toLowerCase()
          ? `${wish.field}.groupIds`
          : null;
  if (field === null) return;
  throw new ServiceError(
    409,
    'PropertyChangeNotAllowed',
    `A private endpoint keeps its subnet and its connection, and '${field}' differs. Delete it and create it again, or choose another name.`,
    { target: field },
  );
};

const create = async (operation: Operation, kinds: readonly TargetKind[]) => {
  const { tx, id, body } = operation;
  const wish = readWish(body);
  const custom = objectAt(body.properties).customNetworkInterfaceName;
  if (typeof custom === 'string' && custom !== '' && !partName.pattern.test(custom))
    throw refuse(
      'InvalidResourceName',
      `'${custom}' is no name of a network interface: ${partName.says}.`,
      'properties.customNetworkInterfaceName',
    );
  const subnet = await findSubnet(operation, wish.subnetId);
  const { kind, target, groupId } = await requireTarget(operation, kinds, wish);
  // Whom the owner has approved beforehand needs no right of their own.
  const isAwaited = kind.whole?.autoApproves(target, id.path.split('/')[2] ?? '') ?? false;
  if (!wish.isManual && !isAwaited)
    demandLinked(
      operation,
      `${kind.type}/privateEndpointConnectionsApproval/action`,
      target.id,
      'Give the connection in manualPrivateLinkServiceConnections, and the owner of the target is asked.',
    );
  await allotSubnetAddress(operation, subnet, id.key, wish.address);
  const name = id.names.at(-1)!;
  const group = (await readResource(tx, id.key.split('/').slice(0, 5).join('/')))!;
  await requestConnection(operation, {
    name: kind.connectionName(target.name, name),
    target,
    groupId,
    endpointKey: id.key,
    privateEndpointId: `${group.id}/providers/${privateEndpointType}/${name}`,
    requestMessage: wish.requestMessage,
  });
  await approveAtOnce(operation, id.key, !wish.isManual || isAwaited);
  return storedEndpoint(body, {
    name,
    subnetId: subnet.id,
    targetId: target.id,
    groupId,
    resourceGuid: randomUUID(),
  });
};

const hostOf = (targetId: string, groupId: string): string | null => {
  const [, namespace, type, name = ''] = /\/providers\/([^/]+)\/([^/]+)\/([^/]+)$/i.exec(targetId) ?? [];
  const zone = zoneOf(`${namespace}/${type}`, groupId);
  return zone ? zoneNames(zone, name).host : null;
};

/** Private endpoints to the kinds of target that there are. Automatic ones need the right to approve at the target. */
export const privateEndpointResource = (kinds: readonly TargetKind[], publish: Publish): ResourceType => ({
  type: privateEndpointType,
  scope: 'resourceGroup',
  apiVersions: networkVersions,
  name: networkName,
  tracked: true,
  schema: PrivateEndpoint,
  etag: 'etag',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  asyncOperation: true,
  write: async (operation, existing) => {
    if (existing) {
      requireSame(readWish(operation.body), readWish(existing.body));
      return existing.body;
    }
    const body = await create(operation, kinds);
    operation.afterCommit(publish);
    return body;
  },
  remove: async (operation, existing) => {
    await forgetEndpoint(operation, existing);
    operation.afterCommit(publish);
  },
  present: async ({ tx }, endpoint) => {
    const connection = await connectionOfEndpoint(tx, endpoint.key);
    const allotted = await tx
      .selectFrom('address')
      .select('address')
      .where('endpoint_key', '=', endpoint.key)
      .executeTakeFirst();
    const wish = readWish(endpoint.body);
    const host = hostOf(wish.targetId, wish.groupId);
    return shownEndpoint(endpoint, {
      state: {
        status: connection ? shownState(connection) : 'Disconnected',
        description: connection?.description ?? '',
        actionsRequired: connection?.actions_required ?? 'None',
      },
      dns: host && allotted ? [{ fqdn: host, ipAddresses: [allotted.address] }] : [],
    });
  },
  actions: [decisionsAction('requester', `${privateEndpointType}/read`)],
});
