// A sandbox SQL server for activities that run in this process: its name leads to loopback, its certificate is trusted.
import dns from 'node:dns';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { Connection, Request } from 'tedious';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset, ResolvedLinkedService } from '../../src/connectors/resolved.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { startSqlServer } from '../../src/sandbox/sql-server/sql-server.ts';

const host = 'acme.database.windows.net';
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

/** Starts it. Names below windows.net lead to loopback from then on, in this process; one alone is in the certificate. */
export const openSqlStage = async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'postern-sql-stage-'));
  const authority = await openCertificateAuthority(path.join(root, 'ca'));
  tls.setDefaultCACertificates([await readFile(authority.caFile, 'utf8')]);
  const server = await startSqlServer({
    name: 'acme',
    folder: path.join(root, 'databases'),
    certificate: await authority.issue([host]),
    port: 0,
    login: user,
    password,
    databases: ['sales'],
  });
  const systemLookup = dns.lookup;
  const lookup = (name: string, options: object, answer: (...answers: unknown[]) => void) =>
    name.endsWith('.database.windows.net')
      ? systemLookup('127.0.0.1', options, answer as never)
      : answer(Object.assign(new Error(`no name ${name}`), { code: 'ENOTFOUND' }));
  dns.lookup = lookup as typeof dns.lookup;
  const linkedService = (more: JsonObject = {}): ResolvedLinkedService => ({
    name: 'db',
    type: 'AzureSqlDatabase',
    typeProperties: {
      connectionString: `Server=tcp:${host},${server.port};Initial Catalog=sales;User ID=${user};Encrypt=True;Connection Timeout=3`,
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
    query: (text: string) => askSql(server.port, text, { user, password, database: 'sales' }),
    close: async () => {
      dns.lookup = systemLookup;
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
};
