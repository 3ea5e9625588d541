import { Connection } from 'tedious';
import { withRetry } from '../retry.ts';
import { LoginRefused, troubleOf } from './failure.ts';
import type { Login } from './login.ts';

const tryOnce = (login: Login, signal: AbortSignal): Promise<Connection> => {
  const { host, port, database, credential, isStrict, certificateName, timeoutMs } = login;
  const connection = new Connection({
    server: host,
    authentication:
      credential.kind === 'token'
        ? { type: 'azure-active-directory-access-token', options: { token: credential.token } }
        : { type: 'default', options: { userName: credential.user, password: credential.password } },
    options: {
      database,
      port,
      encrypt: isStrict ? 'strict' : true,
      // Checked against the authorities that this process trusts, for the name that was asked for.
      trustServerCertificate: false,
      ...(certificateName !== undefined && { serverName: certificateName }),
      connectTimeout: timeoutMs,
      requestTimeout: 0,
      // `withRetry` knows better than the client which failures are worth another try.
      maxRetriesOnTransientErrors: 0,
      useUTC: true,
      appName: 'Postern',
    },
  });
  let number: number | undefined;
  connection.on('errorMessage', (message: { number: number }) => {
    number = message.number;
  });
  // What breaks while nothing is asked is found out with the next request.
  connection.on('error', () => {});
  return new Promise<Connection>((resolve, reject) => {
    // A client that is closed while it connects says so only when its time is over.
    const stop = () => {
      connection.close();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    connection.connect((error) => {
      signal.removeEventListener('abort', stop);
      if (!error) resolve(connection);
      else reject((error as { code?: string }).code === 'ELOGIN' ? new LoginRefused(error, number) : error);
    });
  });
};

/** Connects, and logs in. A server that says that it is busy is asked again. Errors are the client's own, or `LoginRefused`. */
export const connectTo = (login: Login, signal: AbortSignal): Promise<Connection> =>
  withRetry(() => tryOnce(login, signal), troubleOf, signal);
