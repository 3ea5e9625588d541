import { ServiceError } from '../base/error.ts';

/** The two conditional headers of a request. */
export type Conditions = { ifMatch: string | undefined; ifNoneMatch: string | undefined };

const plain = (etag: string) => {
  const text = etag.trim().replace(/^W\//i, '');
  let end = text.length;
  while (text[end - 1] === '"') end -= text[end - 2] === '\\' ? 2 : 1;
  return text.slice(0, end).replace(/^(\\?")+/, '');
};

const names = (header: string, etag: string) =>
  header.split(',').some((one) => one.trim() === '*' || plain(one) === plain(etag));

const failed = (message: string, target: string) => new ServiceError(412, 'PreconditionFailed', message, { target });

/** Before a write: `PreconditionFailed` where the caller wrote from something else than what is there (null: nothing). */
export const checkWrite = (conditions: Conditions, etag: string | null): void => {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined && etag === null)
    throw failed('If-Match was sent and there is no such resource. Send none to create it.', 'If-Match');
  if (ifMatch !== undefined && etag !== null && !names(ifMatch, etag))
    throw failed(
      `The resource has changed: its etag is '${etag}', not '${plain(ifMatch)}'. Read it again and repeat the change.`,
      'If-Match',
    );
  if (ifNoneMatch !== undefined && etag !== null && names(ifNoneMatch, etag))
    throw failed('If-None-Match was sent and the resource exists.', 'If-None-Match');
};

/** True where a GET may be answered with 304. */
export const isNotModified = (conditions: Conditions, etag: string): boolean =>
  conditions.ifNoneMatch !== undefined && names(conditions.ifNoneMatch, etag);
