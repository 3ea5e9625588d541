// Logical SQL servers as targets of private endpoints.
import { randomUUID } from 'node:crypto';
import { isJsonObject } from '../../base/json.ts';
import type { TargetKind } from '../target/target.ts';

/**
 * Where a resource's own row keeps the names of the firewall rules that let workers in. Workers have no address of their
 * own: a rule counts if it is for all of Azure's services (0.0.0.0) or for every address.
 */
export const openRules = 'posternOpenRules';

/** What private endpoints need to know of SQL servers. */
export const sqlServerTarget: TargetKind = {
  type: 'Microsoft.Sql/servers',
  apiVersions: [
    '2014-04-01',
    '2015-05-01-preview',
    '2017-03-01-preview',
    '2017-10-01-preview',
    '2018-06-01-preview',
    '2019-06-01-preview',
    '2020-02-02-preview',
    '2020-08-01-preview',
    '2020-11-01-preview',
    '2021-02-01-preview',
    '2021-05-01-preview',
    '2021-08-01-preview',
    '2021-11-01',
    '2021-11-01-preview',
    '2022-02-01-preview',
    '2022-05-01-preview',
    '2022-08-01-preview',
    '2022-11-01-preview',
    '2023-02-01-preview',
    '2023-05-01-preview',
    '2023-08-01',
    '2023-08-01-preview',
    '2024-05-01-preview',
  ],
  actionsField: 'actionsRequired',
  groupIds: ['sqlServer'],
  isDisconnectPolled: true,
  connectionName: (_server, endpoint) => `${endpoint}-${randomUUID()}`,
  refuses: () => null,
  isPublic: ({ properties, [openRules]: rules }) => {
    const { publicNetworkAccess = 'Enabled' } = isJsonObject(properties) ? properties : {};
    return publicNetworkAccess === 'Enabled' && Array.isArray(rules) && rules.length > 0;
  },
};
