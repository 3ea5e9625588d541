// A SQL server: one listener, one SQL login, tokens where it has an issuer to trust, a file for each database.
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Trust } from '../access-token.ts';
import { createSqlBearer, refuseToken, sqlResource } from './bearer.ts';
import { type DatabaseFile, openDatabaseFile } from './engine/database-file.ts';
import { hashPassword, matchesPassword } from './password.ts';
import { type Host, serveClient } from './session/serve-client.ts';
import { Session } from './session/session.ts';
import { SqlError } from './sql-error.ts';
import type { Login } from './wire/login.ts';

/** What a server needs to start. `folder` keeps its databases; a port of 0 is any. */
export type SqlServerOptions = {
  /** As clients call it before the dot: `acme`. */
  name: string;
  folder: string;
  certificate: { key: string; cert: string };
  port: number;
  login: string;
  /** In clear, or as `hashPassword` made it. */
  password: string | { hash: string };
  /** Whether the SQL login is closed, and tokens alone open the server. */
  takesTokensOnly?: boolean;
  /** Whose tokens open it, if any do, by the host name that they are bound to; `ask` is answered by the control plane. */
  tokens?: { host: string; trust: Trust; ask(question: unknown): Promise<unknown> };
  /** All that it has beside `master`. Files of others in the folder are removed. */
  databases: readonly string[];
  /** Which of the databases are data warehouses: their keys are stated and not held to. */
  warehouses?: readonly string[];
  /** How long a client may take to log in: 15 s unless told otherwise. */
  loginDeadlineMs?: number;
  onTrouble?(error: unknown): void;
};

/** A server that runs. */
export type SqlServer = {
  port: number;
  /** Gives it the login and the databases that it has from now on: who is in a removed one is cut off, and its file goes. */
  renew(fresh: Pick<SqlServerOptions, 'login' | 'password' | 'takesTokensOnly' | 'databases' | 'warehouses'>): void;
  close(): Promise<void>;
};

const mostClients = 256;

/** The file of a database, whatever its name is made of. */
const databaseFileName = (name: string): string => `${Buffer.from(name.toLowerCase()).toString('hex')}.duckdb`;

const refuseLogin = (user: string, why = '') =>
  new SqlError(18456, `Login failed for user '${user}'.${why}`, { severity: 14 });

const onlyTokens =
  ' Reason: Azure Active Directory only authentication is enabled. Please contact your system administrator.';

