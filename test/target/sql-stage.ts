// A sandbox SQL server for activities that run in this process: its name leads to loopback, its certificate is trusted.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection, Request } from 'tedious';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset, ResolvedLinkedService } from '../../src/connectors/resolved.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { startSqlServer } from '../../src/sandbox/sql-server/sql-server.ts';
import { leadToLoopback } from '../loopback.ts';

const host = 'acme.database.windows.net';
const poolHost = 'acme.sql.azuresynapse.net';
const [user, password] = ['owner', 'correct horse'];

/** Rows of a client's own, as it gives them. */
export type Rows = Record<string, unknown>[];

/** Runs statements by the client alone, past every network, at a port of loopback. */
export const askSql = (
  port: number,
  text: string,
  who: { user: string; password: string; database: string; host?: string },
): Promise<Rows> =>
  new Promise((resolve, reject) => {
    const rows: Rows = [];
    const connection = new Connection({
      server: '127.0.0.1',
      authentication: { type: 'default', options: { userName: who.user, password: who.password } },
      options: {
        port,
        database: who.database,
        encrypt: true,
        serverName: who.host ?? host,
        trustServerCertificate: false,
        requestTimeout: 60_000,
      },
    });
    connection.on('error', () => {});
    connection.connect((error) => {
      if (error) return reject(error);
      const request = new Request(text, (failure) => {
        connection.close();
        if (failure) reject(failure);
        else resolve(rows);
      });
      request.on('row', (cells: { value: unknown; metadata: { colName: string } }[]) =>
        rows.push(Object.fromEntries(cells.map(({ value, metadata }) => [metadata.colName, value]))),
      );
      connection.execSqlBatch(request);
    });
  });

/**
 * Starts it. Names below database.windows.net and sql.azuresynapse.net lead to loopback from then on, in this process; one
 * of each is in the certificate.
 */
export const openSqlStage = async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'postern-sql-stage-'));
  const authority = await openCertificateAuthority(path.join(root, 'ca'));
  const leave = leadToLoopback({
    caFile: authority.caFile,
    leads: (name) => /\.(database\.windows|sql\.azuresynapse)\.net$/.test(name),
  });
  const server = await startSqlServer({
    name: 'acme',
    folder: path.join(root, 'databases'),
    certificate: await authority.issue([host, poolHost]),
    port: 0,
    login: user,
    password,
    databases: ['sales', 'pool'],
  });
  const connectionString = (at: string, database: string) =>
    `Server=tcp:${at},${server.port};Initial Catalog=${database};User ID=${user};Encrypt=True;Connection Timeout=3`;
  const linkedService = (more: JsonObject = {}): ResolvedLinkedService => ({
    name: 'db',
    type: 'AzureSqlDatabase',
    typeProperties: {
      connectionString: connectionString(host, 'sales'),
      password: { type: 'SecureString', value: password },
      ...more,
    },
  });
  return {
    port: server.port,
    linkedService,
    /** A dataset of a table of the schema `dbo`. */
    table: (name: string, more: JsonObject = {}): ResolvedDataset => ({
      name,
      type: 'AzureSqlTable',
      typeProperties: { schema: 'dbo', table: name },
      linkedService: linkedService(more),
    }),
    /** A dataset of a table of the dedicated pool. */
    poolTable: (name: string, more: JsonObject = {}): ResolvedDataset => ({
      name,
      type: 'AzureSqlDWTable',
      typeProperties: { schema: 'dbo', table: name },
      linkedService: {
        ...linkedService({ connectionString: connectionString(poolHost, 'pool'), ...more }),
        type: 'AzureSqlDW',
      },
    }),
    query: (text: string) => askSql(server.port, text, { user, password, database: 'sales' }),
    queryPool: (text: string) => askSql(server.port, text, { user, password, database: 'pool', host: poolHost }),
    close: async () => {
      leave();
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
};
