// What a Private Link Service looks like on the wire: what its owner may write, and what follows from it. Pure.
import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { ServiceError } from '../../../base/error.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import type { Resource } from '../../../database/resource.ts';
import { objectAt } from '../subnet-body.ts';

const Subscriptions = Type.Optional(
  Type.Union([
    Type.Object({
      subscriptions: Type.Optional(
        Type.Union([Type.Array(Type.String({ minLength: 1, maxLength: 36 }), { maxItems: 100 }), Type.Null()]),
      ),
    }),
    Type.Null(),
  ]),
);

/** Body of a PUT. */
export const PrivateLinkService = Type.Object({
  properties: Type.Object({
    destinationIPAddress: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
    loadBalancerFrontendIpConfigurations: Type.Optional(
      Type.Union([Type.Array(Type.Object({ id: Type.String({ minLength: 1, maxLength: 2048 }) })), Type.Null()]),
    ),
    ipConfigurations: Type.Optional(
      Type.Union([Type.Array(Type.Object({ name: Type.Optional(Type.String({ maxLength: 80 })) })), Type.Null()]),
    ),
    visibility: Subscriptions,
    autoApproval: Subscriptions,
    fqdns: Type.Optional(Type.Union([Type.Array(Type.String({ maxLength: 253 }), { maxItems: 100 }), Type.Null()])),
    enableProxyProtocol: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  }),
});

/** Azure's limit of addresses that the service is seen from. */
const mostAddresses = 8;
const everybody = '*';

const listAt = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** The subscriptions of `visibility` or `autoApproval`, in lower case; `*` is everybody. */
export const subscriptionsOf = (body: JsonObject, list: 'visibility' | 'autoApproval'): string[] =>
  listAt(objectAt(objectAt(body.properties)[list]).subscriptions).map((one) => String(one).toLowerCase());

/** Whether a list names a subscription, or everybody. */
export const isListed = (body: JsonObject, list: 'visibility' | 'autoApproval', subscriptionId: string): boolean => {
  const listed = subscriptionsOf(body, list);
  return listed.includes(everybody) || listed.includes(subscriptionId.toLowerCase());
};

const refuse = (message: string, target: string) => new ServiceError(400, 'InvalidRequestContent', message, { target });

/** Refuses what the schema cannot see. */
export const checkService = (body: JsonObject): void => {
  const properties = objectAt(body.properties);
  const frontEnds = listAt(properties.loadBalancerFrontendIpConfigurations);
  const hasAddress = typeof properties.destinationIPAddress === 'string' && properties.destinationIPAddress !== '';
  if (hasAddress === frontEnds.length > 0)
    throw refuse(
      "A Private Link Service leads to a load balancer or to an address: give either 'properties.loadBalancerFrontendIpConfigurations' or 'properties.destinationIPAddress'.",
      hasAddress ? 'properties.destinationIPAddress' : 'properties.loadBalancerFrontendIpConfigurations',
    );
  if (listAt(properties.ipConfigurations).length > mostAddresses)
    throw refuse(
      `A Private Link Service has at most ${mostAddresses} ipConfigurations.`,
      'properties.ipConfigurations',
    );
  if (properties.enableProxyProtocol === true)
    throw refuse(
      'The service would be sent the bytes of the PROXY protocol, and Postern sends none: leave enableProxyProtocol out.',
      'properties.enableProxyProtocol',
    );
  const hidden = subscriptionsOf(body, 'autoApproval').find((one) => !isListed(body, 'visibility', one));
  if (hidden !== undefined)
    throw refuse(
      `The subscription '${hidden}' is approved beforehand and does not see the service: add it to 'properties.visibility.subscriptions'.`,
      'properties.autoApproval.subscriptions',
    );
};

const live = ['alias', 'provisioningState', 'networkInterfaces', 'privateEndpointConnections'];

/** The body to store; the alias of a new service is made here, and stays. */
export const storedService = (body: JsonObject, name: string, existing: Resource | null): JsonObject => {
  const asked = Object.entries(objectAt(body.properties)).filter(([field]) => !live.includes(field));
  const known = objectAt(existing?.body.properties).alias;
  const region = String(existing?.location ?? body.location)
    .replace(/\s+/g, '')
    .toLowerCase();
  const alias =
    typeof known === 'string' ? known : `${name.toLowerCase()}.${randomUUID()}.${region}.azure.privatelinkservice`;
  return { ...body, properties: { ...Object.fromEntries(asked), alias } };
};

/** The service as its clients see it, with the connections that lead to it. */
export const shownService = (resource: Resource, connections: readonly JsonObject[]): JsonObject => {
  const properties = objectAt(resource.body.properties);
  return {
    ...resource.body,
    etag: `W/"${resource.etag}"`,
    properties: {
      loadBalancerFrontendIpConfigurations: [],
      ipConfigurations: [],
      fqdns: [],
      enableProxyProtocol: false,
      ...properties,
      visibility: { subscriptions: [], ...objectAt(properties.visibility) },
      autoApproval: { subscriptions: [], ...objectAt(properties.autoApproval) },
      provisioningState: 'Succeeded',
      networkInterfaces: [],
      privateEndpointConnections: [...connections],
    },
  };
};
