// The one way to the API: same origin, the browser's cookie, Azure's paths. The Studio can do nothing that a client with
// the same rights could not.
import { ApiError, readError } from './error.ts';
import { studioHeader, whenSignedInAgain } from './session.ts';
import { versionFor } from './version.ts';

/** A method, a path without api-version (a query may stand in it), and what is sent; `etag` is what must still be there. */
export type Call = { method: string; path: string; body?: unknown; signal?: AbortSignal; etag?: string };

const withVersion = (path: string) =>
  /[?&]api-version=/.test(path) ? path : `${path}${path.includes('?') ? '&' : '?'}api-version=${versionFor(path)}`;

const send = async ({ method, path, body, signal, etag }: Call): Promise<Response> => {
  try {
    return await fetch(withVersion(path), {
      method,
      headers: {
        ...studioHeader,
        ...(etag !== undefined && { 'if-match': etag }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(
      0,
      'Unreachable',
      'Postern does not answer. What you see may be old; it is asked again by itself.',
    );
  }
};

const parse = (text: string): unknown => {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return {};
  }
};

/** Asks, and answers with the body. A session that has lapsed is renewed by its user, then the request is sent again. */
export const call = async <T>(asked: Call): Promise<T> => {
  let response = await send(asked);
  while (response.status === 401) {
    await whenSignedInAgain();
    response = await send(asked);
  }
  const body = parse(await response.text());
  if (!response.ok) throw readError(response.status, body);
  return body as T;
};

/** A link to a further page as a path of this origin. */
export const pathOfLink = (link: string): string => {
  const { pathname, search } = new URL(link, location.origin);
  return `${pathname}${search}`;
};
