// Synapse workspaces as targets of private endpoints.
import { randomUUID } from 'node:crypto';
import { isJsonObject } from '../../base/json.ts';
import { openRules } from '../sql/sql-server-target.ts';
import type { TargetKind } from '../target/target.ts';

/** What private endpoints need to know of Synapse workspaces. */
export const workspaceTarget: TargetKind = {
  type: 'Microsoft.Synapse/workspaces',
  apiVersions: [
    '2019-06-01-preview',
    '2020-12-01',
    '2021-03-01',
    '2021-04-01-preview',
    '2021-05-01',
    '2021-06-01',
    '2021-06-01-preview',
  ],
  actionsField: 'actionsRequired',
  groupIds: ['Sql', 'SqlOnDemand', 'Dev'],
  isDisconnectPolled: true,
  connectionName: (_workspace, endpoint) => `${endpoint}-${randomUUID()}`,
  refuses: () => null,
  isPublic: ({ properties, [openRules]: rules }) => {
    const { publicNetworkAccess = 'Enabled' } = isJsonObject(properties) ? properties : {};
    return publicNetworkAccess === 'Enabled' && Array.isArray(rules) && rules.length > 0;
  },
};
