// Synapse workspaces as a family of stores: one server for its dedicated pools, one that is serverless.
import { isJsonObject } from '../../base/json.ts';
import { zoneNames, zoneOf } from '../../network/policy/zone.ts';
import { attachmentOf } from '../attachment.ts';
import type { SqlFamily } from '../sql/sql-store.ts';
import { workspaceTarget } from './workspace-target.ts';

/** Workspaces that are attached. */
export const workspaceAttachment = attachmentOf(workspaceTarget, 'Sql');

/** The host name of a workspace's sub-resource. */
export const workspaceHost = (name: string, groupId: 'Sql' | 'SqlOnDemand' | 'Dev'): string =>
  zoneNames(zoneOf(workspaceTarget.type, groupId)!, name).host;

export const workspaceFamily: SqlFamily = {
  kind: workspaceTarget,
  attachment: workspaceAttachment,
  databaseType: `${workspaceTarget.type}/sqlPools`,
  administratorTypes: [`${workspaceTarget.type}/administrators`, `${workspaceTarget.type}/sqlAdministrators`],
  plan: (workspace, pools) => {
    const properties = isJsonObject(workspace.body.properties) ? workspace.body.properties : {};
    const login = String(properties.sqlAdministratorLogin ?? '');
    const names = pools.map(({ name }) => name);
    return [
      { groupId: 'Sql', host: workspaceHost(workspace.name, 'Sql'), login, databases: names, warehouses: names },
      {
        groupId: 'SqlOnDemand',
        host: workspaceHost(workspace.name, 'SqlOnDemand'),
        login,
        databases: [],
        warehouses: [],
      },
    ];
  },
};
