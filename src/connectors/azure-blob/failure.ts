// What the client threw, as a failure with Azure's code. Its own words stay a detail, and never carry a secret. Pure.
import { ActivityError } from '../../base/error.ts';
import { answerOf } from '../azure-storage/failure.ts';
import { fileFailure } from '../file-error.ts';
import { MissingError } from '../missing-error.ts';

/** What was tried: at which endpoint, on which container and path, and whether the copy reads or writes there. */
export type Attempt = { container: string; path: string; doing: 'read' | 'write' | 'create the container' };

/** The failure where no such blob is. */
export const blobMissing = (place: string, more: ConstructorParameters<typeof MissingError>[2] = {}): MissingError =>
  new MissingError('UserErrorSourceBlobNotExist', `The required Blob is missing. ${place}`, more);

/** The failure that a person sees for `error`. */
export const blobFailure = (error: unknown, endpoint: string, attempt: Attempt): unknown => {
  if (!(error instanceof Error) || error instanceof ActivityError) return error;
  const { code, status, refusesCredential, trouble, way, detail } = answerOf(error, endpoint);
  const place = `ContainerName: ${endpoint}/${attempt.container}, path: ${attempt.path}.`;
  const fail = (errorCode: string, message: string) =>
    fileFailure(trouble, errorCode, message, { details: [detail], cause: error });

  if (status === undefined) return fail('AzureBlobOperationFailed', `Blob operation Failed. ${place} ${way}`);
  if (attempt.doing === 'create the container')
    return fail(
      'AzureBlobFailedToCreateContainer',
      `Unable to create Azure Blob container. Endpoint: ${endpoint}, Container Name: ${attempt.container}. (${code})`,
    );
  if (status === 404 && attempt.doing === 'read') return blobMissing(place, { details: [detail], cause: error });
  const why = refusesCredential
    ? `The store refused the credential (${code}): check the key, the signature or the identity in the linked service.`
    : status === 412
      ? `The blob was changed by somebody else meanwhile (${code}): run the activity again.`
      : `The store answered ${status} (${code}).`;
  return fail('AzureBlobOperationFailed', `Blob operation Failed. ${place} ${why}`);
};
