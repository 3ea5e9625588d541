// Where a linked service leads, and as whom. Pure.
import { accessAt } from '../access.ts';
import { pairOf, readPairs } from '../database/connection-string.ts';
import { countAt, flagAt, type Properties, propertyError, secretAt, textAt } from '../property.ts';
import type { Access } from '../resolved.ts';

/** What the client connects with. Certificates are always checked. */
export type Login = {
  host: string;
  port: number;
  database: string;
  /** A name and a password, or a token that was given to whoever `holder` says. */
  credential: { kind: 'password'; user: string; password: string } | ({ kind: 'token' } & Access);
  /** Whether TLS comes first (TDS 8) instead of inside the first messages. */
  isStrict: boolean;
  /** The name that the certificate must have, where it is not the host's. */
  certificateName: string | undefined;
  timeoutMs: number;
};

const defaultPort = 1433;
const defaultTimeoutSeconds = 30;

const pairsOf = (from: Properties): ReadonlyMap<string, string> => {
  const text = secretAt(from, 'connectionString');
  if (!text) return new Map();
  const pairs = readPairs(text);
  if (pairs) return pairs;
  throw propertyError(
    from,
    'connectionString',
    'must be pairs such as Server=...;Initial Catalog=...;User ID=...;Password=...',
  );
};

/** `host`, `host,port` or `tcp:host,port`. */
const readServer = (from: Properties, text: string): { host: string; port: number } => {
  const found = /^(?:tcp:)?([A-Za-z0-9._-]+)(?:,(\d{1,5}))?$/i.exec(text.trim());
  const port = Number(found?.[2] ?? defaultPort);
  if (found && port >= 1 && port <= 65535) return { host: found[1]!, port };
  throw propertyError(
    from,
    'server',
    'must be a host, or host,port; a named instance (host\\name) is not supported: give its port',
  );
};

const refuse = (from: Properties, name: string, isSo: boolean, rule: string): void => {
  if (isSo) throw propertyError(from, name, rule);
};

const isTrue = (text: string | undefined) => /^(true|yes|sspi)$/i.test(text ?? '');

/** Reads `typeProperties`: a connection string, or its parts as properties of their own, which come first. */
export const readLogin = (from: Properties): Login => {
  const pairs = pairsOf(from);
  const either = (name: string, ...words: string[]) => textAt(from, name) || pairOf(pairs, ...words);
  const need = (name: string, value: string | undefined): string => {
    if (value) return value;
    throw propertyError(from, name, 'must be given, here or in the connectionString');
  };
  const access = accessAt(from);
  const kind = textAt(from, 'authenticationType') || 'SQL';
  refuse(
    from,
    'authenticationType',
    !access && (kind.toLowerCase() !== 'sql' || isTrue(pairOf(pairs, 'integratedsecurity', 'trusted_connection'))),
    'must be SQL: a user name and a password. Identities sign in to AzureSqlDatabase and AzureSqlDW',
  );
  refuse(
    from,
    'trustServerCertificate',
    flagAt(from, 'trustServerCertificate') === true || isTrue(pairOf(pairs, 'trustservercertificate')),
    'must not be true: certificates are always checked. Give the server one of an authority that this network trusts, and leave it out',
  );
  const server = either('server', 'server', 'datasource', 'address', 'addr', 'networkaddress');
  const timeout = from.values.connectTimeout ?? pairOf(pairs, 'connectiontimeout', 'connecttimeout') ?? null;
  const seconds = countAt({ values: { connectTimeout: timeout }, where: from.where }, 'connectTimeout', 1, 600);
  const encrypt = String(from.values.encrypt ?? pairOf(pairs, 'encrypt') ?? '');
  return {
    ...readServer(from, need('server', server)),
    database: need('database', either('database', 'initialcatalog', 'database')),
    credential: access
      ? { kind: 'token', ...access }
      : {
          kind: 'password',
          user: need('userName', either('userName', 'userid', 'uid', 'user')),
          password: need('password', secretAt(from, 'password') || pairOf(pairs, 'password', 'pwd')),
        },
    isStrict: encrypt.toLowerCase() === 'strict',
    certificateName: either('hostNameInCertificate', 'hostnameincertificate'),
    timeoutMs: (seconds ?? defaultTimeoutSeconds) * 1000,
  };
};
