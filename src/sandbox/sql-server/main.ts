// A process that serves SQL servers.
import { runStoreProgram, type StoreServer } from '../store-program.ts';
import type { SqlServerOrder } from './message.ts';
import { type SqlServer, startSqlServer } from './sql-server.ts';

type Served = StoreServer<SqlServerOrder> & { server: SqlServer };

runStoreProgram<SqlServerOrder, Served>({
  start: async (order, { onTrouble, ask }) => {
    const server = await startSqlServer({
      ...order,
      name: order.host.split('.')[0]!,
      port: order.ports.tds,
      password: { hash: order.passwordHash },
      tokens: { host: order.host, trust: order.trust, ask },
      onTrouble,
    });
    return { server, ports: { tds: server.port }, close: server.close };
  },
  renew: ({ server }, order) => server.renew({ ...order, password: { hash: order.passwordHash } }),
});
