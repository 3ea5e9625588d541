// What the client threw, as a failure that says what to change. Pure.
import { ActivityError, messageOf } from '../../base/error.ts';
import { adviceOnCertificate } from '../certificate.ts';
import { SilentServer } from '../database/guard.ts';
import type { Trouble } from '../retry.ts';
import type { Login } from './login.ts';

type Thrown = Error & { code?: string; detail?: string; hint?: string; severity?: string };

/** Whether the server itself said it, by a state of five characters. */
const stateOf = (error: unknown): string | undefined => {
  const { code, severity } = error as Thrown;
  return severity !== undefined && code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

/** States that another try may mend: too many connections, starting or stopping, broken on the way. */
const passing = /^(08|53|57P0[123])/;

/** How a failed try to connect is best treated. */
export const troubleOf = (error: unknown): Trouble => {
  const state = stateOf(error);
  if (state !== undefined) return passing.test(state) ? 'busy' : 'final';
  const { code } = error as Thrown;
  return code !== undefined && /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET)/.test(code) ? 'refused' : 'final';
};

const adviceOnState = (state: string): string | undefined => {
  if (state === '28P01' || state === '28000')
    return 'The server refused the user name or the password: check both in the linked service.';
  if (state === '3D000') return 'There is no such database: correct it in the linked service.';
  if (state === '42501') return 'The user lacks a right that this needs: ask whoever owns the database for it.';
  return undefined;
};

const adviceOnWay = ({ code, message }: Thrown): string => {
  if (message.includes('does not support SSL'))
    return 'The server has no TLS: turn it on there, or say sslMode Disable in the linked service.';
  return (
    adviceOnCertificate(code) ??
    'Check the host and the port in the linked service, and that a private endpoint leads there.'
  );
};

/** The failure that a person sees for `error`. `doing` is what was tried, in words that follow "Failed to". */
export const postgresFailure = (error: unknown, login: Login, doing: string): unknown => {
  if (!(error instanceof Error) || error instanceof ActivityError || error.name === 'AbortError') return error;
  const thrown = error as Thrown;
  const state = stateOf(error);
  const words = [messageOf(error), thrown.detail, thrown.hint]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .slice(0, 1000);
  const isConnecting = doing === 'connect';
  const advice = state === undefined ? adviceOnWay(thrown) : adviceOnState(state);
  const code = (state ?? thrown.code ?? 'ConnectionEnded').replace(/[^\w.-]/g, '').slice(0, 100);
  const place = `PostgreSQL: '${login.host}:${login.port}', Database: '${login.database}', User: '${login.user}'`;
  if (error instanceof SilentServer)
    return new ActivityError('AzurePostgreSqlOperationFailed', `Failed to ${doing}. ${place}. ${words}`, {
      details: [{ code, message: words, host: login.host }],
      cause: error,
    });
  return new ActivityError(
    isConnecting || state === undefined ? 'AzurePostgreSqlFailedToConnect' : 'AzurePostgreSqlOperationFailed',
    isConnecting || state === undefined
      ? `Cannot connect to ${place}. ${advice ?? words} (${code})`
      : `Failed to ${doing}. ${place}. SQLSTATE ${code}: ${words}.${advice ? ` ${advice}` : ''}`,
    { details: [{ code, message: words, host: login.host }], cause: error },
  );
};
