import { ServiceError } from '../base/error.ts';

/** How many items a page holds where the client does not say, and at most. */
export const pageSize = { usual: 100, most: 1000 };

/** Which page is asked for: at most `limit` items after the key `after`. */
export type PageAsk = { limit: number; after: string };

/** Reads `$top` (or what else says how many items a page holds) and `$skiptoken`. */
export const readPageAsk = (query: Readonly<Record<string, string>>, size = '$top'): PageAsk => {
  const top = query[size];
  if (top !== undefined && !/^[1-9]\d{0,8}$/.test(top))
    throw new ServiceError(400, 'InvalidParameter', `'${size}' must be a whole number from 1, not '${top}'.`, {
      target: size,
    });
  const token = query.$skiptoken;
  if (token !== undefined && !/^[\w-]{1,4096}$/.test(token))
    throw new ServiceError(
      400,
      'InvalidParameter',
      "'$skiptoken' is not one of ours. Follow the nextLink as it came, or start without one.",
      { target: '$skiptoken' },
    );
  return {
    limit: Math.min(top === undefined ? pageSize.usual : Number(top), pageSize.most),
    after: token === undefined ? '' : Buffer.from(token, 'base64url').toString('utf8'),
  };
};

/** The link to the page after `last`, for the same request. */
export const nextLink = (
  origin: string,
  segments: readonly string[],
  query: Readonly<Record<string, string>>,
  last: string,
): string => {
  const parameters = new URLSearchParams({ ...query, $skiptoken: Buffer.from(last, 'utf8').toString('base64url') });
  return `${origin}/${segments.map(encodeURIComponent).join('/')}?${parameters}`;
};
