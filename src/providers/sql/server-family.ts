// SQL servers as a family of stores.
import { isJsonObject } from '../../base/json.ts';
import type { Resource } from '../../database/resource.ts';
import { zoneNames, zoneOf } from '../../network/policy/zone.ts';
import { attachmentOf } from '../attachment.ts';
import { sqlServerTarget } from './sql-server-target.ts';
import type { SqlFamily } from './sql-store.ts';

/** SQL servers that are attached. */
export const serverAttachment = attachmentOf(sqlServerTarget, 'sqlServer');

/** The host name of a server. */
export const serverHost = (name: string): string => zoneNames(zoneOf(sqlServerTarget.type, 'sqlServer')!, name).host;

/** Whether a database is a data warehouse, a dedicated SQL pool as it was called before Synapse. */
export const isWarehouse = ({ body }: Pick<Resource, 'body'>): boolean => {
  const { name, tier } = isJsonObject(body.sku) ? body.sku : {};
  return /^DW\d+c?$/i.test(String(name ?? '')) || String(tier ?? '').toLowerCase() === 'datawarehouse';
};

export const serverFamily: SqlFamily = {
  kind: sqlServerTarget,
  attachment: serverAttachment,
  databaseType: `${sqlServerTarget.type}/databases`,
  administratorTypes: [`${sqlServerTarget.type}/administrators`],
  plan: (server, databases) => {
    const properties = isJsonObject(server.body.properties) ? server.body.properties : {};
    const own = databases.filter(({ name }) => name !== 'master');
    return [
      {
        groupId: 'sqlServer',
        host: serverHost(server.name),
        login: String(properties.administratorLogin ?? ''),
        databases: own.map(({ name }) => name),
        warehouses: own.filter(isWarehouse).map(({ name }) => name),
      },
    ];
  },
};
