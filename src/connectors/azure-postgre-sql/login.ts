// Where a linked service leads, and as whom. Pure.
import { pairOf, readPairs } from '../database/connection-string.ts';
import { countAt, type Properties, propertyError, secretAt, textAt } from '../property.ts';

/** What the client connects with. */
export type Login = {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** Certificates are always checked; false only where the linked service says in so many words that there is no TLS. */
  tls: boolean;
  timeoutMs: number;
};

const defaultPort = 5432;
const defaultTimeoutSeconds = 15;

const pairsOf = (from: Properties): ReadonlyMap<string, string> => {
  const text = secretAt(from, 'connectionString');
  if (!text) return new Map();
  const pairs = readPairs(text);
  if (pairs) return pairs;
  throw propertyError(from, 'connectionString', 'must be pairs such as host=...;database=...;uid=...;password=...');
};

/** Azure's number or word for how TLS is used. All that ask for some of it get all of it. */
const readsTls = (mode: string | undefined): boolean =>
  !['0', 'disable', 'disabled', 'false', 'none'].includes(mode?.trim().toLowerCase() ?? '');

/** Reads `typeProperties`: a connection string, or its parts as properties of their own, which come first. */
export const readLogin = (from: Properties): Login => {
  const pairs = pairsOf(from);
  const either = (name: string, ...words: string[]) => textAt(from, name) || pairOf(pairs, ...words);
  const need = (name: string, value: string | undefined): string => {
    if (value) return value;
    throw propertyError(from, name, 'must be given, here or in the connectionString');
  };
  const host = need('server', either('server', 'host', 'server'));
  if (!/^[A-Za-z0-9._-]+$/.test(host)) throw propertyError(from, 'server', 'must be a host name');
  const port = countAt(
    { values: { port: from.values.port ?? pairOf(pairs, 'port') ?? null }, where: from.where },
    'port',
    1,
    65535,
  );
  const mode = from.values.sslMode ?? pairOf(pairs, 'sslmode', 'usessl', 'encryptionmethod');
  return {
    host,
    port: port ?? defaultPort,
    database: need('database', either('database', 'database', 'db', 'initialcatalog')),
    user: need('username', either('username', 'uid', 'userid', 'username', 'user')),
    password: need('password', secretAt(from, 'password') || pairOf(pairs, 'password', 'pwd')),
    tls: readsTls(mode === undefined || mode === null ? undefined : String(mode)),
    timeoutMs: (countAt(from, 'connectionTimeout', 1, 300) ?? defaultTimeoutSeconds) * 1000,
  };
};
