// What a key vault looks like on the wire: what its owner may write, and what follows from it. Pure.
import { Type } from 'typebox';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { zoneNames, zoneOf } from '../../network/policy/zone.ts';
import { keyVaultTarget } from './key-vault-target.ts';

const Words = Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 32 }));

const AccessPolicy = Type.Object({
  tenantId: Type.String({ maxLength: 36 }),
  objectId: Type.String({ minLength: 1, maxLength: 36 }),
  permissions: Type.Object({ keys: Words, secrets: Words, certificates: Words, storage: Words }),
});

const optional = {
  accessPolicies: Type.Optional(Type.Array(AccessPolicy, { maxItems: 1024 })),
  enableRbacAuthorization: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  enabledForDeployment: Type.Optional(Type.Boolean()),
  enabledForDiskEncryption: Type.Optional(Type.Boolean()),
  enabledForTemplateDeployment: Type.Optional(Type.Boolean()),
  enableSoftDelete: Type.Optional(Type.Boolean()),
  enablePurgeProtection: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  softDeleteRetentionInDays: Type.Optional(Type.Integer({ minimum: 7, maximum: 90 })),
  publicNetworkAccess: Type.Optional(Type.Enum(['Enabled', 'Disabled', 'enabled', 'disabled'])),
  networkAcls: Type.Optional(
    Type.Object({
      defaultAction: Type.Optional(Type.Enum(['Allow', 'Deny'])),
      bypass: Type.Optional(Type.Enum(['AzureServices', 'None'])),
      ipRules: Type.Optional(Type.Array(Type.Object({ value: Type.String() }))),
      virtualNetworkRules: Type.Optional(Type.Array(Type.Object({ id: Type.String() }))),
    }),
  ),
};

const TenantId = Type.String({ minLength: 36, maxLength: 36 });
const Sku = Type.Object({ family: Type.Enum(['A', 'a']), name: Type.Enum(['standard', 'premium']) });

/** Body of a PUT. */
export const KeyVault = Type.Object({ properties: Type.Object({ tenantId: TenantId, sku: Sku, ...optional }) });

/** Body of a PATCH. */
export const KeyVaultPatch = Type.Object({
  properties: Type.Optional(Type.Object({ tenantId: Type.Optional(TenantId), sku: Type.Optional(Sku), ...optional })),
});

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** The properties of a vault's body. */
export const propertiesOf = (body: JsonObject): JsonObject => objectAt(body.properties);

const live = ['vaultUri', 'provisioningState', 'privateEndpointConnections', 'hsmPoolResourceId'];
const rolesByDefaultSince = '2026-02-01';

/** The body to store: what was written (over what was there `before`, for a PATCH), less what only the server says. */
export const storedBody = (written: JsonObject, before: JsonObject | null, apiVersion: string): JsonObject => {
  const known = objectAt(before?.properties);
  const asked = Object.fromEntries(Object.entries(propertiesOf(written)).filter(([name]) => !live.includes(name)));
  const publicNetworkAccess = asked.publicNetworkAccess ?? known.publicNetworkAccess ?? 'Enabled';
  return {
    ...before,
    ...written,
    properties: {
      accessPolicies: [],
      enabledForDeployment: false,
      ...known,
      ...asked,
      enableRbacAuthorization:
        asked.enableRbacAuthorization ?? known.enableRbacAuthorization ?? apiVersion >= rolesByDefaultSince,
      enableSoftDelete: true,
      softDeleteRetentionInDays: asked.softDeleteRetentionInDays ?? known.softDeleteRetentionInDays ?? 90,
      publicNetworkAccess: String(publicNetworkAccess).toLowerCase() === 'disabled' ? 'Disabled' : 'Enabled',
    },
  };
};

/** The host name of a vault. */
export const vaultHost = (name: string): string => zoneNames(zoneOf(keyVaultTarget.type, 'vault')!, name).host;

/** The vault as its clients see it, with the connections that lead to it. */
export const shownBody = (vault: { name: string; body: JsonObject }, connections: JsonObject[]): JsonObject => {
  const properties = propertiesOf(vault.body);
  return {
    ...vault.body,
    properties: {
      ...properties,
      ...(properties.networkAcls !== undefined && {
        networkAcls: {
          bypass: 'AzureServices',
          defaultAction: 'Allow',
          ipRules: [],
          virtualNetworkRules: [],
          ...objectAt(properties.networkAcls),
        },
      }),
      vaultUri: `https://${vaultHost(vault.name)}/`,
      provisioningState: 'Succeeded',
      ...(connections.length > 0 && { privateEndpointConnections: connections }),
    },
  };
};
