// What the client threw, as a failure with a code that a person can look up. Its own words stay a detail. Pure.
import { ActivityError, type FailureDetail, messageOf } from '../../base/error.ts';
import { adviceOnCertificate } from '../certificate.ts';
import { wayCode } from '../http.ts';
import type { Trouble } from '../retry.ts';
import type { Credential } from './account.ts';

/** What was tried, at which account, in which database, and in which container if in one. */
export type Attempt = {
  endpoint: string;
  credential: Credential;
  database: string;
  container: string | undefined;
  doing: 'read' | 'write';
};

type Thrown = { code?: number | string; substatus?: number; body?: { message?: string }; cause?: { code?: string } };

const missingOwner = 1003;
const lost = 'Lost:';

/**
 * Puts a lost connection under a code that the client does not know, so that it is left to `withRetry`. So it is with an
 * answer that is no JSON, of something on the way that speaks for the store: the client stumbles over it.
 */
export const markLost = (error: unknown): void => {
  const { code } = error as Thrown;
  if (error instanceof SyntaxError || error instanceof TypeError) Object.assign(error, { code: `${lost}NoJson` });
  if (typeof code === 'string' && /^(E[A-Z]+|REQUEST_SEND_ERROR|PARSE_ERROR|TimeoutError)$/.test(code))
    (error as Thrown).code = `${lost}${wayCode(code)}`;
};

const lostCode = (code: unknown): string | undefined =>
  typeof code === 'string' && code.startsWith(lost) ? code.slice(lost.length) : undefined;

/** One line, at most 500 characters, without the signature that a request carried. */
const shown = (text: string): string =>
  text
    .replace(/eyJ[\w-]+\.[\w.-]+/g, '...')
    .replace(/sig(=|%3d)[^&\s"]*/gi, 'sig=...')
    .replace(/AccountKey=[^;\s]*/gi, 'AccountKey=...')
    .replace(/\s+/g, ' ')
    .slice(0, 500);

/** Whether the connection was refused, or lost on the way. */
export const isLost = (error: unknown): boolean => lostCode((error as Thrown).code) !== undefined;

/** How a failed read, or a failed write that may be done twice, is best treated. */
export const troubleOf = (error: unknown): Trouble => {
  const { code } = error as Thrown;
  if (typeof code === 'number') return [408, 429, 449, 500, 503].includes(code) ? 'busy' : 'final';
  return isLost(error) ? 'refused' : 'final';
};

/** The same of a read: the client itself has waited where the store asked for it. */
export const readTroubleOf = (error: unknown): Trouble => ((error as Thrown).code === 429 ? 'final' : troubleOf(error));

/** The same of an insert: it is tried again only where the store says that nothing was done. */
export const insertTroubleOf = (error: unknown): Trouble =>
  [429, 449].includes(Number((error as Thrown).code)) ? 'busy' : 'final';

/** Whether the store says that the database or the container is not there. */
export const isOwnerMissing = (error: unknown): boolean => {
  const { code, substatus } = error as Thrown;
  return code === 404 && (substatus === undefined || substatus === 0 || substatus === missingOwner);
};

const detailOf = (error: Error & Thrown, endpoint: string): FailureDetail & { host: string } => {
  const code = String(lostCode(error.code) ?? error.code ?? error.cause?.code ?? 'Unknown');
  return {
    code: code.replace(/[^\w.-]/g, '').slice(0, 100) || 'Unknown',
    message: shown(error.body?.message ?? messageOf(error)),
    host: new URL(endpoint).hostname,
  };
};

/** Whose the token is and what it lacks, where a token was refused. */
const remedyOfToken = (status: number, detail: FailureDetail, { credential, endpoint, doing }: Attempt) => {
  if (credential.kind !== 'token' || (status !== 401 && status !== 403)) return undefined;
  if (status === 401)
    return `The token of ${credential.holder} was not taken: ${detail.message} It is good until ${credential.expiresAt}, and a job gets no second one.`;
  const role = `Cosmos DB Built-in Data ${doing === 'write' ? 'Contributor' : 'Reader'}`;
  return `The store forbids this. Give ${credential.holder} the role ${role} by a sqlRoleAssignment of '${new URL(endpoint).hostname.split('.')[0]}'. (${detail.message})`;
};

const remedyOf = (status: number, detail: FailureDetail, attempt: Attempt): string => {
  const { doing } = attempt;
  const ofToken = remedyOfToken(status, detail, attempt);
  if (ofToken !== undefined) return ofToken;
  if (status === 401) return 'The store refused the credential: check AccountKey in the linked service.';
  if (status === 403)
    return doing === 'write'
      ? 'The store forbids this: the key may be a read-only one, or the firewall of the account does not let this network in.'
      : 'The store forbids this: check the key, and whether the firewall of the account lets this network in.';
  if (status === 409)
    return `There is a document already with the same id, or the same value of a unique key, in its partition: use writeBehavior upsert, or remove it first. (${detail.message})`;
  if (status === 413) return 'A document is larger than 2 MB: leave columns out by a mapping.';
  if (status === 429)
    return 'The store asks for patience still: raise the throughput of the container, or copy less at once.';
  if (status === 400 && doing === 'read')
    return `The query in the source is not one that the store understands: ${detail.message}`;
  return `The store answered ${status}: ${detail.message}`;
};

/** The failure that a person sees for `error`; `missing` is what is not there, where something is not. */
export const cosmosFailure = (error: unknown, attempt: Attempt, missing?: 'database' | 'container'): unknown => {
  if (!(error instanceof Error) || error instanceof ActivityError || error.name === 'AbortError') return error;
  const { endpoint, database, container } = attempt;
  const thrown = error as Error & Thrown;
  const detail = detailOf(thrown, endpoint);
  const within = container === undefined ? '' : `, collection: ${container}`;
  const place = `Account: ${endpoint}, database: ${database}${within}.`;
  const fail = (errorCode: string, message: string) =>
    new ActivityError(errorCode, message, { details: [detail], cause: error });
  if (missing === 'database')
    return fail(
      'UserErrorCosmosDbDatabaseNotFound',
      `The database '${database}' does not exist. ${place} Create it, or correct Database in the linked service.`,
    );
  if (missing === 'container')
    return fail(
      'UserErrorCosmosDbCollectionNotFound',
      `The collection '${container}' does not exist. ${place} Create it with the partition key that you want, or correct collectionName in the dataset.`,
    );
  if (typeof thrown.code !== 'number') {
    const advice = adviceOnCertificate(detail.code);
    return fail(
      'CosmosDbSqlApiOperationFailed',
      `CosmosDbSqlApi operation failed. ${place} Unable to connect to the remote server ${detail.host} (${detail.code}).${advice ? ` ${advice}` : ''}`,
    );
  }
  return fail(
    'CosmosDbSqlApiOperationFailed',
    `CosmosDbSqlApi operation failed. ${place} ${remedyOf(thrown.code, detail, attempt)}`,
  );
};
