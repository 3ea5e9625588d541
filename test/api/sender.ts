// Requests as they stand: any method, path, header and bytes, over HTTPS.
import { Agent, request } from 'node:https';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';

/** What came back. `body` is `{}` where no object came. */
export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  body: JsonObject & { error?: any };
  text: string;
};

/** Sends to one origin. */
export type Sender = {
  send(method: string, path: string, body?: object | string, headers?: Record<string, string>): Promise<Answer>;
  close(): void;
};

/** A sender that trusts `ca`. An object is sent as JSON; text as it is, as JSON unless `content-type` says otherwise. */
export const createSender = (origin: string, ca: Buffer): Sender => {
  const agent = new Agent({ keepAlive: true, ca });
  return {
    close: () => agent.destroy(),
    send: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(origin);
        const bytes =
          body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
        const asked = request(
          {
            agent,
            hostname,
            port,
            method,
            path: path.startsWith(origin) ? path.slice(origin.length) : path,
            headers: {
              ...(bytes && { 'content-type': 'application/json', 'content-length': bytes.length }),
              ...headers,
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => {
              const text = Buffer.concat(chunks).toString('utf8');
              const parsed: unknown = text === '' ? {} : JSON.parse(text);
              const shown = isJsonObject(parsed) ? parsed : {};
              resolve({ status: response.statusCode ?? 0, headers: response.headers, body: shown, text });
            });
          },
        );
        asked.on('error', reject);
        asked.end(bytes);
      }),
  };
};

/** A token for a principal, as client credentials. */
export const signIn = async (
  sender: Sender,
  tenantId: string,
  credentials: { clientId: string; clientSecret: string },
): Promise<string> => {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    scope: 'https://management.azure.com/.default',
  });
  const answer = await sender.send('POST', `/${tenantId}/oauth2/v2.0/token`, form.toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  });
  return String(answer.body.access_token);
};
