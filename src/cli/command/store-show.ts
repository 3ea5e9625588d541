import { CommandError } from '../command-error.ts';
import { asAdministrator } from '../session.ts';
import { cosmosKey, listStores, sqlLogin, storageConnectionString, storeEndpoints, storeKey } from '../store.ts';
import { say } from '../terminal.ts';

const sayAuthority = (caFile: string): void => {
  say(`NODE_EXTRA_CA_CERTS='${caFile}'`);
  say(`SSL_CERT_FILE='${caFile}'`);
};

/** Prints what an ordinary client on this machine needs to reach a store: a connection string or an address, and the CA file. */
export const run = (options: { data?: string; json?: boolean }, rest: string[]): Promise<void> =>
  asAdministrator(options.data, async (client) => {
    const [name] = rest;
    const store = (await listStores(client)).find((known) => known.name === name);
    if (!store) throw new CommandError(`There is no store ${name ?? ''}. \`postern store list\` shows them.`);
    const { caFile } = client.connection;
    if (store.kind === 'vault') {
      const { vault } = await storeEndpoints(client, store.id);
      if (options.json) return say(JSON.stringify({ ...store, endpoints: { vault: vault ?? null }, caFile }, null, 2));
      say(`AZURE_KEYVAULT_URL='${vault}'`);
      return sayAuthority(caFile);
    }
    if (store.kind === 'cosmos') {
      const [endpoints, key] = await Promise.all([storeEndpoints(client, store.id), cosmosKey(client, store.id)]);
      const connectionString = `AccountEndpoint=${endpoints.Sql};AccountKey=${key};`;
      if (options.json) return say(JSON.stringify({ ...store, endpoints, connectionString, caFile }, null, 2));
      say(`AZURE_COSMOS_CONNECTION_STRING='${connectionString}'`);
      return sayAuthority(caFile);
    }
    if (store.kind === 'sql' || store.kind === 'synapse') {
      const endpoints = await storeEndpoints(client, store.id);
      const { login, databases } = await sqlLogin(client, store);
      const [place = ''] = Object.values(endpoints).map((one) => String(one).replace(/^tcp:\/\/(.*):/, '$1,'));
      const connectionString = `Server=tcp:${place};Database=${databases[0] ?? 'master'};User Id=${login};Password={password};Encrypt=True;TrustServerCertificate=False;`;
      if (options.json)
        return say(JSON.stringify({ ...store, endpoints, databases, connectionString, caFile }, null, 2));
      say(`SQL_CONNECTION_STRING='${connectionString}'`);
      return sayAuthority(caFile);
    }
    const [endpoints, key] = await Promise.all([storeEndpoints(client, store.id), storeKey(client, store.id)]);
    const connectionString = storageConnectionString(store.id, key, endpoints);
    if (options.json) return say(JSON.stringify({ ...store, endpoints, connectionString, caFile }, null, 2));
    say(`AZURE_STORAGE_CONNECTION_STRING='${connectionString}'`);
    sayAuthority(caFile);
  });
