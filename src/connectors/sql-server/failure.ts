// What the client threw, as a failure with Azure's code that says what to change. Pure.
import { ActivityError, messageOf } from '../../base/error.ts';
import { adviceOnCertificate } from '../certificate.ts';
import { SilentServer } from '../database/guard.ts';
import type { Trouble } from '../retry.ts';
import type { Login } from './login.ts';

type Thrown = Error & { code?: string; number?: number; errors?: unknown[]; cause?: Error & { code?: string } };

/** Numbers of SQL that another try may mend: a database that moves, is throttled or is out of reach for a moment. */
const passing = new Set([
  233, 921, 1204, 1205, 1222, 8645, 8651, 10053, 10054, 10060, 10928, 10929, 40143, 40197, 40501, 40540, 40613, 41301,
  41302, 41305, 41325, 41839, 49918, 49919, 49920,
]);

/** A value is longer than its column. */
const invalidLength = 4815;

/** The first of several errors says why. */
const first = (error: unknown): Thrown => {
  const thrown = error as Thrown;
  const [one] = Array.isArray(thrown.errors) ? thrown.errors : [];
  return one instanceof Error ? (one as Thrown) : thrown;
};

/** A refused login carries no number; the message before it on the wire does. */
export class LoginRefused extends Error {
  readonly code = 'ELOGIN';
  readonly number: number | undefined;

  constructor(cause: unknown, number: number | undefined) {
    super(messageOf(cause), { cause });
    this.number = number;
  }
}

/** Whether the connection was refused or lost: in the client's words, or, of a request that was under way, in the system's. */
const isLost = ({ code, number }: Thrown): boolean =>
  number === undefined && /^(ESOCKET|ECLOSE|ECONN\w+|EPIPE)$/.test(code ?? '');

/** How a failed call is best treated. */
export const troubleOf = (error: unknown): Trouble => {
  const thrown = first(error);
  const { number, cause } = thrown;
  if (number !== undefined) return passing.has(number) ? 'busy' : 'final';
  return isLost(thrown) && !adviceOnCertificate(cause?.code) ? 'refused' : 'final';
};

const adviceOnLogin = (number: number | undefined, { credential, database }: Login): string | undefined => {
  if (number === 18456 && credential.kind === 'token')
    return `The server did not let in ${credential.holder}: make it the server's Microsoft Entra administrator or, where the server has such users, one of '${database}'. Its token is good until ${credential.expiresAt}.`;
  if (number === 18456) return 'The server refused the user name or the password: check both in the linked service.';
  if (number === 4060)
    return 'The database does not exist, or the login may not open it: check it in the linked service.';
  if (number === 47073) return 'The server denies public access: it is reached by a private endpoint only.';
  return undefined;
};

const adviceOnWay = (thrown: Thrown): string => {
  return (
    adviceOnCertificate(thrown.cause?.code) ??
    'Check the linked service configuration is correct, and that a private endpoint leads to the server.'
  );
};

/** The failure that a person sees for `error`. `doing` is what was tried, in words that follow "Failed to". */
export const sqlFailure = (error: unknown, login: Login, doing: string): unknown => {
  if (!(error instanceof Error) || error instanceof ActivityError || error.name === 'AbortError') return error;
  const thrown = first(error);
  const { number } = thrown;
  const words = messageOf(thrown).replace(/\s+/g, ' ').slice(0, 1000);
  const isConnecting = doing === 'connect';
  const code =
    number !== undefined ? String(number) : (thrown.cause?.code ?? thrown.code ?? 'Unknown').replace(/[^\w.-]/g, '');
  const details = [{ code, message: words, host: login.host }];
  const { credential } = login;
  const user = credential.kind === 'token' ? credential.holder : credential.user;
  const place = `SQL Database: '${login.host},${login.port}', Database: '${login.database}', User: '${user}'`;
  if (isConnecting || isLost(thrown)) {
    const advice = adviceOnLogin(number, login) ?? (number === undefined ? adviceOnWay(thrown) : words);
    const shown = number === undefined ? code : `SqlErrorNumber=${number}`;
    return new ActivityError('SqlFailedToConnect', `Cannot connect to ${place}. ${advice} (${shown})`, {
      details,
      cause: error,
    });
  }
  if (thrown.code === 'ETIMEOUT' || thrown instanceof SilentServer) {
    const why = thrown instanceof SilentServer ? words : 'It took longer than its timeout.';
    return new ActivityError('SqlOperationFailed', `Failed to ${doing}. ${place}. ${why}`, { details, cause: error });
  }
  const shown = number === undefined ? '' : ` SqlErrorNumber=${number}`;
  return new ActivityError(
    number === invalidLength ? 'SqlBulkCopyInvalidColumnLength' : 'SqlOperationFailed',
    `A database operation failed with the following error: '${words}'.${shown}. Failed to ${doing}. ${place}.`,
    { details, cause: error },
  );
};
