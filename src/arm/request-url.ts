import { ServiceError } from '../base/error.ts';
import { checkSegment } from './resource-id.ts';

/** A request's path as decoded segments, and its query. */
export type RequestUrl = { segments: readonly string[]; query: Readonly<Record<string, string>> };

const decode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError(400, 'InvalidRequestUri', 'The path is not percent-encoded UTF-8.', { target: 'path' });
  }
};

/** Reads a raw request target: duplicate and trailing slashes go, each segment is decoded once, hostile ones are refused. */
export const readUrl = (raw: string): RequestUrl => {
  const mark = raw.indexOf('?');
  const path = mark < 0 ? raw : raw.slice(0, mark);
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => checkSegment(decode(segment)));
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(mark < 0 ? '' : raw.slice(mark + 1))) {
    const known = name.toLowerCase() === 'api-version' ? 'api-version' : name;
    if (query[known] !== undefined && query[known] !== value)
      throw new ServiceError(400, 'InvalidQueryParameter', `The query parameter '${known}' stands twice. Send one.`, {
        target: known,
      });
    query[known] = value;
  }
  return { segments, query };
};
