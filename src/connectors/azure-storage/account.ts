// Where a linked service points and how it proves who it is. Pure.
import { withoutSlashes } from '../../base/text.ts';
import { accessAt } from '../access.ts';
import { readPairs } from '../connection-string.ts';
import { type Properties, propertyError, secretAt, textAt } from '../property.ts';
import type { Access } from '../resolved.ts';

export type Credential =
  | { kind: 'key'; account: string; key: string }
  | { kind: 'sas'; token: string }
  | ({ kind: 'token' } & Access)
  | { kind: 'none' };

/** The sub-resources of a storage account that have a connector. */
export type StorageService = 'blob' | 'table' | 'dfs' | 'file';

/** An endpoint, `https://<account>.blob.core.windows.net`, without a slash at its end. */
export type Account = { endpoint: string; credential: Credential };

const readUrl = (from: Properties, name: string, text: string): URL => {
  const url = URL.parse(text);
  if (!url) throw propertyError(from, name, 'must be a URL such as https://account.blob.core.windows.net');
  if (url.protocol !== 'https:') throw propertyError(from, name, 'must use https');
  return url;
};

const endpointNames = {
  blob: 'BlobEndpoint',
  table: 'TableEndpoint',
  dfs: 'DfsEndpoint',
  file: 'FileEndpoint',
} as const;

const urlNames: Readonly<Record<StorageService, readonly string[]>> = {
  blob: ['serviceEndpoint', 'serviceUri'],
  table: ['serviceEndpoint', 'serviceUri'],
  dfs: ['url'],
  file: ['serviceEndpoint'],
};

const withoutSlash = (url: URL) => withoutSlashes(`${url.origin}${url.pathname}`);

const keyCredential = (from: Properties, name: string, account: string, key: string): Credential => {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key)) throw propertyError(from, name, 'must hold an account key in base64');
  return { kind: 'key', account, key };
};

const sasCredential = (token: string): Credential => ({ kind: 'sas', token: token.replace(/^\?/, '') });

const fromConnectionString = (from: Properties, text: string, service: StorageService): Account => {
  const parts = readPairs(from, 'connectionString', text);
  const protocol = parts.get('defaultendpointsprotocol') ?? 'https';
  const account = parts.get('accountname');
  const given = parts.get(`${service}endpoint`);
  if (!given && !account)
    throw propertyError(from, 'connectionString', `must name an AccountName or a ${endpointNames[service]}`);
  if (account !== undefined && !/^[a-z0-9]{3,24}$/.test(account))
    throw propertyError(from, 'connectionString', 'must hold an AccountName of 3 to 24 lower-case letters and digits');
  const endpoint = withoutSlash(
    readUrl(
      from,
      'connectionString',
      given ?? `${protocol}://${account}.${service}.${parts.get('endpointsuffix') ?? 'core.windows.net'}`,
    ),
  );
  const sas = parts.get('sharedaccesssignature') ?? secretAt(from, 'sasToken');
  if (sas) return { endpoint, credential: sasCredential(sas) };
  const key = parts.get('accountkey') ?? secretAt(from, 'accountKey');
  if (!key || !account)
    throw propertyError(from, 'connectionString', 'must hold AccountName with AccountKey, or SharedAccessSignature');
  return { endpoint, credential: keyCredential(from, 'connectionString', account, key) };
};

// A signature for one container or table is a URL with its name; requests add the name themselves.
const serviceOf = (url: URL): string =>
  /^[a-z0-9]+\.(blob|table|dfs|file)\./.test(url.hostname) ? url.origin : withoutSlash(url);

const fromSasUri = (from: Properties, text: string): Account => {
  const url = readUrl(from, 'sasUri', text);
  const token = url.search.length > 1 ? url.search : secretAt(from, 'sasToken');
  if (!token)
    throw propertyError(from, 'sasUri', 'must hold a shared access signature after `?`, or come with sasToken');
  return { endpoint: serviceOf(url), credential: sasCredential(token) };
};

const fromServiceEndpoint = (from: Properties, name: string, text: string): Account => {
  const url = readUrl(from, name, text);
  const endpoint = withoutSlash(url);
  const key = secretAt(from, 'accountKey');
  if (key) return { endpoint, credential: keyCredential(from, 'accountKey', url.hostname.split('.')[0]!, key) };
  const sas = secretAt(from, 'sasToken');
  if (sas) return { endpoint, credential: sasCredential(sas) };
  const access = accessAt(from);
  if (access) return { endpoint, credential: { kind: 'token', ...access } };
  throw propertyError(from, name, 'must come with accountKey or sasToken, or be where an identity can sign in');
};

/** Reads `typeProperties` of a linked service to a storage account. Anonymous access, to blobs only, must be asked for in so many words. */
export const readAccount = (from: Properties, service: StorageService): Account => {
  if (service === 'blob' && textAt(from, 'authenticationType')?.toLowerCase() === 'anonymous') {
    const uri = secretAt(from, 'containerUri') ?? secretAt(from, 'serviceEndpoint');
    if (!uri) throw propertyError(from, 'containerUri', 'must be given for anonymous access');
    return { endpoint: serviceOf(readUrl(from, 'containerUri', uri)), credential: { kind: 'none' } };
  }
  const connectionString = secretAt(from, 'connectionString');
  if (connectionString) return fromConnectionString(from, connectionString, service);
  const sasUri = secretAt(from, 'sasUri');
  if (sasUri) return fromSasUri(from, sasUri);
  for (const name of urlNames[service]) {
    const endpoint = secretAt(from, name);
    if (endpoint) return fromServiceEndpoint(from, name, endpoint);
  }
  throw propertyError(
    from,
    'connectionString',
    `must be given (or sasUri, or ${urlNames[service][0]} with accountKey or sasToken${service === 'blob' ? ', or authenticationType Anonymous' : ''})`,
  );
};
