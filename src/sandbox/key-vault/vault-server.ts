// One vault on a listener of its own: challenge, token, permission, operation, in this order.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { Bearer } from '../access-token.ts';
import type { GateAnswer, GateQuestion } from '../gate.ts';
import { requestAuthority } from '../request-authority.ts';
import type { SecretPermission } from '../sandbox.ts';
import type { StoreFrame, StoreServer } from '../store-program.ts';
import { createVaultBearer, vaultAudience } from './bearer.ts';
import type { VaultOrder } from './message.ts';
import { type Ask, type VaultOperation, vaultOperations } from './operation.ts';
import type { VaultWords } from './secret-body.ts';
import { openSecretFile } from './secret-file.ts';
import { VaultError } from './vault-error.ts';

type VaultAnswer = GateAnswer<SecretPermission>;

/** A vault that is served. */
export type VaultServer = StoreServer<VaultOrder> & { renew(order: VaultOrder): void };

const longestBody = 65_536;
const pageSize = 25;

const readBody = async (request: IncomingMessage): Promise<JsonObject> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestBody)
      throw new VaultError(413, 'RequestEntityTooLarge', `A body is at most ${longestBody} bytes.`);
    chunks.push(chunk);
  }
  if (bytes === 0) return {};
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (isJsonObject(body)) return body;
  } catch {
    // Said below: what is not JSON and what is no object are one mistake.
  }
  throw new VaultError(400, 'BadParameter', 'The body must be a JSON object.');
};

const findOperation = (method: string, path: string): { operation: VaultOperation; groups: Record<string, string> } => {
  for (const operation of vaultOperations) {
    const found = operation.method === method ? operation.path.exec(path) : null;
    if (found) return { operation, groups: found.groups ?? {} };
  }
  throw new VaultError(
    501,
    'NotImplemented',
    `The sandbox's Key Vault does not do '${method} ${path}'. It keeps secrets: set, get, update, list, versions, delete, recover, purge. Keys, certificates and backups are not there.`,
  );
};

const decoded = (text: string | undefined): string => {
  try {
    return decodeURIComponent(text ?? '');
  } catch {
    throw new VaultError(400, 'BadParameter', 'The path is not encoded as a URL is.');
  }
};

const pageAsk = (query: URLSearchParams): Ask['page'] => {
  const asked = query.get('maxresults');
  const limit = asked === null ? pageSize : Number(asked);
  if (!Number.isInteger(limit) || limit < 1 || limit > pageSize)
    throw new VaultError(400, 'BadParameter', `maxresults is a whole number from 1 to ${pageSize}.`);
  return { after: query.get('$skiptoken') ?? '', limit };
};

const demand = (vault: string, operation: VaultOperation, bearer: Bearer, answer: VaultAnswer | null): void => {
  if (!answer)
    throw new VaultError(503, 'ServiceUnavailable', 'Who may do what is not known at the moment. Try again.');
  if (answer.permissions === null)
    throw new VaultError(
      401,
      'Unauthorized',
      `The principal '${bearer.objectId}' of the token does not exist any more.`,
    );
  if (answer.permissions.includes(operation.permission)) return;
  throw new VaultError(
    403,
    'Forbidden',
    `The user, group or application 'appid=${bearer.applicationId};oid=${bearer.objectId}' does not have secrets ${operation.permission} permission on key vault '${vault}'. Give it one in the vault's access policies, or a role such as Key Vault Secrets User where the vault uses roles.`,
    'AccessDenied',
  );
};

/** Serves a vault; resolves once it accepts connections. */
export const serveVault = async (first: VaultOrder, { ask, onTrouble }: StoreFrame): Promise<VaultServer> => {
  const { name } = first;
  const host = `${name}.vault.azure.net`;
  const wordsOf = ({ retentionDays, purgeProtection }: VaultOrder): VaultWords => ({
    host,
    retentionDays,
    purgeProtection,
  });
  let vault = wordsOf(first);
  const readBearer = createVaultBearer({ ...first, host });
  const file = openSecretFile(join(first.folder, 'secrets.sqlite'), name, Buffer.from(first.sealKey, 'base64'));
  const question = (objectId: string | null) =>
    ask({ store: name, objectId } satisfies GateQuestion) as Promise<VaultAnswer | null>;

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: JsonObject | undefined }> => {
    const url = new URL(request.url ?? '/', `https://${requestAuthority(request.headers.host, host)}`);
    const bearer = await readBearer(request.headers.authorization);
    const permitted = await question(bearer.objectId);
    const { operation, groups } = findOperation(request.method ?? '', url.pathname);
    demand(name, operation, bearer, permitted);
    if (!/^\d[\w.-]*$/.test(url.searchParams.get('api-version') ?? ''))
      throw new VaultError(400, 'BadParameter', "The query parameter 'api-version' is required, such as 2025-07-01.");
    const page = pageAsk(url.searchParams);
    const body = await readBody(request);
    const now = Math.floor(Date.now() / 1000);
    file.purgeDue(now);
    const version = groups.version === undefined ? null : decoded(groups.version);
    const done = operation.run({ file, vault, name: decoded(groups.name), version, body, page, now });
    if (!done.page) return { status: done.status ?? 200, body: done.body };
    const { value, next } = done.page;
    if (next === null) return { status: 200, body: { value, nextLink: null } };
    url.searchParams.set('$skiptoken', next);
    return { status: 200, body: { value, nextLink: url.href } };
  };

  const challenge = async (error: VaultError): Promise<Record<string, string>> => {
    if (error.status !== 401) return {};
    const authority = (await question(null))?.authority ?? 'https://login.microsoftonline.com';
    return {
      'www-authenticate': `Bearer authorization="${authority}/${first.tenantId}", resource="${vaultAudience}"`,
    };
  };

  const refuse = async (error: unknown): Promise<{ status: number; headers: Record<string, string>; body: object }> => {
    if (!(error instanceof VaultError)) {
      onTrouble(error);
      return refuse(new VaultError(500, 'InternalServerError', "The vault failed; Postern's log says why."));
    }
    const { status, code, message, inner } = error;
    const body = { error: { code, message, ...(inner && { innererror: { code: inner } }) } };
    return { status, headers: await challenge(error), body };
  };

  const send = (response: ServerResponse, status: number, headers: Record<string, string>, body: unknown): void => {
    const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
    response.writeHead(status, {
      ...headers,
      ...type,
      'cache-control': 'no-cache',
      'x-ms-keyvault-service-version': 'postern',
    });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };

  const server = createServer({ ...first.certificate, minVersion: 'TLSv1.2' }, (request, response) => {
    answer(request)
      .then(({ status, body }) => send(response, status, {}, body))
      .catch(async (error: unknown) => {
        const { status, headers, body } = await refuse(error);
        // What was not read of a body must not be taken for the next request.
        send(response, status, request.complete ? headers : { ...headers, connection: 'close' }, body);
      })
      .catch((error: unknown) => {
        onTrouble(error);
        response.destroy();
      });
  });
  server.keepAliveTimeout = 65_000;
  server.requestTimeout = 30_000;
  try {
    server.listen(first.ports.vault, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    ports: { vault: (server.address() as AddressInfo).port },
    renew: (order) => {
      vault = wordsOf(order);
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      file.close();
    },
  };
};
