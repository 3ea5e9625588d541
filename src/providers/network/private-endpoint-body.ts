// What a private endpoint looks like on the wire: what its owner asks for, and what follows from it. Pure.
import { Type } from 'typebox';
import { ServiceError } from '../../base/error.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { Resource } from '../../database/resource.ts';
import { longestRequestMessage } from '../target/target.ts';
import { readWords } from '../target/words.ts';
import { partName } from './name.ts';
import { objectAt } from './subnet-body.ts';

/** The type of private endpoints. */
export const privateEndpointType = 'Microsoft.Network/privateEndpoints';

const Connections = Type.Optional(
  Type.Union([
    Type.Array(
      Type.Object({
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
        properties: Type.Object({
          privateLinkServiceId: Type.String({ maxLength: 2048 }),
          groupIds: Type.Optional(Type.Union([Type.Array(Type.String({ maxLength: 80 })), Type.Null()])),
          requestMessage: Type.Optional(Type.Union([Type.String({ maxLength: longestRequestMessage }), Type.Null()])),
        }),
      }),
    ),
    Type.Null(),
  ]),
);

/** Body of a PUT. */
export const PrivateEndpoint = Type.Object({
  properties: Type.Object({
    subnet: Type.Object({ id: Type.String({ maxLength: 2048 }) }),
    privateLinkServiceConnections: Connections,
    manualPrivateLinkServiceConnections: Connections,
    customNetworkInterfaceName: Type.Optional(Type.Union([Type.String({ maxLength: 80 }), Type.Null()])),
    ipConfigurations: Type.Optional(
      Type.Union([
        Type.Array(
          Type.Object({
            properties: Type.Object({ privateIPAddress: Type.Optional(Type.String({ maxLength: 64 })) }),
          }),
        ),
        Type.Null(),
      ]),
    ),
  }),
});

/** What an endpoint asks for. `isManual`: the target's owner is asked; otherwise the caller approves by their own right. */
export type EndpointWish = {
  subnetId: string;
  isManual: boolean;
  /** Where the connection stands in the body. */
  field: string;
  connectionName: string | null;
  targetId: string;
  groupId: string;
  requestMessage: string;
  address: { text: string; field: string } | null;
};

const listAt = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.map(objectAt) : []);
const textOf = (value: Json | undefined) => (typeof value === 'string' ? value : '');

const refuse = (message: string, target: string) => new ServiceError(400, 'InvalidRequestContent', message, { target });

const lists = ['privateLinkServiceConnections', 'manualPrivateLinkServiceConnections'] as const;

/** Reads a body that the schema admits; refuses all but one connection with at most one sub-resource. */
export const readWish = (body: JsonObject): EndpointWish => {
  const properties = objectAt(body.properties);
  const found = lists.flatMap((list) =>
    listAt(properties[list]).map((connection, index) => ({ connection, list, field: `properties.${list}.${index}` })),
  );
  const [first, second] = found;
  if (!first)
    throw refuse(
      `A private endpoint needs a connection: give one in 'properties.${lists[0]}' (to a target that you may approve for), or in 'properties.${lists[1]}' (its owner is asked).`,
      `properties.${lists[0]}`,
    );
  if (second)
    throw refuse(
      `A private endpoint has one connection, in '${lists[0]}' or in '${lists[1]}'; '${second.field}' is one too many. Create another private endpoint for it.`,
      second.field,
    );
  const { name } = first.connection;
  if (typeof name === 'string' && !partName.pattern.test(name))
    throw refuse(`'${first.field}.name' must be: ${partName.says}.`, `${first.field}.name`);
  const asked = objectAt(first.connection.properties);
  const groupIds = Array.isArray(asked.groupIds) ? asked.groupIds.map(String) : [];
  if (groupIds.length > 1)
    throw refuse(
      'A connection leads to one sub-resource. Create a private endpoint for each.',
      `${first.field}.properties.groupIds`,
    );
  const [address] = listAt(properties.ipConfigurations).map(({ properties: one }) => objectAt(one).privateIPAddress);
  return {
    subnetId: textOf(objectAt(properties.subnet).id),
    isManual: first.list === lists[1],
    field: `${first.field}.properties`,
    connectionName: typeof name === 'string' ? name : null,
    targetId: textOf(asked.privateLinkServiceId),
    groupId: groupIds[0] ?? '',
    requestMessage: readWords(asked.requestMessage, `${first.field}.properties.requestMessage`),
    address:
      typeof address === 'string'
        ? { text: address, field: 'properties.ipConfigurations.0.properties.privateIPAddress' }
        : null,
  };
};

const live = [
  ...lists,
  'provisioningState',
  'networkInterfaces',
  'customDnsConfigs',
  'resourceGuid',
  'subnet',
  'privateLinkServiceProxies',
];

/** The body to store: what was asked for in canonical words, less what only the server says. */
export const storedEndpoint = (
  body: JsonObject,
  known: { name: string; subnetId: string; targetId: string; groupId: string; resourceGuid: string },
): JsonObject => {
  const wish = readWish(body);
  const asked = Object.entries(objectAt(body.properties)).filter(([name]) => !live.includes(name));
  const connection = {
    name: wish.connectionName ?? known.name,
    properties: {
      privateLinkServiceId: known.targetId,
      groupIds: known.groupId === '' ? [] : [known.groupId],
      ...(wish.requestMessage !== '' && { requestMessage: wish.requestMessage }),
    },
  };
  return {
    ...body,
    properties: {
      ...Object.fromEntries(asked),
      resourceGuid: known.resourceGuid,
      subnet: { id: known.subnetId },
      [lists[wish.isManual ? 1 : 0]]: [connection],
    },
  };
};

/** The id of the network interface that stands for an endpoint's address. */
export const interfaceId = (endpoint: Resource): string => {
  const { customNetworkInterfaceName: custom, resourceGuid } = objectAt(endpoint.body.properties);
  const name = textOf(custom) || `${endpoint.name}.nic.${textOf(resourceGuid)}`;
  return `${endpoint.id.split('/').slice(0, 5).join('/')}/providers/Microsoft.Network/networkInterfaces/${name}`;
};

/** An endpoint as its clients see it: its state is that of its connection now. */
export const shownEndpoint = (
  endpoint: Resource,
  live: {
    state: { status: string; description: string; actionsRequired: string };
    dns: readonly { fqdn: string; ipAddresses: string[] }[];
  },
): JsonObject => {
  const properties = objectAt(endpoint.body.properties);
  const etag = `W/"${endpoint.etag}"`;
  const shownLists = lists.map((list) => [
    list,
    listAt(properties[list]).map((connection) => ({
      name: connection.name ?? endpoint.name,
      id: `${endpoint.id}/${list}/${textOf(connection.name)}`,
      type: `${privateEndpointType}/${list}`,
      etag,
      properties: {
        ...objectAt(connection.properties),
        provisioningState: 'Succeeded',
        privateLinkServiceConnectionState: live.state,
      },
    })),
  ]);
  return {
    ...endpoint.body,
    etag,
    properties: {
      customNetworkInterfaceName: '',
      ipConfigurations: [],
      ...properties,
      provisioningState: 'Succeeded',
      ...Object.fromEntries(shownLists),
      networkInterfaces: [{ id: interfaceId(endpoint) }],
      customDnsConfigs: live.dns.map(({ fqdn, ipAddresses }) => ({ fqdn, ipAddresses })),
    },
  };
};
