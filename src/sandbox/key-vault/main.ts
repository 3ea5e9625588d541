// A process that serves key vaults.
import { runStoreProgram } from '../store-program.ts';
import type { VaultOrder } from './message.ts';
import { serveVault, type VaultServer } from './vault-server.ts';

runStoreProgram<VaultOrder, VaultServer>({
  start: serveVault,
  renew: (server, order) => server.renew(order),
});
