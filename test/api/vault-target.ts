// A target whose hosts are not storage hosts, as small as one can be: a vault. What it may and must is all in the kind.
import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { ResourceType } from '../../src/arm/resource-type.ts';
import { isJsonObject } from '../../src/base/json.ts';
import type { Publish } from '../../src/providers/publication.ts';
import { disconnectTarget } from '../../src/providers/target/connection.ts';
import { privateEndpointConnectionType } from '../../src/providers/target/private-endpoint-connection.ts';
import type { TargetKind } from '../../src/providers/target/target.ts';

/** The api-version of vaults. */
export const vaultVersion = 'api-version=2026-02-01';

/** Vaults, as targets. */
export const vaultTarget: TargetKind = {
  type: 'Microsoft.KeyVault/vaults',
  apiVersions: ['2026-02-01'],
  actionsField: 'actionsRequired',
  groupIds: ['vault'],
  connectionName: (vault) => `${vault}.${randomUUID()}`,
  refuses: () => null,
  isPublic: ({ properties }) => isJsonObject(properties) && properties.publicNetworkAccess !== 'Disabled',
};

/** Vaults, and the connections to them. */
export const vaultTypes = (publish: Publish): ResourceType[] => [
  {
    type: vaultTarget.type,
    scope: 'resourceGroup',
    apiVersions: vaultTarget.apiVersions,
    name: { pattern: /^[a-z0-9-]+$/, min: 3, max: 24, says: 'lower-case letters, digits and hyphens' },
    tracked: true,
    schema: Type.Object({ properties: Type.Object({}) }),
    etag: 'none',
    conditionalGet: false,
    status: { created: 200, updated: 200 },
    write: async ({ body, afterCommit }) => {
      afterCommit(publish);
      return body;
    },
    remove: async (operation, vault) => {
      await disconnectTarget(operation, vault.key);
      operation.afterCommit(publish);
    },
  },
  privateEndpointConnectionType(vaultTarget, publish),
];
