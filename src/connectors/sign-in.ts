// Which linked services ask as an identity: those that bring no other credential, at the stores that take tokens. Each says
// where it leads in its own way. Pure, and read by the control plane: what a token is for is decided here.
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { pairOf, readPairs } from './database/connection-string.ts';
import type { ResolvedLinkedService } from './resolved.ts';

/** The kinds of stores that identities sign in to. */
export type SignInKind = 'storage' | 'sql' | 'cosmos';

/** Where a linked service signs in: the host that it names in `property`; null where what stands there is no such host. */
export type SignInPlace = { kind: SignInKind; property: string; host: string | null; example: string };

/** Whether a property says something. */
export const isGiven = (value: Json | undefined): boolean => value !== undefined && value !== null && value !== '';

/** A text or the value of a `SecureString`; undefined for what is neither, such as a secret in a vault. */
const textIn = (value: Json | undefined): string | undefined => {
  const text = isJsonObject(value) && value.type === 'SecureString' ? value.value : value;
  return typeof text === 'string' ? text : undefined;
};

const httpsHost = (text: string | undefined, host: RegExp): string | null => {
  const url = URL.parse(text ?? '');
  return url?.protocol === 'https:' && host.test(url.host) ? url.host : null;
};

const asksForOneOf = ({ authenticationType }: JsonObject, words: readonly string[]): boolean =>
  isGiven(authenticationType) && words.includes(String(authenticationType).toLowerCase());

type Reader = (values: JsonObject) => SignInPlace | null;

const storage =
  (service: string, names: readonly string[]): Reader =>
  (values) => {
    const others = ['connectionString', 'sasUri', 'sasToken', 'accountKey', 'containerUri', 'host'];
    const property = names.find((each) => isGiven(values[each]));
    if (property === undefined || others.some((each) => isGiven(values[each]))) return null;
    if (asksForOneOf(values, ['anonymous', 'accountkey', 'sasuri'])) return null;
    const form = new RegExp(`^[a-z0-9]{3,24}\\.${service}\\.core\\.windows\\.net$`);
    const host = httpsHost(textIn(values[property]), form);
    return { kind: 'storage', property, host, example: `https://account.${service}.core.windows.net` };
  };

const identities = ['serviceprincipal', 'systemassignedmanagedidentity', 'userassignedmanagedidentity'];
const sqlHost = /^([a-z0-9-]{1,63}\.database\.windows\.net|[a-z0-9-]{1,63}\.sql\.azuresynapse\.net)$/;

const sql: Reader = (values) => {
  const { connectionString, authenticationType, server, userName, password } = values;
  const asksFor = asksForOneOf(values, identities);
  if (isGiven(authenticationType) && !asksFor) return null;
  const text = textIn(connectionString);
  const pairs = readPairs(text ?? '') ?? new Map<string, string>();
  const login = pairOf(pairs, 'userid', 'uid', 'user', 'password', 'pwd', 'integratedsecurity', 'trusted_connection');
  // What only a worker can read may hold a login, and does unless an identity is asked for.
  const isHidden = isGiven(connectionString) && text === undefined && !isGiven(values.servicePrincipalId);
  if (!asksFor && (isGiven(userName) || isGiven(password) || login !== undefined || isHidden)) return null;
  const property = isGiven(server) ? 'server' : 'connectionString';
  const named = textIn(server) || pairOf(pairs, 'server', 'datasource', 'address', 'addr', 'networkaddress');
  if (named === undefined && !isGiven(connectionString)) return null;
  const host = /^(?:tcp:)?([^,\s]+)(?:,\d{1,5})?$/i.exec(named?.trim() ?? '')?.[1]?.toLowerCase() ?? '';
  return { kind: 'sql', property, host: sqlHost.test(host) ? host : null, example: 'server.database.windows.net' };
};

const cosmos: Reader = (values) => {
  const { connectionString, accountEndpoint, accountKey } = values;
  const text = textIn(connectionString);
  const pairs = readPairs(text ?? '') ?? new Map<string, string>();
  const isHidden = isGiven(connectionString) && text === undefined && !isGiven(values.servicePrincipalId);
  if (isGiven(accountKey) || pairs.has('accountkey') || isHidden) return null;
  if (!isGiven(connectionString) && !isGiven(accountEndpoint)) return null;
  const property = isGiven(connectionString) ? 'connectionString' : 'accountEndpoint';
  const endpoint = isGiven(connectionString) ? pairOf(pairs, 'accountendpoint') : textIn(accountEndpoint);
  const host = httpsHost(endpoint, /^[a-z0-9-]{3,44}\.documents\.azure\.com$/);
  return { kind: 'cosmos', property, host, example: 'https://account.documents.azure.com' };
};

const readers: Readonly<Record<string, Reader>> = {
  AzureBlobStorage: storage('blob', ['serviceEndpoint', 'serviceUri']),
  AzureTableStorage: storage('table', ['serviceEndpoint', 'serviceUri']),
  AzureBlobFS: storage('dfs', ['url']),
  AzureFileStorage: storage('file', ['serviceEndpoint']),
  AzureSqlDatabase: sql,
  AzureSqlDW: sql,
  CosmosDb: cosmos,
};

/** Where a linked service signs in as an identity; null where it brings another credential, or is of no such store. */
export const signInPlaceOf = ({ type, typeProperties }: ResolvedLinkedService): SignInPlace | null =>
  Object.hasOwn(readers, type) ? readers[type]!(typeProperties) : null;
