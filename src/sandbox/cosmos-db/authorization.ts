// What a request is let in by: a token, or one of the account's keys, with which it is signed over what it asks for and when.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { CosmosError } from './cosmos-error.ts';
import type { AccountKeys } from './message.ts';

const skewMs = 15 * 60_000;

/** What is signed: the method, and the path in its segments, decoded. */
export type Signed = { method: string; segments: readonly string[]; date: string | undefined };

/** What stands in the header `authorization`. */
export type Credential = { kind: 'key'; signature: Buffer } | { kind: 'token'; token: string };

const refuse = (message: string, substatus?: number) => new CosmosError(401, 'Unauthorized', message, substatus);

/** The type of resource that a path asks for, and how its link may be written in what is signed. */
const signedPlaces = (segments: readonly string[]): { type: string; links: string[] } => {
  const isOne = segments.length % 2 === 0;
  const type = (isOne ? segments.at(-2) : segments.at(-1)) ?? '';
  const link = (isOne ? segments : segments.slice(0, -1)).join('/');
  // Of an offer only the id is signed, in lower case.
  if (type === 'offers') return { type, links: [isOne ? segments.at(-1)!.toLowerCase() : ''] };
  return { type, links: [link, encodeURI(link)] };
};

/** What a request is signed with: the text of all that it says, under one key. */
const signatureOf = (key: string, method: string, type: string, link: string, date: string): Buffer =>
  createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${method.toLowerCase()}\n${type.toLowerCase()}\n${link}\n${date.toLowerCase()}\n\n`)
    .digest();

/** The headers of a request of our own, signed with a key of the account. */
export const signedHeaders = (key: string, method: string, segments: readonly string[]): Record<string, string> => {
  const date = new Date().toUTCString();
  const { type, links } = signedPlaces(segments);
  const signature = signatureOf(key, method, type, links[0]!, date).toString('base64');
  return { authorization: encodeURIComponent(`type=master&ver=1.0&sig=${signature}`), 'x-ms-date': date };
};

/** Reads the header. Errors: 401. */
export const readCredential = (header: string | undefined): Credential => {
  let text = '';
  try {
    text = decodeURIComponent(header ?? '');
  } catch {
    // Said below.
  }
  const found = new Map(
    text.split('&').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)] as const;
    }),
  );
  if (text === '')
    throw refuse('Required Header authorization is missing. Ensure a valid Authorization token is passed.');
  const type = found.get('ver') === '1.0' ? found.get('type') : undefined;
  const given = found.get('sig') ?? '';
  if (type === 'master') return { kind: 'key', signature: Buffer.from(given, 'base64') };
  if (type === 'aad') return { kind: 'token', token: given };
  throw refuse(
    `Master keys (type=master&ver=1.0) and tokens (type=aad&ver=1.0) open this store; what came is of type '${(found.get('type') ?? '').slice(0, 20)}'.`,
  );
};

/** Whether the request is signed with a key that writes, or with one that only reads. Errors: 401, and 403 for a date that is off. */
export const readRight = (
  { method, segments, date }: Signed,
  given: Buffer,
  keys: AccountKeys,
  now: number,
): 'write' | 'read' => {
  const at = Date.parse(date ?? '');
  if (date === undefined || Number.isNaN(at))
    throw refuse("The request must have a header 'x-ms-date' in the form of HTTP dates.");
  if (Math.abs(now - at) > skewMs)
    throw new CosmosError(
      403,
      'Forbidden',
      'The authorization token is not valid at the current time. Check the clock of the client.',
    );
  const { type, links } = signedPlaces(segments);
  const isSignedWith = (key: string) =>
    links.some((link) => {
      const right = signatureOf(key, method, type, link, date);
      return right.length === given.length && timingSafeEqual(right, given);
    });
  if (keys.writing.some(isSignedWith)) return 'write';
  if (keys.reading.some(isSignedWith)) return 'read';
  if (keys.areClosed)
    throw refuse('Local Authorization is disabled. Use an AAD token to authorize all requests.', 5202);
  throw refuse(
    "The input authorization token can't serve the request. The wrong key is being used, or the expected payload was built in another way than this protocol's. Check the key of the account.",
  );
};
