import { StorageError } from '../storage-account/storage-error.ts';
import { type StorageRequest, splitPath } from '../storage-account/storage-request.ts';

/** The share and path of a URL of this account that a header names, as the source of a rename or a copy. */
export const sourcePlace = (
  request: StorageRequest,
  header: string,
): { share: string; path: string; whole: string } => {
  const url = URL.parse(request.header(header) ?? '');
  const bad = (code: string, message: string) => new StorageError(400, code, message);
  if (!url) throw bad('InvalidHeaderValue', `'${header}' must be the URL of a file.`);
  let path: string;
  try {
    path = decodeURIComponent(url.pathname).replace(/^\/|\/$/g, '');
  } catch {
    throw bad('InvalidHeaderValue', `'${header}' is not encoded as URLs are.`);
  }
  const isAddress = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (!isAddress && url.hostname !== `${request.account}.file.core.windows.net`)
    throw new StorageError(
      404,
      'CannotVerifyCopySource',
      'The sandbox copies and renames within one account only: the source must be a file of this one.',
    );
  const whole = isAddress && path.startsWith(`${request.account}/`) ? path.slice(request.account.length + 1) : path;
  const { root, rest } = splitPath(whole);
  return { share: root, path: rest, whole };
};
