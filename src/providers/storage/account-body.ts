// What a storage account looks like on the wire: what its owner may write, and what follows from it. Pure.
import { Type } from 'typebox';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { zoneNames, zoneOf } from '../../network/policy/zone.ts';
import { storageTarget } from './storage-target.ts';

const kinds = ['Storage', 'StorageV2', 'BlobStorage', 'FileStorage', 'BlockBlobStorage'];
const skus = [
  'Standard_LRS',
  'Standard_GRS',
  'Standard_RAGRS',
  'Standard_ZRS',
  'Premium_LRS',
  'Premium_ZRS',
  'Standard_GZRS',
  'Standard_RAGZRS',
  'StandardV2_LRS',
  'StandardV2_GRS',
  'StandardV2_ZRS',
  'StandardV2_GZRS',
  'PremiumV2_LRS',
  'PremiumV2_ZRS',
];

const Properties = Type.Object({
  publicNetworkAccess: Type.Optional(Type.Enum(['Enabled', 'Disabled', 'SecuredByPerimeter'])),
  networkAcls: Type.Optional(
    Type.Object({
      defaultAction: Type.Enum(['Allow', 'Deny']),
      bypass: Type.Optional(Type.String()),
      ipRules: Type.Optional(Type.Array(Type.Object({ value: Type.String() }))),
      virtualNetworkRules: Type.Optional(Type.Array(Type.Object({ id: Type.String() }))),
    }),
  ),
  supportsHttpsTrafficOnly: Type.Optional(Type.Boolean()),
  isHnsEnabled: Type.Optional(Type.Boolean()),
  accessTier: Type.Optional(Type.String()),
  minimumTlsVersion: Type.Optional(Type.String()),
});

const Sku = Type.Object({ name: Type.Enum(skus) });

/** Body of a PUT. */
export const StorageAccount = Type.Object({
  sku: Sku,
  kind: Type.Enum(kinds),
  properties: Type.Optional(Properties),
});

/** Body of a PATCH. */
export const StorageAccountPatch = Type.Object({
  sku: Type.Optional(Sku),
  kind: Type.Optional(Type.Enum(kinds)),
  properties: Type.Optional(Properties),
});

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

const live = [
  'provisioningState',
  'primaryEndpoints',
  'primaryLocation',
  'statusOfPrimary',
  'privateEndpointConnections',
];

/** The body to store: what was written over what was there, less what only the server says. */
export const storedBody = (written: JsonObject, before: JsonObject | null, now: string): JsonObject => {
  const known = objectAt(before?.properties);
  const asked = Object.entries(objectAt(written.properties)).filter(([name]) => !live.includes(name));
  return {
    ...before,
    ...written,
    properties: { ...known, ...Object.fromEntries(asked), creationTime: known.creationTime ?? now },
  };
};

/** Whether an account has a hierarchical namespace. */
export const isHierarchical = (body: JsonObject): boolean => objectAt(body.properties).isHnsEnabled === true;

const endpointsOf = (account: string) =>
  Object.fromEntries(
    storageTarget.groupIds.map((groupId) => [
      groupId,
      `https://${zoneNames(zoneOf(storageTarget.type, groupId)!, account).host}/`,
    ]),
  );

/** The account's SKU, with its tier. */
export const shownSku = (body: JsonObject): JsonObject => {
  const sku = objectAt(body.sku);
  return { ...sku, tier: String(sku.name).startsWith('Premium') ? 'Premium' : 'Standard' };
};

/** The account as its clients see it, with the connections that lead to it. */
export const shownBody = (
  account: { name: string; location: string | null; body: JsonObject },
  connections: JsonObject[],
): JsonObject => {
  const properties = objectAt(account.body.properties);
  return {
    ...account.body,
    sku: shownSku(account.body),
    properties: {
      supportsHttpsTrafficOnly: true,
      publicNetworkAccess: 'Enabled',
      ...properties,
      networkAcls: {
        bypass: 'AzureServices',
        virtualNetworkRules: [],
        ipRules: [],
        defaultAction: 'Allow',
        ...objectAt(properties.networkAcls),
      },
      provisioningState: 'Succeeded',
      primaryLocation: account.location,
      statusOfPrimary: 'available',
      primaryEndpoints: endpointsOf(account.name),
      privateEndpointConnections: connections,
    },
  };
};
