// Where a linked service points and how it proves who it is. Pure.
import { accessAt } from '../access.ts';
import { readPairs } from '../connection-string.ts';
import { type Properties, propertyError, secretAt, textAt } from '../property.ts';
import type { Access } from '../resolved.ts';

/** An account, `https://<account>.documents.azure.com`, and one of its databases. */
export type Account = { endpoint: string; credential: Credential; database: string };

/** A key of the account, or a token that was given to whoever `holder` says. */
export type Credential = { kind: 'key'; key: string } | ({ kind: 'token' } & Access);

/** What a name of a database or a container must not hold: it would lead to another place. */
export const isName = (name: string): boolean => name.length <= 255 && !/[/\\?#\u0000-\u001f]|\s$/.test(name);

const readEndpoint = (from: Properties, name: string, text: string): string => {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:')
    throw propertyError(from, name, 'must be a URL such as https://account.documents.azure.com:443/');
  return url.origin;
};

const readCredential = (from: Properties, pairs: ReadonlyMap<string, string>): Credential => {
  const access = accessAt(from);
  if (access) return { kind: 'token', ...access };
  const key = pairs.get('accountkey') ?? secretAt(from, 'accountKey');
  if (!key) throw propertyError(from, 'accountKey', 'must be given, or AccountKey in connectionString');
  if (textAt(from, 'servicePrincipalId'))
    throw propertyError(from, 'servicePrincipalId', 'must not stand beside an account key: give one of the two');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key)) throw propertyError(from, 'accountKey', 'must be an account key in base64');
  return { kind: 'key', key };
};

/** Reads `typeProperties` of a linked service to Cosmos DB. Errors: `ActivityError` that names the property. */
export const readAccount = (from: Properties): Account => {
  const text = secretAt(from, 'connectionString');
  const pairs = text ? readPairs(from, 'connectionString', text) : new Map<string, string>();
  const place = text ? 'connectionString' : 'accountEndpoint';
  const endpoint = pairs.get('accountendpoint') ?? textAt(from, 'accountEndpoint');
  if (!endpoint)
    throw propertyError(from, place, text ? 'must hold an AccountEndpoint' : 'must be given, or connectionString');
  const database = pairs.get('database') ?? textAt(from, 'database');
  if (!database)
    throw propertyError(from, text ? 'connectionString' : 'database', text ? 'must hold Database' : 'must be given');
  if (!isName(database))
    throw propertyError(from, text ? 'connectionString' : 'database', 'must name a database, without / \\ ? or #');
  return { endpoint: readEndpoint(from, place, endpoint), credential: readCredential(from, pairs), database };
};
