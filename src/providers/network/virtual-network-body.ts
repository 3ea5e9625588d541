// What a virtual network looks like on the wire. Pure.
import { Type } from 'typebox';
import type { JsonObject } from '../../base/json.ts';
import { objectAt, Subnet } from './subnet-body.ts';

/** Body of a PUT of a virtual network. */
export const VirtualNetwork = Type.Object({
  properties: Type.Object({
    addressSpace: Type.Object({
      addressPrefixes: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 100 }),
    }),
    subnets: Type.Optional(
      Type.Union([
        Type.Array(Type.Object({ name: Type.String({ minLength: 1, maxLength: 80 }), ...Subnet.properties }), {
          maxItems: 3000,
        }),
        Type.Null(),
      ]),
    ),
  }),
});

/** The address prefixes of a virtual network. */
export const spaceOf = (body: JsonObject): string[] => {
  const { addressPrefixes } = objectAt(objectAt(body.properties).addressSpace);
  return Array.isArray(addressPrefixes) ? addressPrefixes.map(String) : [];
};

/** The subnets that a body brings along; null where it says nothing of them. */
export const subnetsIn = (body: JsonObject): JsonObject[] | null => {
  const { subnets } = objectAt(body.properties);
  return Array.isArray(subnets) ? subnets.map(objectAt) : null;
};

const live = ['provisioningState', 'resourceGuid', 'subnets', 'virtualNetworkPeerings'];

/** The body to store: what was written, less what only the server says. */
export const storedNetwork = (written: JsonObject, resourceGuid: string): JsonObject => {
  const asked = Object.entries(objectAt(written.properties)).filter(([name]) => !live.includes(name));
  return { ...written, properties: { ...Object.fromEntries(asked), resourceGuid } };
};
