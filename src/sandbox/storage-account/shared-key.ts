// Shared Key: the whole request, signed with an account key. Pure.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { StorageRequest } from './storage-request.ts';

const signedHeaders = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
] as const;

// Azure sorts as .NET does, which passes over hyphens; most clients sort by code. They differ for few names.
const withoutHyphens = new Intl.Collator('en', { ignorePunctuation: true });
const orders = [
  (a: string, b: string) => (a < b ? -1 : 1),
  (a: string, b: string) => withoutHyphens.compare(a, b) || (a < b ? -1 : 1),
];

/** The signature of `text`, base64. */
export const signText = (key: string, text: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest('base64');

/** Whether one of the keys signed one of the texts. Takes as long for a wrong signature as for a right one. */
export const isSigned = (signature: string, keys: readonly string[], texts: readonly string[]): boolean => {
  const given = Buffer.from(signature);
  let found = false;
  for (const key of keys)
    for (const text of texts) {
      const right = Buffer.from(signText(key, text));
      if (given.length === right.length && timingSafeEqual(given, right)) found = true;
    }
  return found;
};

/** What a client may have signed for this request. */
export const sharedKeyTexts = (request: StorageRequest, account: string): string[] => {
  const value = (name: string): string => {
    const text = request.header(name) ?? '';
    return name === 'content-length' && text === '0' ? '' : text;
  };
  const names = Object.keys(request.incoming.headers).filter((name) => name.startsWith('x-ms-'));
  const query = [...request.query].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => `\n${name}:${text}`);
  const resource = `/${account}${request.rawPath}${query.join('')}`;
  return orders.map((order) =>
    [
      request.method,
      ...signedHeaders.map(value),
      ...names.toSorted(order).map((name) => `${name}:${value(name).trim()}`),
      resource,
    ].join('\n'),
  );
};
