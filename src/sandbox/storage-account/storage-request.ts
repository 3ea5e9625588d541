// A request to one sub-resource of one storage account, taken apart once. Nothing of it is trusted yet.
import type { IncomingMessage } from 'node:http';
import { StorageError } from './storage-error.ts';

/** A sub-resource that is served without Azurite. */
export type FaceService = 'dfs' | 'file';

/** The account and sub-resource that a listener serves. */
export type Face = { account: string; service: FaceService };

/** `path` is what stands after the account, decoded, without slashes at its ends; '' is the account itself. */
export type StorageRequest = {
  account: string;
  /** Whether it came to an address of this machine, where the account stands in the path. */
  isByAddress: boolean;
  method: string;
  path: string;
  /** As it was sent, which is what is signed. */
  rawPath: string;
  /** By name in lower case; the values decoded. */
  query: ReadonlyMap<string, string>;
  header(name: string): string | undefined;
  incoming: IncomingMessage;
};

const badUri = (message: string) => new StorageError(400, 'InvalidUri', message);

const decode = (text: string): string => {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw badUri('The URL is not encoded as URLs are.');
  }
  if (/[\0-\x1f\x7f]/.test(decoded)) throw badUri('The URL holds a control character.');
  return decoded;
};

// Not URLSearchParams: a plus stands for itself here, also in signatures.
const readQuery = (text: string): Map<string, string> => {
  const query = new Map<string, string>();
  for (const pair of text.split('&').filter((each) => each !== '')) {
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at)).toLowerCase();
    if (query.has(name)) throw badUri(`The query parameter '${name}' is given twice.`);
    query.set(name, at < 0 ? '' : decode(pair.slice(at + 1)));
  }
  return query;
};

/** Whether the account stands in the path: it does where the host is an address of this machine. */
const isByAddress = (host: string) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);

const belowAccount = (face: Face, host: string, rawPath: string, isRename: boolean): string => {
  if (host.replace(/:\d+$/, '') === `${face.account}.${face.service}.core.windows.net`) return rawPath;
  const rest = rawPath.slice(face.account.length + 1);
  if (isByAddress(host) && rawPath.startsWith(`/${face.account}`) && (rest === '' || rest.startsWith('/'))) return rest;
  // Azure's own client for JavaScript leaves the account out where it writes a rename's new name.
  if (isByAddress(host) && isRename) return rawPath;
  throw new StorageError(404, 'ResourceNotFound', 'The specified resource does not exist: no such account is here.');
};

/** Takes a request apart. Throws 404 for another account's host, 400 for what is no URL of a storage account. */
export const readStorageRequest = (face: Face, incoming: IncomingMessage): StorageRequest => {
  const url = incoming.url ?? '/';
  const at = url.indexOf('?');
  const rawPath = at < 0 ? url : url.slice(0, at);
  const host = incoming.headers.host?.toLowerCase() ?? '';
  const isRename = ['x-ms-rename-source', 'x-ms-file-rename-source'].some((name) => name in incoming.headers);
  const path = decode(belowAccount(face, host, rawPath, isRename));
  return {
    account: face.account,
    isByAddress: isByAddress(host),
    method: incoming.method ?? '',
    path: path.replace(/^\//, '').replace(/\/$/, ''),
    rawPath,
    query: readQuery(at < 0 ? '' : url.slice(at + 1)),
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(',') : value;
    },
    incoming,
  };
};

/** The first name of a path and the rest: a container, file system or share, and what is in it. */
export const splitPath = (path: string): { root: string; rest: string } => {
  const at = path.indexOf('/');
  return at < 0 ? { root: path, rest: '' } : { root: path.slice(0, at), rest: path.slice(at + 1) };
};