/** Starts a server on loopback; resolves once it accepts connections. */
export const startSqlServer = async (options: SqlServerOptions): Promise<SqlServer> => {
  const { name, folder, onTrouble = () => {} } = options;
  let { login, takesTokensOnly = false, databases, warehouses = [] } = options;
  const bearer = options.tokens && createSqlBearer(options.tokens);
  const hashOf = (password: string | { hash: string }) =>
    typeof password === 'string' ? hashPassword(password) : password.hash;
  let hash = hashOf(options.password);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = new Map<string, Promise<DatabaseFile>>();
  const clients = new Map<Socket, { database: string; served: Promise<void> }>();
  let lastSession = 50;

  const open = (database: string): Promise<DatabaseFile> => {
    const key = database.toLowerCase();
    let file = files.get(key);
    if (!file) {
      file = openDatabaseFile(join(folder, databaseFileName(database)));
      file.catch(() => files.delete(key));
      files.set(key, file);
    }
    return file;
  };

  /** Who somebody is to this server. Errors: 18456. */
  const identify = async ({ credential }: Login): Promise<string> => {
    if (credential.kind === 'password') {
      if (takesTokensOnly) throw refuseLogin(credential.user, onlyTokens);
      // `login@server` is how some clients write it.
      const user = credential.user.toLowerCase().replace(`@${name.toLowerCase()}`, '');
      const isRight = await matchesPassword(credential.password, hash);
      if (!isRight || user !== login.toLowerCase()) throw refuseLogin(credential.user);
      return login;
    }
    if (!bearer || credential.kind !== 'token')
      throw new SqlError(
        18456,
        `Login failed: this SQL server of Postern's sandbox knows ${bearer ? 'its SQL login and tokens' : 'its SQL login only, no tokens'} and no Windows users.`,
        { severity: 14 },
      );
    const bearing = await bearer.read(credential.token);
    if (!bearing.isAdministrator)
      throw refuseToken(
        `The principal '${bearing.objectId}' is not the Microsoft Entra administrator of the server '${name}'. Set it: PUT .../administrators/ActiveDirectory.`,
      );
    return bearing.login;
  };

  const host: Host = {
    name,
    loginDeadlineMs: options.loginDeadlineMs ?? 15_000,
    // What TLS 1.3 sends after its handshake would be lost on a client of TDS 7.
    context: createSecureContext({ ...options.certificate, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }),
    strictContext: createSecureContext({ ...options.certificate, minVersion: 'TLSv1.2' }),
    federation: async () => ({ issuer: (await bearer?.issuer()) ?? '', resource: sqlResource }),
    logIn: async (asked) => {
      const user = await identify(asked);
      const wanted = asked.database === '' ? 'master' : asked.database;
      const all = ['master', ...databases];
      const database = all.find((one) => one.toLowerCase() === wanted.toLowerCase());
      if (database === undefined)
        throw new SqlError(4060, `Cannot open database "${wanted}" requested by the login. The login failed.`, {
          severity: 11,
        });
      await settled;
      const file = await open(database);
      return new Session(file, await file.connect(), {
        server: name,
        database,
        databases: all,
        login: user,
        application: asked.application,
        sessionId: ++lastSession,
        transactionCount: 0,
        isDoomed: false,
        rowCount: 0n,
        errorNumber: 0,
        identity: null,
        caught: null,
        isWarehouse: warehouses.some((one) => one.toLowerCase() === database.toLowerCase()),
      });
    },
  };

  /** Ends the connections of some databases; resolves when nothing of theirs runs any more. */
  const cutOff = async (isOf: (database: string) => boolean): Promise<void> => {
    const gone = [...clients].filter(([, { database }]) => isOf(database));
    for (const [socket] of gone) socket.destroy();
    await Promise.all(gone.map(([, { served }]) => served));
  };

  const discardOthers = async (wanted: readonly string[]): Promise<void> => {
    const kept = ['master', ...wanted].map((one) => databaseFileName(one));
    for (const [key, file] of files) {
      if (kept.includes(databaseFileName(key))) continue;
      files.delete(key);
      await cutOff((database) => database.toLowerCase() === key);
      (await file.catch(() => null))?.close();
    }
    for (const file of await readdir(folder))
      if (/\.duckdb(\.wal|\.spill)?$/.test(file) && !kept.includes(file.replace(/\.(wal|spill)$/, '')))
        await rm(join(folder, file), { recursive: true, force: true });
  };
  // One after the other, and before anybody opens a database anew.
  let settled = discardOthers(databases);
  await settled;

  const server = createServer((socket) => {
    if (clients.size >= mostClients) {
      socket.destroy();
      return;
    }
    const client = { database: '', served: Promise.resolve() };
    clients.set(socket, client);
    client.served = serveClient(socket, host, (session) => {
      client.database = session.facts.database;
    })
      .catch((error: unknown) => {
        socket.destroy();
        onTrouble(error);
      })
      .finally(() => clients.delete(socket));
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    renew: (fresh) => {
      ({ databases, login, takesTokensOnly = false, warehouses = [] } = fresh);
      hash = hashOf(fresh.password);
      settled = settled.then(() => discardOthers(fresh.databases)).catch(onTrouble);
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      const served = cutOff(() => true);
      await closed;
      await served;
      for (const file of files.values()) (await file.catch(() => null))?.close();
    },
  };
};
