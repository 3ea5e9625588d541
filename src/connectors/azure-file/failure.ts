// What the client threw, as a failure that a person can act on. Its own words stay a detail, and never carry a secret. Pure.
import { ActivityError } from '../../base/error.ts';
import { answerOf } from '../azure-storage/failure.ts';
import { fileFailure } from '../file-error.ts';
import { MissingError } from '../missing-error.ts';

/** What was tried, on which share and path. */
export type Attempt = { share: string; path: string; doing: 'read' | 'write' };

/** The place of an attempt, for messages. */
export const placeOf = (endpoint: string, { share, path }: Omit<Attempt, 'doing'>): string =>
  `Share: ${endpoint}/${share}, path: ${path}.`;

/** The failure where no such file is. */
export const fileMissing = (place: string, more: ConstructorParameters<typeof MissingError>[2] = {}): MissingError =>
  new MissingError('UserErrorFileNotFound', `Cannot find the required file or folder in Azure Files. ${place}`, more);

const advice: Readonly<Record<string, string>> = {
  InvalidResourceName: 'a name in the path is not one that Azure Files take: none of " \\ : | < > * ?',
  ShareSizeLimitReached: 'the share is full: raise its quota',
};

/** The failure that a person sees for `error`. */
export const shareFailure = (error: unknown, endpoint: string, attempt: Attempt): unknown => {
  if (!(error instanceof Error) || error instanceof ActivityError) return error;
  const { code, status, refusesCredential, trouble, way, detail } = answerOf(error, endpoint);
  const place = placeOf(endpoint, attempt);
  const more = { details: [detail], cause: error };
  const fail = (why: string) =>
    fileFailure(trouble, 'AzureFileOperationFailed', `Azure Files operation failed. ${place} ${why}`, more);

  if (status === undefined) return fail(way);
  if (refusesCredential)
    return fail(
      `The store refused the credential (${code}): check the key, the signature or the identity in the linked service.`,
    );
  if (code === 'ShareNotFound' && attempt.doing === 'write')
    return fail(`The share does not exist (${code}): create it, or correct fileShare in the linked service.`);
  if (status === 404 && attempt.doing === 'read') return fileMissing(place, more);
  const why = advice[code];
  return fail(`The store answered ${status} (${code})${why ? `: ${why}` : ''}.`);
};
