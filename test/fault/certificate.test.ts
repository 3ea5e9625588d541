// A store whose certificate is not one to trust: every client refuses it, and the failure says what is wrong and who can mend it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { ActivityError } from '../../src/base/error.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { connectors } from '../../src/connectors/registry.ts';
import { type IssuedCertificate, openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { startSqlServer } from '../../src/sandbox/sql-server/sql-server.ts';
import { leadToLoopback } from '../loopback.ts';

const host = 'acme.store.example';
const key = Buffer.from('a key').toString('base64');
const dayMs = 86_400_000;

let root: string;
let certificates: Record<string, IssuedCertificate>;
let leave: () => void;
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'postern-certificate-'));
  const at = (folder: string, days: number) => {
    const now = () => new Date(Date.now() + days * dayMs);
    return openCertificateAuthority(path.join(root, folder), { now });
  };
  // The certificates of one authority by the clocks of three days; those of another that nobody trusts.
  const long = await at('trusted', -600);
  const [today, tomorrow, stranger] = [await at('trusted', 0), await at('trusted', 30), await at('stranger', 0)];
  leave = leadToLoopback({ caFile: today.caFile, leads: (name) => name === host });
  certificates = {
    expired: await long.issue([host]),
    early: await tomorrow.issue([host, 'early.example']),
    named: await today.issue(['other.store.example']),
    foreign: await stranger.issue([host]),
  };
});
after(async () => {
  leave();
  await rm(root, { recursive: true, force: true });
});

const cases = [
  ['expired', 'CERT_HAS_EXPIRED', /has expired: whoever runs the server must renew it/],
  ['early', 'CERT_NOT_YET_VALID', /not valid yet: check the clocks/],
  ['named', 'ERR_TLS_CERT_ALTNAME_INVALID', /is for another name/],
  ['foreign', 'SELF_SIGNED_CERT_IN_CHAIN', /not one that this network trusts.*let the operator name its authority/],
] as const;

const account = (service: string, port: number): JsonObject => ({
  connectionString: `AccountName=acme;AccountKey=${key};${service}Endpoint=https://${host}:${port}`,
});
const clients: readonly [type: string, errorCode: string, (port: number) => JsonObject][] = [
  ['AzureBlobStorage', 'AzureBlobOperationFailed', (port) => account('Blob', port)],
  ['AzureTableStorage', 'AzureTableOperationFailed', (port) => account('Table', port)],
  ['AzureBlobFS', 'ADLSGen2OperationFailed', (port) => account('Dfs', port)],
  ['AzureFileStorage', 'AzureFileOperationFailed', (port) => ({ ...account('File', port), fileShare: 'data' })],
  ['AzureKeyVault', 'AzureKeyVaultUnreachable', (port) => ({ baseUrl: `https://${host}:${port}/` })],
  [
    'CosmosDb',
    'CosmosDbSqlApiOperationFailed',
    (port) => ({ connectionString: `AccountEndpoint=https://${host}:${port}/;AccountKey=${key};Database=shop` }),
  ],
  [
    'AzurePostgreSql',
    'AzurePostgreSqlFailedToConnect',
    (port) => ({ server: host, port, database: 'd', username: 'u', password: 'p' }),
  ],
  [
    'AzureSqlDatabase',
    'SqlFailedToConnect',
    (port) => ({ connectionString: `Server=tcp:${host},${port};Initial Catalog=sales;User ID=owner;Password=p` }),
  ],
  [
    'AzureSqlDW',
    'SqlFailedToConnect',
    (port) => ({
      connectionString: `Server=tcp:${host},${port};Initial Catalog=sales;User ID=owner;Password=p;Encrypt=strict`,
    }),
  ],
];

/** Counts what comes to a port that is passed on. */
const listen = async (answer: (socket: Socket) => void): Promise<Server> => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    answer(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};
const portOf = (server: Server | tls.Server) => (server.address() as AddressInfo).port;

/** A server that speaks TLS at once, or when PostgreSQL's client asks for it; or a SQL server, which wraps it in its own words. */
const serve = async (type: string, certificate: IssuedCertificate) => {
  let connections = 0;
  const secure = tls.createServer(certificate).on('tlsClientError', () => {});
  const count = (then: (socket: Socket) => void) => (socket: Socket) => {
    connections += 1;
    then(socket);
  };
  const sql =
    type === 'AzureSqlDatabase'
      ? await startSqlServer({
          name: 'acme',
          folder: path.join(root, `databases-${Math.random()}`),
          certificate,
          port: 0,
          login: 'owner',
          password: 'p',
          databases: ['sales'],
        })
      : undefined;
  const server = await listen(
    count((socket) => {
      if (sql) {
        const onward = connect(sql.port, '127.0.0.1').on('error', () => socket.destroy());
        socket.pipe(onward).pipe(socket);
      } else if (type === 'AzurePostgreSql')
        socket.once('data', () => {
          socket.write('S');
          secure.emit('connection', socket);
        });
      else secure.emit('connection', socket);
    }),
  );
  return {
    port: portOf(server),
    connections: () => connections,
    close: async () => {
      server.close();
      await sql?.close();
    },
  };
};

for (const [type, errorCode, linkedService] of clients)
  test(`${type} refuses a certificate that is expired, early, another's or a stranger's, at the first look, and says so`, async () => {
    const { look } = connectors.find((connector) => connector.type === type)!;
    for (const [certificate, code, words] of cases) {
      const server = await serve(type, certificates[certificate]!);
      try {
        const properties = { values: linkedService(server.port), where: 'Linked service' };
        const access = { token: 'token', expiresAt: new Date(Date.now() + 60_000).toISOString() };
        const { signal } = new AbortController();
        const ask = async () => (await look!()).look(properties, '', signal, access)[Symbol.asyncIterator]().next();
        await assert.rejects(ask(), (error) => {
          assert.ok(error instanceof ActivityError, String(error));
          assert.equal(error.errorCode, errorCode, error.message);
          assert.match(error.message, words);
          assert.equal(error.details[0]!.code, code);
          return true;
        });
        assert.equal(server.connections(), 1, `${certificate} was tried again`);
      } finally {
        await server.close();
      }
    }
  });
