// What a client of a storage account threw, read the same way for all of its sub-resources. Pure.
import { ActivityError, type FailureDetail, messageOf } from '../../base/error.ts';
import { adviceOnCertificate } from '../certificate.ts';
import { FileError, type FileTrouble, fileFailure } from '../file-error.ts';
import { wayCode } from '../http.ts';
import type { Trouble } from '../retry.ts';
import type { Account } from './account.ts';

type Thrown = {
  statusCode?: number;
  code?: string;
  details?: { errorCode?: string };
  cause?: { code?: string };
  request?: { url?: string };
  response?: { headers?: { get?(name: string): string | undefined } };
};

const authenticationCodes = new Set([
  'AuthenticationFailed',
  'AuthorizationFailure',
  'AuthorizationPermissionMismatch',
  'AuthorizationSourceIPMismatch',
  'InvalidAuthenticationInfo',
  'NoAuthenticationInformation',
  'PublicAccessNotPermitted',
]);

/** The store takes no file of that name. */
const nameCodes = new Set(['InvalidResourceName', 'OutOfRangeInput', 'InvalidUri', 'InvalidPath']);

/** Signatures and keys out, one line, at most 500 characters. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/([?&;]|^)(sig|se|sp|sv|skoid|sktid)=[^&\s;]*/gi, '$1$2=...')
    .replace(/(AccountKey|SharedAccessSignature|SharedKey [^:\s]+)[=:][^;\s]*/gi, '$1=...')
    .replace(/\s+/g, ' ')
    .slice(0, 500);

const codeOf = (error: unknown): string | undefined => {
  const { code, cause } = error as Thrown;
  return code !== undefined && code !== 'REQUEST_SEND_ERROR' ? wayCode(code) : cause?.code;
};

const isRestError = (error: unknown) => error instanceof Error && error.name === 'RestError';

/** How a failed call is best treated. */
export const troubleOf = (error: unknown): Trouble => {
  const { statusCode } = error as Thrown;
  if (statusCode === undefined) return isRestError(error) && !adviceOnCertificate(codeOf(error)) ? 'refused' : 'final';
  return [408, 429, 500, 502, 503, 504].includes(statusCode) ? 'busy' : 'final';
};

/** What the store, or the way to it, said. */
export type Answer = {
  /** The store's own code, or the connection's (`ECONNRESET`). */
  code: string;
  /** Undefined where nobody answered. */
  status: number | undefined;
  refusesCredential: boolean;
  /** What may be wrong with the one file that was asked for. */
  trouble: FileTrouble | undefined;
  /** Where nobody answered: that, and why. */
  way: string;
  /** The client's own words, without secrets. */
  detail: FailureDetail & { host: string };
};

/** Reads what was thrown while `endpoint` was asked. */
export const answerOf = (error: Error, endpoint: string): Answer => {
  const thrown = error as Error & Thrown;
  const code =
    thrown.details?.errorCode ?? codeOf(thrown) ?? thrown.response?.headers?.get?.('x-ms-error-code') ?? 'Unknown';
  // A Data Lake client asks two hosts.
  const host = (URL.parse(thrown.request?.url ?? '') ?? new URL(endpoint)).hostname;
  const shown = code.replace(/[^\w.-]/g, '').slice(0, 100) || 'Unknown';
  const advice = adviceOnCertificate(code);
  const refusesCredential = authenticationCodes.has(code) || thrown.statusCode === 401 || thrown.statusCode === 403;
  return {
    code,
    trouble: refusesCredential
      ? 'forbidden'
      : thrown.statusCode === 412
        ? 'changed'
        : nameCodes.has(code)
          ? 'invalidName'
          : undefined,
    way: `Unable to connect to the remote server ${host} (${shown}).${advice ? ` ${advice}` : ''}`,
    status: thrown.statusCode,
    refusesCredential,
    detail: { code: shown, message: withoutSecrets(messageOf(error)), host },
  };
};

const roles: Readonly<Record<string, string>> = {
  blob: 'Storage Blob Data',
  dfs: 'Storage Blob Data',
  table: 'Storage Table Data',
  file: 'Storage File Data Privileged',
};

/** Adds to the failure of an identity whose it is and what it lacks. Others stay as they are. */
export const explainIdentity = (failure: unknown, { endpoint, credential }: Account): unknown => {
  if (!(failure instanceof ActivityError) || credential.kind !== 'token') return failure;
  const [account, service = 'blob'] = new URL(endpoint).hostname.split('.');
  const role = roles[service] ?? roles.blob;
  const more: Readonly<Record<string, string>> = {
    AuthorizationPermissionMismatch: `Give ${credential.holder} a role on the storage account '${account}': ${role} Reader to read, ${role} Contributor to write.`,
    InvalidAuthenticationInfo: `The token of ${credential.holder} was not taken. It is good until ${credential.expiresAt}, and a job gets no second one.`,
  };
  const words = more[failure.details[0]?.code ?? ''];
  if (!words) return failure;
  const { errorCode, failureType, details } = failure;
  const trouble = failure instanceof FileError ? failure.trouble : undefined;
  return fileFailure(trouble, errorCode, `${failure.message} ${words}`, { failureType, details, cause: failure });
};
