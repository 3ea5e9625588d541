// Storage accounts as targets of private endpoints.
import { randomUUID } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { TargetKind } from '../target/target.ts';

const propertiesOf = (body: JsonObject): JsonObject => (isJsonObject(body.properties) ? body.properties : {});

/** What private endpoints need to know of storage accounts. */
export const storageTarget: TargetKind = {
  type: 'Microsoft.Storage/storageAccounts',
  apiVersions: [
    '2019-06-01',
    '2020-08-01-preview',
    '2021-01-01',
    '2021-02-01',
    '2021-04-01',
    '2021-06-01',
    '2021-08-01',
    '2021-09-01',
    '2022-05-01',
    '2022-09-01',
    '2023-01-01',
    '2023-04-01',
    '2023-05-01',
    '2024-01-01',
    '2025-01-01',
    '2025-06-01',
    '2025-08-01',
  ],
  actionsField: 'actionRequired',
  groupIds: ['blob', 'table', 'queue', 'file', 'web', 'dfs'],
  connectionName: (account) => `${account}.${randomUUID()}`,
  refuses: (body) =>
    body.kind === 'Storage' ? 'it is a general-purpose v1 account (kind Storage). Upgrade it to StorageV2.' : null,
  // A worker has no address that an IP rule could name, so selected networks are closed to it.
  isPublic: (body) => {
    const { publicNetworkAccess, networkAcls } = propertiesOf(body);
    const { defaultAction } = isJsonObject(networkAcls) ? networkAcls : {};
    return (publicNetworkAccess ?? 'Enabled') === 'Enabled' && (defaultAction ?? 'Allow') === 'Allow';
  },
};
