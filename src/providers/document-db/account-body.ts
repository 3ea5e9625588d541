// What a Cosmos DB account looks like on the wire: what its owner may write, and what follows from it. Pure.
import { Type } from 'typebox';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { zoneNames, zoneOf } from '../../network/policy/zone.ts';
import { documentDbTarget } from './document-db-target.ts';

const optional = {
  consistencyPolicy: Type.Optional(
    Type.Object({
      defaultConsistencyLevel: Type.Enum(['Eventual', 'Session', 'BoundedStaleness', 'Strong', 'ConsistentPrefix']),
      maxStalenessPrefix: Type.Optional(Type.Integer({ minimum: 1 })),
      maxIntervalInSeconds: Type.Optional(Type.Integer({ minimum: 5, maximum: 86_400 })),
    }),
  ),
  ipRules: Type.Optional(
    Type.Array(Type.Object({ ipAddressOrRange: Type.String({ maxLength: 64 }) }), { maxItems: 1024 }),
  ),
  ipRangeFilter: Type.Optional(Type.String({ maxLength: 65_536 })),
  isVirtualNetworkFilterEnabled: Type.Optional(Type.Boolean()),
  virtualNetworkRules: Type.Optional(Type.Array(Type.Object({ id: Type.String() }), { maxItems: 1024 })),
  publicNetworkAccess: Type.Optional(Type.Enum(['Enabled', 'Disabled', 'SecuredByPerimeter'])),
  capabilities: Type.Optional(Type.Array(Type.Object({ name: Type.String({ maxLength: 64 }) }), { maxItems: 64 })),
  disableLocalAuth: Type.Optional(Type.Boolean()),
  enableAutomaticFailover: Type.Optional(Type.Boolean()),
  enableMultipleWriteLocations: Type.Optional(Type.Boolean()),
};

const Locations = Type.Array(
  Type.Object({
    locationName: Type.String({ minLength: 1, maxLength: 64 }),
    failoverPriority: Type.Optional(Type.Integer({ minimum: 0 })),
    isZoneRedundant: Type.Optional(Type.Boolean()),
  }),
  { minItems: 1, maxItems: 64 },
);

const Kind = Type.Optional(Type.Enum(['GlobalDocumentDB', 'MongoDB', 'Parse']));

/** Body of a PUT. */
export const DatabaseAccount = Type.Object({
  kind: Kind,
  properties: Type.Object({ locations: Locations, databaseAccountOfferType: Type.Enum(['Standard']), ...optional }),
});

/** Body of a PATCH. */
export const DatabaseAccountPatch = Type.Object({
  properties: Type.Optional(Type.Object({ locations: Type.Optional(Locations), ...optional })),
});

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const objectsIn = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/** The properties of an account's body. */
export const propertiesOf = (body: JsonObject): JsonObject => objectAt(body.properties);

const live = [
  'provisioningState',
  'documentEndpoint',
  'writeLocations',
  'readLocations',
  'failoverPolicies',
  'privateEndpointConnections',
  'instanceId',
];

/** The body to store: what was written (over what was there `before`, for a PATCH), less what only the server says. */
export const storedBody = (written: JsonObject, before: JsonObject | null): JsonObject => {
  const asked = Object.entries(propertiesOf(written)).filter(([name]) => !live.includes(name));
  return {
    kind: 'GlobalDocumentDB',
    ...before,
    ...written,
    properties: { ...propertiesOf(before ?? {}), ...Object.fromEntries(asked) },
  };
};

/** The first of an account's regions, which it writes in. */
export const writeRegionOf = (body: JsonObject): string => {
  const all = objectsIn(propertiesOf(body).locations);
  const first = all.find(({ failoverPriority }) => failoverPriority === 0) ?? all[0];
  return String(first?.locationName ?? '');
};

/** The host name of an account. */
export const accountHost = (name: string): string => zoneNames(zoneOf(documentDbTarget.type, 'Sql')!, name).host;

const endpointOf = (name: string) => `https://${accountHost(name)}:443/`;

const locationsOf = (name: string, body: JsonObject): JsonObject[] =>
  objectsIn(propertiesOf(body).locations).map((location, at) => ({
    isZoneRedundant: false,
    ...location,
    id: `${name}-${String(location.locationName).toLowerCase().replaceAll(' ', '')}`,
    // One store serves every region: there is one name to reach it by.
    documentEndpoint: endpointOf(name),
    provisioningState: 'Succeeded',
    failoverPriority: location.failoverPriority ?? at,
  }));

/** The account as its clients see it, with the connections that lead to it. */
export const shownBody = (account: { name: string; body: JsonObject }, connections: JsonObject[]): JsonObject => {
  const { name, body } = account;
  const locations = locationsOf(name, body);
  return {
    ...body,
    properties: {
      publicNetworkAccess: 'Enabled',
      enableAutomaticFailover: false,
      enableMultipleWriteLocations: false,
      isVirtualNetworkFilterEnabled: false,
      virtualNetworkRules: [],
      ipRules: [],
      disableLocalAuth: false,
      consistencyPolicy: { defaultConsistencyLevel: 'Session', maxIntervalInSeconds: 5, maxStalenessPrefix: 100 },
      capabilities: [],
      ...propertiesOf(body),
      provisioningState: 'Succeeded',
      documentEndpoint: endpointOf(name),
      locations,
      writeLocations: locations.filter(({ locationName }) => locationName === writeRegionOf(body)),
      readLocations: locations,
      failoverPolicies: locations.map(({ id, locationName, failoverPriority }) => ({
        id: id!,
        locationName: locationName!,
        failoverPriority: failoverPriority!,
      })),
      ...(connections.length > 0 && { privateEndpointConnections: connections }),
    },
  };
};
