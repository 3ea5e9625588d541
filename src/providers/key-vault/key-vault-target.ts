// Key vaults as targets of private endpoints.
import { randomUUID } from 'node:crypto';
import { isJsonObject } from '../../base/json.ts';
import type { TargetKind } from '../target/target.ts';

/** What private endpoints need to know of key vaults. */
export const keyVaultTarget: TargetKind = {
  type: 'Microsoft.KeyVault/vaults',
  apiVersions: [
    '2016-10-01',
    '2018-02-14',
    '2019-09-01',
    '2021-04-01-preview',
    '2021-10-01',
    '2022-07-01',
    '2022-11-01',
    '2023-02-01',
    '2023-07-01',
    '2024-11-01',
    '2025-05-01',
    '2026-02-01',
  ],
  actionsField: 'actionsRequired',
  groupIds: ['vault'],
  hasConnectionEtag: true,
  isDisconnectPolled: true,
  connectionName: (_vault, endpoint) => `${endpoint}-${randomUUID()}`,
  refuses: () => null,
  // A worker has no address that an IP rule could name, so selected networks are closed to it.
  isPublic: ({ properties }) => {
    const { publicNetworkAccess, networkAcls } = isJsonObject(properties) ? properties : {};
    const { defaultAction } = isJsonObject(networkAcls) ? networkAcls : {};
    return (publicNetworkAccess ?? 'Enabled') === 'Enabled' && (defaultAction ?? 'Allow') === 'Allow';
  },
};
