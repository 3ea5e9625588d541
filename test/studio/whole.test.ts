// The Studio's server in a whole Postern: the links that the command prints, a run as it is told, and questions to a store
// that never answers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import type { JsonObject } from '../../src/base/json.ts';
import { createPrincipal, values } from '../../src/cli/identity.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';
import { adf, own, sealFactory, storage } from './studio-estate.ts';

let postern: RunningPostern;
let silent: Server;
const connected = new Set<Socket>();
let group: string;
const factoryId = () => `${group}/providers/Microsoft.DataFactory/factories/whole-factory`;
const accountId = () => `${group}/providers/Microsoft.Storage/storageAccounts/silentstore`;
const networkId = () => `${factoryId()}/managedVirtualNetworks/default`;
const put = (place: string, body: JsonObject) => postern.admin.call('PUT', place, body);
const reference = (type: string, referenceName: string) => ({ type, referenceName });

before(async () => {
  silent = createServer((socket) => {
    connected.add(socket);
    socket.resume().on('error', () => {});
    socket.once('close', () => connected.delete(socket));
  });
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as { port: number };
  postern = await startPosternProcess(undefined, ['--attachable', '127.0.0.0/8']);
  tls.setDefaultCACertificates([readFileSync(postern.connection.caFile, 'utf8')]);
  group = `/subscriptions/${postern.connection.subscriptionId}/resourceGroups/whole`;
  await put(`${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await put(`${accountId()}?${storage}`, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    tags: { 'postern-backend': `127.0.0.1:${port}` },
  });
  await sealFactory(put, factoryId());
  await put(`${networkId()}/managedPrivateEndpoints/silent?${adf}`, {
    properties: { privateLinkResourceId: accountId(), groupId: 'blob' },
  });
  const [connection] = values(await postern.admin.call('GET', `${accountId()}/privateEndpointConnections?${storage}`));
  await put(`${connection?.id}?${storage}`, {
    properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'yes' } },
  });
});
after(async () => {
  await postern?.discard();
  silent?.close();
});

const signIn = async (code: string): Promise<{ status: number; cookie: string; body: JsonObject }> => {
  const answer = await fetch(`${new URL(postern.connection.studioUrl!).origin}/studio/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return { status: answer.status, cookie, body: (await answer.json()) as JsonObject };
};

const linkIn = (text: string) => /https:\/\/localhost:\d+\/studio\/#code=([\w-]{43})/.exec(text);

test('the command prints links that sign in, for whom they were asked', async () => {
  const printed = linkIn(postern.printed());
  assert.ok(printed?.[0].startsWith(postern.connection.studioUrl!), postern.printed());
  const mine = await signIn(printed![1]!);
  assert.deepEqual([mine.status, mine.body.name], [200, 'administrator']);

  await createPrincipal(postern.admin, 'visitor');
  const command = path.resolve(import.meta.dirname, '../../bin/postern.js');
  const run = (...more: string[]) =>
    promisify(execFile)(process.execPath, [command, 'studio', '--data', postern.dataDir, ...more]);
  const { stdout } = await run('--principal', 'visitor');
  const theirs = await signIn(linkIn(stdout)![1]!);
  assert.deepEqual([theirs.status, theirs.body.name], [200, 'visitor']);
  await assert.rejects(run('--principal', 'nobody'), /There is no principal nobody/);
});

test('a run and its flows are told as they go', async () => {
  const { code } = await postern.admin.call('POST', `/providers/Postern.Authoring/signInCodes?${own}`, {});
  const { cookie } = await signIn(String(code));
  const place = `/subscriptions/${postern.connection.subscriptionId}/providers/Postern.Authoring/events?${own}`;
  const stop = new AbortController();
  const stream = await fetch(`${new URL(postern.connection.studioUrl!).origin}${place}`, {
    headers: { cookie, 'x-postern-studio': '1' },
    signal: stop.signal,
  });
  assert.equal(stream.headers.get('content-type'), 'text/event-stream');
  const started = await postern.admin.call('POST', `${factoryId()}/providers/Postern.Authoring/debugRun?${own}`, {
    pipeline: {
      name: 'wait',
      properties: { activities: [{ name: 'W', type: 'Wait', typeProperties: { waitTimeInSeconds: 0 } }] },
    },
  });
  const id = `${factoryId()}/pipelineruns/${started.runId}`;
  const told: JsonObject[] = [];
  let text = '';
  for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const ended = text.lastIndexOf('\n\n');
    for (const [, data] of text.slice(0, ended + 1).matchAll(/^data: (.*)$/gm))
      told.push(JSON.parse(data!) as JsonObject);
    text = text.slice(ended + 1);
    if (told.some(({ kind, status }) => kind === 'run' && status === 'Succeeded')) break;
  }
  stop.abort();
  const of = (kind: string) =>
    told.filter((event) => event.kind === kind && event.id === id).map(({ status }) => status);
  assert.deepEqual(of('run'), ['Queued', 'InProgress', 'Succeeded']);
  assert.deepEqual(of('activity'), ['InProgress', 'Succeeded']);
});

/** Asks for a test of the silent store; `leave` hangs up. */
const askSilent = async () => {
  const { clientId, clientSecret, armEndpoint, tenantId } = postern.connection;
  const token = await fetch(`${armEndpoint}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${armEndpoint}/.default`,
    }),
  });
  const { access_token } = (await token.json()) as { access_token: string };
  const sent = request(`${armEndpoint}${factoryId()}/providers/Postern.Authoring/testConnection?${own}`, {
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
  });
  sent.on('error', () => {});
  sent.end(
    JSON.stringify({
      linkedService: {
        properties: {
          type: 'AzureBlobStorage',
          connectVia: reference('IntegrationRuntimeReference', 'sealed'),
          typeProperties: {
            connectionString: `AccountName=silentstore;AccountKey=${Buffer.alloc(64).toString('base64')}`,
          },
        },
      },
    }),
  );
  return { leave: () => sent.destroy() };
};

const connections = async (count: number) => {
  while (connected.size < count) await once(silent, 'connection');
};

test('when whoever asked goes away the worker lets go of the store; and a factory asks four things at once', async () => {
  const asked = [];
  for (let count = 1; count <= 4; count += 1) {
    asked.push(await askSilent());
    await connections(count);
  }
  const body = { linkedService: { properties: { type: 'HelloWorld', typeProperties: {} } } };
  const place = `${factoryId()}/providers/Postern.Authoring/testConnection?${own}`;
  const refused = await postern.admin.send('POST', place, body);
  assert.deepEqual([refused.status, (refused.body.error as JsonObject).code], [429, 'TooManyOperations']);
  const ends = [...connected].map((socket) => once(socket, 'close'));
  for (const { leave } of asked) leave();
  await Promise.all(ends);
  let again = await postern.admin.send('POST', place, body);
  while (again.status === 429) again = await postern.admin.send('POST', place, body);
  assert.equal(again.body.succeeded, true, JSON.stringify(again.body));
});
