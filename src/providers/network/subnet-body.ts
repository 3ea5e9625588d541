// What a subnet looks like on the wire, alone and inside its virtual network. Pure.
import { Type } from 'typebox';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Resource } from '../../database/resource.ts';

/** The type of subnets. */
export const subnetType = 'Microsoft.Network/virtualNetworks/subnets';

const Policy = Type.Optional(Type.String({ maxLength: 64 }));

/** Body of a PUT of a subnet. */
export const Subnet = Type.Object({
  properties: Type.Object({
    addressPrefix: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
    addressPrefixes: Type.Optional(
      Type.Union([Type.Array(Type.String({ maxLength: 64 }), { maxItems: 8 }), Type.Null()]),
    ),
    privateEndpointNetworkPolicies: Policy,
    privateLinkServiceNetworkPolicies: Policy,
    delegations: Type.Optional(Type.Union([Type.Array(Type.Object({})), Type.Null()])),
  }),
});

/** A part of a body, `{}` where it is no object. */
export const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** The address prefixes of a body that has `addressPrefix`, `addressPrefixes` or both. */
export const prefixesOf = (body: JsonObject): string[] => {
  const { addressPrefix, addressPrefixes } = objectAt(body.properties);
  const many = Array.isArray(addressPrefixes) ? addressPrefixes.map(String) : [];
  return many.length > 0 ? many : typeof addressPrefix === 'string' ? [addressPrefix] : [];
};

const live = ['provisioningState', 'privateEndpoints', 'ipConfigurations', 'purpose'];

/** The body to store: what was written, less what only the server says. */
export const storedSubnet = (body: JsonObject): JsonObject => ({
  properties: Object.fromEntries(Object.entries(objectAt(body.properties)).filter(([name]) => !live.includes(name))),
});

/** A subnet as its clients see it; `endpoints` are the ids of the private endpoints in it. */
export const shownSubnet = (subnet: Resource, endpoints: readonly string[]): JsonObject => ({
  id: subnet.id,
  name: subnet.name,
  type: subnetType,
  etag: `W/"${subnet.etag}"`,
  properties: {
    delegations: [],
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled',
    ...objectAt(subnet.body.properties),
    provisioningState: 'Succeeded',
    ...(endpoints.length > 0 && { privateEndpoints: endpoints.map((id) => ({ id })) }),
  },
});
