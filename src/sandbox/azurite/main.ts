// A process that serves storage accounts.
import { runStoreProgram } from '../store-program.ts';
import { type AccountServer, serveAccount } from './account-server.ts';
import { loadAzurite } from './library.ts';
import type { AccountOrder } from './message.ts';

const makeServer = loadAzurite();

runStoreProgram<AccountOrder, AccountServer>({
  start: (order, frame) => serveAccount(makeServer, order, frame),
  renew: (server, { keys }) => server.setKeys(keys),
});
