// A process that serves Cosmos DB accounts.
import { runStoreProgram } from '../store-program.ts';
import { type CosmosServer, serveAccount } from './account-server.ts';
import type { CosmosOrder } from './message.ts';

runStoreProgram<CosmosOrder, CosmosServer>({
  start: serveAccount,
  renew: (server, order) => server.renew(order),
});
