// A SQL server of the sandbox by itself, and tedious as its independent client.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection, type ConnectionConfiguration, Request, type TYPES } from 'tedious';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { type SqlServer, type SqlServerOptions, startSqlServer } from '../../src/sandbox/sql-server/sql-server.ts';

/** The login of a test's server. */
export const login = 'sqladmin';
export const password = 'Passw0rd!';

/** A parameter of a request; `output` wants it back. */
export type Given = { name: string; type: (typeof TYPES)[keyof typeof TYPES]; value?: unknown; output?: boolean };

/** What a request came to. `errors` are the numbers of all errors, in order. */
export type Answer = {
  rows: unknown[][];
  sets: { columns: string[]; types: string[] }[];
  count: number | undefined;
  errors: number[];
  message: string;
  outputs: Record<string, unknown>;
  status: number | undefined;
  infos: string[];
};

/** A connection whose requests are promises. */
export type SqlClient = {
  raw: Connection;
  /** By `sp_executesql`, with parameters. */
  run(sql: string, given?: readonly Given[]): Promise<Answer>;
  /** As a plain batch. */
  batch(sql: string): Promise<Answer>;
  call(procedure: string, given?: readonly Given[]): Promise<Answer>;
  close(): Promise<void>;
};

const ask = (connection: Connection, sql: string, given: readonly Given[], send: (request: Request) => void) =>
  new Promise<Answer>((resolve) => {
    const answer: Answer = {
      rows: [],
      sets: [],
      count: undefined,
      errors: [],
      message: '',
      outputs: {},
      status: undefined,
      infos: [],
    };
    const onError = (error: { number: number }) => answer.errors.push(error.number);
    const onInfo = (info: { message: string }) => answer.infos.push(info.message);
    connection.on('errorMessage', onError);
    connection.on('infoMessage', onInfo);
    const request = new Request(sql, (error, count) => {
      connection.off('errorMessage', onError);
      connection.off('infoMessage', onInfo);
      if (error) {
        answer.message = error.message;
        const { number, code } = error as { number?: number; code?: string };
        if (number === undefined && answer.errors.length === 0) answer.message = `${code}: ${error.message}`;
      }
      answer.count = count;
      resolve(answer);
    });
    request.on('columnMetadata', (columns) => {
      const all = columns as unknown as { colName: string; type: { name: string } }[];
      answer.sets.push({ columns: all.map(({ colName }) => colName), types: all.map(({ type }) => type.name) });
    });
    request.on('row', (columns: { value: unknown }[]) => answer.rows.push(columns.map(({ value }) => value)));
    request.on('returnValue', (name, value) => {
      answer.outputs[name] = value;
    });
    request.on('doneProc', (_count, _more, status) => {
      answer.status = status;
    });
    for (const { name, type, value, output } of given)
      if (output) request.addOutputParameter(name, type, value);
      else request.addParameter(name, type, value);
    send(request);
  });

/** How to connect: by the test's SQL login to its database, unless told otherwise. */
export type How = {
  server?: string;
  user?: string;
  password?: string;
  authentication?: ConnectionConfiguration['authentication'];
  options?: ConnectionConfiguration['options'];
};

/** A server of its own in a folder of its own, and how to connect to it. */
export type SqlStage = {
  server: SqlServer;
  folder: string;
  ca: string;
  troubles: unknown[];
  connect(more?: How): Promise<SqlClient>;
  close(): Promise<void>;
};

export const openStage = async (more: Partial<SqlServerOptions> = {}): Promise<SqlStage> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-sql-'));
  const authority = await openCertificateAuthority(path.join(folder, 'authority'));
  const certificate = await authority.issue(['acme.database.windows.net', 'localhost', '127.0.0.1']);
  const troubles: unknown[] = [];
  const server = await startSqlServer({
    name: 'acme',
    folder: path.join(folder, 'data'),
    certificate,
    port: 0,
    login,
    password,
    databases: ['sales'],
    onTrouble: (error) => troubles.push(error),
    ...more,
  });
  const ca = readFileSync(authority.caFile, 'utf8');
  return {
    server,
    folder,
    ca,
    troubles,
    connect: (how = {}) => connectTo(server.port, ca, how),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Connects to a port of loopback as to `acme.database.windows.net`, whose certificate is checked. */
export const connectTo = async (port: number, ca: string, how: How = {}): Promise<SqlClient> => {
  const connection = new Connection({
    server: how.server ?? 'acme.database.windows.net',
    authentication: how.authentication ?? {
      type: 'default',
      options: { userName: how.user ?? login, password: how.password ?? password },
    },
    options: {
      port: 1433,
      database: 'sales',
      encrypt: true,
      maxRetriesOnTransientErrors: 0,
      trustServerCertificate: false,
      connector: async () => {
        const socket = net.connect(port, '127.0.0.1');
        await new Promise<void>((resolve, reject) => {
          socket.once('connect', resolve);
          socket.once('error', reject);
        });
        return socket;
      },
      cryptoCredentialsDetails: { ca },
      ...how.options,
    },
  });
  // A refused login carries no number; the message before it does.
  let number: number | undefined;
  connection.on('errorMessage', (message: { number: number }) => {
    number = message.number;
  });
  await new Promise<void>((resolve, reject) =>
    connection.connect((error) => (error ? reject(Object.assign(error, { number })) : resolve())),
  );
  connection.on('error', () => {});
  const ended = new Promise<void>((resolve) => connection.once('end', () => resolve()));
  return {
    raw: connection,
    run: (sql, given = []) => ask(connection, sql, given, (request) => connection.execSql(request)),
    batch: (sql) => ask(connection, sql, [], (request) => connection.execSqlBatch(request)),
    call: (procedure, given = []) => ask(connection, procedure, given, (request) => connection.callProcedure(request)),
    close: () => {
      connection.close();
      return ended;
    },
  };
};
