// Conditional headers. Pure.
import { StorageError } from './storage-error.ts';
import type { StorageRequest } from './storage-request.ts';

/** What a condition is compared with. */
export type Version = { etag: string; modifiedAt: Date };

const bare = (etag: string) => etag.trim().replace(/^W\//, '').replaceAll('"', '');
const names = (header: string, etag: string) => header.split(',').some((each) => bare(each) === bare(etag));
// HTTP dates have no fractions of a second.
const seconds = (date: Date | number) => Math.floor(Number(date) / 1000);

const notMet = (prefix: string) =>
  new StorageError(
    412,
    prefix === '' ? 'ConditionNotMet' : 'SourceConditionNotMet',
    'The condition specified using HTTP conditional header(s) is not met.',
  );

/**
 * Holds the request's conditions against what is there, if anything. `prefix` is `x-ms-source-` for those of a rename's
 * source. A read that finds nothing new ends in 304, everything else in 412.
 */
export const requireConditions = (request: StorageRequest, found: Version | undefined, prefix = ''): void => {
  const header = (name: string) => request.header(`${prefix}${name}`);
  const isRead = request.method === 'GET' || (request.method === 'HEAD' && prefix === '');
  const unchanged = () => (isRead ? new StorageError(304, 'ConditionNotMet', 'Nothing has changed.') : notMet(prefix));
  const [match, noneMatch] = [header('if-match'), header('if-none-match')];
  const [since, notSince] = [header('if-modified-since'), header('if-unmodified-since')].map((text) => {
    const time = text === undefined ? undefined : Date.parse(text);
    if (Number.isNaN(time)) throw new StorageError(400, 'InvalidHeaderValue', 'A conditional header holds no date.');
    return time;
  });
  if (match !== undefined && !(found && (match.trim() === '*' || names(match, found.etag)))) throw notMet(prefix);
  if (!found) return;
  if (noneMatch !== undefined && noneMatch.trim() !== '*' && names(noneMatch, found.etag)) throw unchanged();
  if (since !== undefined && seconds(found.modifiedAt) <= seconds(since)) throw unchanged();
  if (notSince !== undefined && seconds(found.modifiedAt) > seconds(notSince)) throw notMet(prefix);
};

/** Whether nothing may be there yet: `If-None-Match: *`. */
export const mustBeNew = (request: StorageRequest): boolean => request.header('if-none-match')?.trim() === '*';
