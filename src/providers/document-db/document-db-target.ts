// Cosmos DB accounts as targets of private endpoints.
import { randomUUID } from 'node:crypto';
import { isJsonObject } from '../../base/json.ts';
import type { TargetKind } from '../target/target.ts';

const isEmpty = (list: unknown): boolean => !Array.isArray(list) || list.length === 0;

/** What private endpoints need to know of Cosmos DB accounts. */
export const documentDbTarget: TargetKind = {
  type: 'Microsoft.DocumentDB/databaseAccounts',
  apiVersions: [
    '2019-08-01',
    '2019-08-01-preview',
    '2019-12-12',
    '2020-03-01',
    '2020-04-01',
    '2020-06-01-preview',
    '2020-09-01',
    '2021-01-15',
    '2021-03-15',
    '2021-04-15',
    '2021-05-15',
    '2021-06-15',
    '2021-10-15',
    '2022-05-15',
    '2022-08-15',
    '2022-11-15',
    '2023-03-15',
    '2023-04-15',
    '2023-09-15',
    '2023-11-15',
    '2024-05-15',
    '2024-08-15',
    '2024-11-15',
    '2025-04-15',
    '2025-10-15',
  ],
  actionsField: 'actionsRequired',
  groupIds: ['Sql'],
  showsGroupId: true,
  isDisconnectPolled: true,
  connectionName: (_account, endpoint) => `${endpoint}-${randomUUID()}`,
  refuses: () => null,
  // A worker has no address that an IP rule could name, so selected networks are closed to it.
  isPublic: ({ properties }) => {
    const { publicNetworkAccess, isVirtualNetworkFilterEnabled, ipRules, ipRangeFilter } = isJsonObject(properties)
      ? properties
      : {};
    return (
      (publicNetworkAccess ?? 'Enabled') === 'Enabled' &&
      isVirtualNetworkFilterEnabled !== true &&
      isEmpty(ipRules) &&
      (ipRangeFilter ?? '') === ''
    );
  },
};
