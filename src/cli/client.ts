// The HTTP client of the command: tokens, api-versions and errors of a running Postern, from its connection file.
import { readFile } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import path from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Connection } from '../main.ts';
import { CommandError } from './command-error.ts';

/** What came back: the JSON body, `{}` where there was none. */
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: JsonObject };

/** A caller of one Postern, as one principal. */
export type Client = {
  connection: Connection;
  /** Asks, and answers with whatever came back. */
  send(method: string, path: string, body?: Json): Promise<Answer>;
  /** Asks, and throws a `CommandError` with Azure's code and message for a status of 400 or more. */
  call(method: string, path: string, body?: Json): Promise<JsonObject>;
  /** An access token for another audience than Postern's own API, as `https://vault.azure.net/.default`. */
  token(scope: string): Promise<{ token: string; expiresOnTimestamp: number }>;
  /** The same Postern as another principal. */
  as(credentials: { clientId: string; clientSecret: string }): Client;
  close(): void;
};

/** Reads the connection file of a data folder; says how to start Postern where there is none. */
export const readConnection = async (dataDir: string): Promise<Connection> => {
  const file = path.join(dataDir, 'connection.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Connection;
  } catch (cause) {
    throw new CommandError(
      `No Postern serves the data folder ${dataDir}: ${file} cannot be read. Start one with \`postern up --data ${dataDir}\`.`,
      { cause },
    );
  }
};

const exchange = (agent: Agent, method: string, url: string, headers: Record<string, string>, body?: string) =>
  new Promise<Answer>((resolve, reject) => {
    const request = httpsRequest(url, { agent, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        let parsed: unknown = {};
        try {
          parsed = text === '' ? {} : JSON.parse(text);
        } catch {
          parsed = { error: { code: 'NotJson', message: text.slice(0, 200) } };
        }
        const status = response.statusCode ?? 0;
        resolve({ status, headers: response.headers, body: isJsonObject(parsed) ? parsed : { value: parsed as Json } });
      });
    });
    request.on('error', reject);
    request.end(body);
  });

const unreachable = (connection: Connection, cause: unknown) =>
  new CommandError(
    `Postern does not answer at ${connection.armEndpoint}. Is it running? Start it with \`postern up\` on the same data folder.`,
    { cause },
  );

/** A client for the Postern that `connection` tells of. Tokens are fetched when needed and kept until they end. */
export const connect = async (connection: Connection): Promise<Client> => {
  const agent = new Agent({ keepAlive: true, ca: await readFile(connection.caFile) });
  const build = (credentials: { clientId: string; clientSecret: string }): Client => {
    let known: { token: string; expiresOnTimestamp: number } | null = null;

    const token = async (scope: string) => {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: credentials.clientId,
        client_secret: credentials.clientSecret,
        scope,
      });
      const url = `${connection.authorityHost}/${connection.tenantId}/oauth2/v2.0/token`;
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await exchange(agent, 'POST', url, headers, form.toString());
      if (answer.status !== 200)
        throw new CommandError(`Sign-in failed: ${answer.body.error_description ?? answer.body.error}`);
      const expiresOnTimestamp = Date.now() + Number(answer.body.expires_in) * 1000;
      return { token: String(answer.body.access_token), expiresOnTimestamp };
    };

    const authorize = async () => {
      if (known && known.expiresOnTimestamp > Date.now() + 60_000) return known.token;
      known = await token(`${connection.armEndpoint}/.default`);
      return known.token;
    };

    const send = async (method: string, place: string, body?: Json): Promise<Answer> => {
      const url = place.startsWith('https:') ? place : `${connection.armEndpoint}${place}`;
      try {
        const headers: Record<string, string> = { authorization: `Bearer ${await authorize()}` };
        if (body !== undefined) headers['content-type'] = 'application/json';
        return await exchange(agent, method, url, headers, body === undefined ? undefined : JSON.stringify(body));
      } catch (error) {
        if (error instanceof CommandError) throw error;
        throw unreachable(connection, error);
      }
    };

    const call = async (method: string, place: string, body?: Json): Promise<JsonObject> => {
      const answer = await send(method, place, body);
      if (answer.status < 400) return answer.body;
      const error = isJsonObject(answer.body.error) ? answer.body.error : {};
      throw new CommandError(`${error.message ?? `status ${answer.status}`}`, {
        code: String(error.code ?? answer.status),
      });
    };

    return { connection, send, call, token, as: build, close: () => agent.destroy() };
  };
  return build(connection);
};
