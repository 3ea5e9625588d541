import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../src/base/json.ts';
import { values } from '../../src/cli/identity.ts';
import { storeEndpoints } from '../../src/cli/store.ts';
import { type AttachedStores, bareKey } from './attached-stores.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Owned } from './owned.ts';
import { startProgram } from './program.ts';
import { reference, type SealedFactory } from './sealed-factory.ts';

const version = 'api-version=2021-11-01';
const [user, password, database] = ['benchadmin', 'Bench-2026!', 'bench'];

/** A table of the measures, which holds what the blob `sales.csv` of `from` holds, and clients without Postern. */
export type SealedSql = {
  rows: number;
  /** What a client by hand takes for all rows, in ms. */
  byHand(what: 'load' | 'loadDuck' | 'unload'): Promise<number>;
};

/**
 * Adds to the factory a SQL server of the sandbox by an approved endpoint. Linked service: `db`. Datasets: `sales`, which
 * is full, and `loaded`, both tables of it; `text`, the blob; `parquet`, a blob of `to`.
 */
export const addSealedSql = async (
  owned: Owned,
  plane: ControlPlane,
  stores: AttachedStores,
  factory: SealedFactory,
  bytes: number,
): Promise<SealedSql> => {
  const { client } = plane;
  const name = `${factory.id.split('/').at(-1)}sql`;
  const host = `${name}.database.windows.net`;
  const server = `${factory.id.split('/providers/')[0]}/providers/Microsoft.Sql/servers/${name}`;
  await client.call('PUT', `${server}?${version}`, {
    location: 'westeurope',
    properties: { administratorLogin: user, administratorLoginPassword: password },
  });
  await client.call('PUT', `${server}/databases/${database}?${version}`, { location: 'westeurope' });
  await factory.put('managedVirtualNetworks/default/managedPrivateEndpoints/sql', {
    properties: { privateLinkResourceId: server, groupId: 'sqlServer' },
  });
  for (const { id } of values(await client.call('GET', `${server}/privateEndpointConnections?${version}`)))
    await client.call('PUT', `${id}?${version}`, {
      properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'bench' } },
    });
  await factory.put('linkedservices/db', {
    properties: {
      type: 'AzureSqlDatabase',
      connectVia: reference('IntegrationRuntimeReference', 'sealed'),
      typeProperties: {
        connectionString: `Server=tcp:${host},1433;Initial Catalog=${database};User ID=${user};Password=${password};Encrypt=True`,
      },
    },
  });
  const dataset = (type: string, linkedService: string, typeProperties: JsonObject): JsonObject => ({
    properties: { type, linkedServiceName: reference('LinkedServiceReference', linkedService), typeProperties },
  });
  for (const table of ['sales', 'loaded'])
    await factory.put(`datasets/${table}`, dataset('AzureSqlTable', 'db', { schema: 'dbo', table }));
  const location = (fileName: string) => ({ type: 'AzureBlobStorageLocation', container: 'data', fileName });
  const text = { location: location('sales.csv'), columnDelimiter: ',', firstRowAsHeader: true };
  await factory.put('datasets/text', dataset('DelimitedText', 'from', text));
  await factory.put('datasets/parquet', dataset('Parquet', 'to', { location: location('sales.parquet') }));

  const endpoint = String((await storeEndpoints(client, server)).sqlServer);
  const port = Number(/:(\d+)$/.exec(endpoint)?.[1]);
  const program = fileURLToPath(new URL('../store/direct-sql.ts', import.meta.url));
  const login = ['--user', user!, '--password', password!, '--database', database!, '--host', host];
  const options = ['--ca', plane.authority.caFile, '--key', bareKey, ...login];
  const direct = await owned.add(startProgram(program, options));
  const ask = async (what: string) =>
    (await direct.ask({ do: what, port, from: stores.from, to: stores.to, bytes })) as {
      rows: number;
      elapsedMs: number;
    };
  const { rows } = await ask('fill');
  return { rows, byHand: async (what) => (await ask(what)).elapsedMs };
};
