// What the client threw, as a failure with Azure's code. Its own words stay a detail, and never carry a secret. Pure.
import { ActivityError } from '../../base/error.ts';
import { answerOf } from '../azure-storage/failure.ts';
import { adviceOnCertificate } from '../certificate.ts';
import { fileFailure } from '../file-error.ts';
import { MissingError } from '../missing-error.ts';

/** What was tried, on which file system and path. */
export type Attempt = { fileSystem: string; path: string; doing: 'read' | 'write' };

/** The place of an attempt, for messages. */
export const placeOf = (endpoint: string, { fileSystem, path }: Omit<Attempt, 'doing'>): string =>
  `Account: '${new URL(endpoint).hostname.split('.')[0]}'. FileSystem: '${fileSystem}'. Path: '${path}'.`;

/** The failure where no such path is. */
export const pathMissing = (place: string, more: ConstructorParameters<typeof MissingError>[2] = {}): MissingError =>
  new MissingError('UserErrorFileNotFound', `ADLS Gen2 operation failed: the path does not exist. ${place}`, more);

/** The failure that a person sees for `error`. */
export const lakeFailure = (error: unknown, endpoint: string, attempt: Attempt): unknown => {
  if (!(error instanceof Error) || error instanceof ActivityError) return error;
  const { code, status, refusesCredential, trouble, way, detail } = answerOf(error, endpoint);
  const place = placeOf(endpoint, attempt);
  const more = { details: [detail], cause: error };
  const fail = (errorCode: string, message: string) => fileFailure(trouble, errorCode, message, more);

  if (status === undefined) {
    const advice = adviceOnCertificate(code) ? '' : ' Data Lake needs two private endpoints, dfs and blob.';
    return fail('ADLSGen2OperationFailed', `ADLS Gen2 operation failed. ${way}${advice} ${place}`);
  }
  if (refusesCredential)
    return fail(
      'ADLSGen2ForbiddenError',
      `ADLS Gen2 failed for forbidden: the store refused the credential (${code}): check the key, the signature or the identity in the linked service. ${place}`,
    );
  if (code === 'FilesystemNotFound' || code === 'ContainerNotFound')
    return attempt.doing === 'read'
      ? pathMissing(`The file system does not exist. ${place}`, more)
      : fail(
          'ADLSGen2OperationFailed',
          `ADLS Gen2 operation failed: the file system '${attempt.fileSystem}' does not exist (${code}): create it, or correct fileSystem in the dataset. ${place}`,
        );
  if (status === 404 && attempt.doing === 'read') return pathMissing(place, more);
  const why =
    status === 412
      ? `the file was changed by somebody else meanwhile (${code}): run the activity again`
      : `the store answered ${status} (${code})`;
  return fail('ADLSGen2OperationFailed', `ADLS Gen2 operation failed: ${why}. ${place}`);
};
