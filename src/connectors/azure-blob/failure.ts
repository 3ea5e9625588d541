// What the client threw, as a failure with Azure's code. Its own words stay a detail, and never carry a secret. Pure.
import { ActivityError, messageOf } from '../../base/error.ts';
import type { Trouble } from '../retry.ts';

/** What was tried: at which endpoint, on which container and path, and whether the copy reads or writes there. */
export type Attempt = { container: string; path: string; doing: 'read' | 'write' | 'create the container' };

type Thrown = { statusCode?: number; code?: string; details?: { errorCode?: string }; cause?: { code?: string } };

const authenticationCodes = new Set([
  'AuthenticationFailed',
  'AuthorizationFailure',
  'AuthorizationPermissionMismatch',
  'AuthorizationSourceIPMismatch',
  'InvalidAuthenticationInfo',
  'NoAuthenticationInformation',
  'PublicAccessNotPermitted',
]);

const storeCode = (error: Thrown): string =>
  error.details?.errorCode ??
  (error.code && error.code !== 'REQUEST_SEND_ERROR' ? error.code : undefined) ??
  error.cause?.code ??
  'Unknown';

/** Signatures and keys out, one line, at most 500 characters. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/([?&;]|^)(sig|se|sp|sv|skoid|sktid)=[^&\s;]*/gi, '$1$2=...')
    .replace(/(AccountKey|SharedAccessSignature|SharedKey [^:\s]+)[=:][^;\s]*/gi, '$1=...')
    .replace(/\s+/g, ' ')
    .slice(0, 500);

/** The connection ended in the middle of an answer. */
export class BrokenDownload extends Error {
  readonly code: string;

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.code = (cause as Thrown | undefined)?.code ?? 'ConnectionEnded';
  }
}

const isRestError = (error: unknown) => error instanceof Error && error.name === 'RestError';

/** How a failed call is best treated. */
export const troubleOf = (error: unknown): Trouble => {
  const { statusCode } = error as Thrown;
  if (statusCode === undefined) return error instanceof BrokenDownload || isRestError(error) ? 'refused' : 'final';
  return [408, 429, 500, 502, 503, 504].includes(statusCode) ? 'busy' : 'final';
};

/** The failure that a person sees for `error`. */
export const blobFailure = (error: unknown, endpoint: string, attempt: Attempt): unknown => {
  if (!(error instanceof Error) || error instanceof ActivityError) return error;
  const thrown = error as Thrown;
  const code = storeCode(thrown);
  const host = new URL(endpoint).hostname;
  const detail = {
    code: code.replace(/[^\w.-]/g, '').slice(0, 100) || 'Unknown',
    message: withoutSecrets(messageOf(error)),
    host,
  };
  const place = `ContainerName: ${endpoint}/${attempt.container}, path: ${attempt.path}.`;
  const fail = (errorCode: string, message: string) =>
    new ActivityError(errorCode, message, { details: [detail], cause: error });

  if (thrown.statusCode === undefined)
    return fail(
      'AzureBlobOperationFailed',
      `Blob operation Failed. ${place} Unable to connect to the remote server ${host} (${detail.code}).`,
    );
  if (attempt.doing === 'create the container')
    return fail(
      'AzureBlobFailedToCreateContainer',
      `Unable to create Azure Blob container. Endpoint: ${endpoint}, Container Name: ${attempt.container}. (${code})`,
    );
  if (thrown.statusCode === 404 && attempt.doing === 'read')
    return fail('UserErrorSourceBlobNotExist', `The required Blob is missing. ${place}`);
  const why =
    authenticationCodes.has(code) || thrown.statusCode === 401 || thrown.statusCode === 403
      ? `The store refused the credential (${code}): check the key or the signature in the linked service.`
      : thrown.statusCode === 412
        ? `The blob was changed by somebody else meanwhile (${code}): run the activity again.`
        : `The store answered ${thrown.statusCode} (${code}).`;
  return fail('AzureBlobOperationFailed', `Blob operation Failed. ${place} ${why}`);
};
