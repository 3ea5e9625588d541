import { asAdministrator } from '../session.ts';
import { listStores, storeEndpoints } from '../store.ts';
import { say, table } from '../terminal.ts';

/** Shows each store with its loopback addresses. */
export const run = (options: { data?: string; json?: boolean }): Promise<void> =>
  asAdministrator(options.data, async (client) => {
    const stores = await listStores(client);
    const shown = await Promise.all(
      stores.map(async (store) => ({ ...store, endpoints: await storeEndpoints(client, store.id) })),
    );
    if (options.json) return say(JSON.stringify(shown, null, 2));
    if (shown.length === 0)
      return say(
        'No stores yet. Creating a storage account, a Cosmos DB account, a SQL server or a key vault through the API starts one.',
      );
    say(
      table(
        ['name', 'state', 'from this machine'],
        shown.map(({ name, state, endpoints }) => [name, state, Object.values(endpoints).join('  ')]),
      ),
    );
  });
