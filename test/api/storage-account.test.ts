// Storage accounts with real stores behind them: keys, addresses, restarts, removal, and secrets that stay secret.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { BlobServiceClient, newPipeline, RestError, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Estate, factoryVersion, groupOf, openEstate, storageVersion } from './estate.ts';

const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

let folder: string;
let sandbox: Sandbox;
let estate: Estate;
let agent: Agent;
let account: string;

const log = () => createLog({ level: 'trace', file: path.join(folder, 'log') });
const open = async (dataDir?: string) => {
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  agent = new Agent({ ca: await readFile(authority.caFile) });
  sandbox = await startSandbox({ folder: path.join(folder, 'stores'), authority, log: log(), processes: 1 });
  estate = await openEstate({ sandbox, log: log(), ...(dataDir !== undefined && { dataDir }) });
};

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-account-'));
  await open();
  account = `${groupOf(estate)}/providers/Microsoft.Storage/storageAccounts/acmesales`;
});
after(async () => {
  agent.destroy();
  await estate.discard();
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

const body: JsonObject = { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
const create = () => estate.admin.send('PUT', `${account}?${storageVersion}`, body);
const post = (action: string, content: JsonObject = {}, version = storageVersion) =>
  estate.admin.call('POST', `${account}/${action}?${version}`, content);
const keysOf = (reply: JsonObject) =>
  (reply.keys as { keyName: string; value: string; permissions: string }[]).map(({ value }) => value);
const blobUrl = async () =>
  String((await post('providers/Postern.Sandbox/listEndpoints', {}, 'api-version=2026-11-01')).blob);

/** Azure's blob client, aimed at the store's loopback address. */
const blobs = async (key: string) => {
  const pipeline = newPipeline(new StorageSharedKeyCredential('acmesales', key), { retryOptions: { maxTries: 1 } });
  pipeline.factories.unshift({
    create: (next: { sendRequest(request: { agent?: unknown }): unknown }) => ({
      sendRequest: (request: { agent?: unknown }) => {
        request.agent = agent;
        return next.sendRequest(request);
      },
    }),
  } as never);
  return new BlobServiceClient(await blobUrl(), pipeline);
};
const containers = async (key: string) => {
  const names: string[] = [];
  for await (const { name } of (await blobs(key)).listContainers()) names.push(name);
  return names;
};
const isForbidden = (error: unknown) => error instanceof RestError && error.statusCode === 403;

test('an account is created with 200, runs at once, and its keys open it', async () => {
  await estate.admin.call('PUT', `${groupOf(estate)}?api-version=2021-04-01`, { location: 'westeurope' });
  const made = await create();
  assert.equal(made.status, 200);
  assert.equal((made.body.properties as JsonObject).provisioningState, 'Succeeded');
  const [first = '', second = ''] = keysOf(await post('listKeys'));
  assert.equal(Buffer.from(first, 'base64').length, 64);
  assert.match(await blobUrl(), /^https:\/\/127\.0\.0\.1:\d+\/acmesales$/);
  await (await blobs(first)).getContainerClient('films').create();
  assert.deepEqual(await containers(second), ['films']);
  const store = estate.snapshots.at(-1)?.stores.find(({ host }) => host === 'acmesales.blob.core.windows.net');
  assert.equal(`https://${store?.backend?.address}:${store?.backend?.port}/acmesales`, await blobUrl());
});

test('a renewed key replaces the old one at the store, too', async () => {
  const [first = '', second = ''] = keysOf(await post('listKeys'));
  const [renewed = '', kept = ''] = keysOf(await post('regenerateKey', { keyName: 'key1' }));
  assert.notEqual(renewed, first);
  assert.equal(kept, second);
  await assert.rejects(containers(first), isForbidden);
  assert.deepEqual(await containers(renewed), ['films']);
});

test('who may read an account may not list its keys', async () => {
  const guest = await estate.principal('guest', [reader, account]);
  assert.equal((await guest.send('GET', `${account}?${storageVersion}`)).status, 200);
  const refused = await guest.send('POST', `${account}/listKeys?${storageVersion}`, {});
  assert.equal(refused.status, 403);
  assert.match(
    String((refused.body.error as JsonObject).message),
    /Microsoft\.Storage\/storageAccounts\/listkeys\/action/i,
  );
});

test('after a restart the store runs again, with its data and its keys', async () => {
  const [key = ''] = keysOf(await post('listKeys'));
  const { dataDir, administrator } = estate;
  await estate.shut();
  await sandbox.close();
  agent.destroy();
  await open(dataDir);
  assert.equal(estate.administrator.clientId, administrator.clientId);
  assert.deepEqual(keysOf(await post('listKeys'))[0], key);
  assert.deepEqual(await containers(key), ['films']);
});

test('secrets are in no answer, no database file and no log', async () => {
  const factory = `${groupOf(estate)}/providers/Microsoft.DataFactory/factories/acme`;
  const [key = ''] = keysOf(await post('listKeys'));
  const told: string[] = [];
  const tell = async (method: string, place: string, content?: JsonObject) => {
    const reply = await estate.admin.send(
      method,
      `${place}?${place.includes('Storage') ? storageVersion : factoryVersion}`,
      content,
    );
    told.push(JSON.stringify(reply.body));
    return reply;
  };
  const secrets = [key, 'hush-secure-string', 'hush-signature', 'hush-in-pipeline'];
  await tell('PUT', factory, { location: 'westeurope' });
  const services: JsonObject[] = [
    { connectionString: `DefaultEndpointsProtocol=https;AccountName=acmesales;AccountKey=${key};EndpointSuffix=x` },
    {
      serviceEndpoint: 'https://acmesales.blob.core.windows.net',
      accountKey: { type: 'SecureString', value: secrets[1]! },
    },
    { sasUri: { type: 'SecureString', value: `https://acmesales.blob.core.windows.net/?sv=1&sig=${secrets[2]}` } },
  ];
  for (const [index, typeProperties] of services.entries()) {
    const place = `${factory}/linkedservices/s${index}`;
    const written = await tell('PUT', place, { properties: { type: 'AzureBlobStorage', typeProperties } });
    assert.equal(written.status, 200, JSON.stringify(written.body));
    await tell('PUT', place, written.body);
    await tell('GET', place);
    // A refusal does not repeat what it refuses.
    await tell('PUT', place, { properties: { type: 'AzureBlobStorage', annotations: 5, typeProperties } });
  }
  const activity = {
    name: 'Call',
    type: 'WebActivity',
    typeProperties: { authentication: { password: { type: 'SecureString', value: secrets[3]! } } },
  };
  assert.equal((await tell('PUT', `${factory}/pipelines/p`, { properties: { activities: [activity] } })).status, 200);
  for (const place of [`${factory}/linkedservices`, `${factory}/pipelines`, account, factory]) await tell('GET', place);

  const files = (await readdir(estate.dataDir)).filter((name) => name.startsWith('postern.db'));
  const stored = Buffer.concat(await Promise.all(files.map((name) => readFile(path.join(estate.dataDir, name)))));
  const logged = await readFile(path.join(folder, 'log'));
  assert.ok(stored.length > 10_000 && logged.includes('linkedservices/s0'), 'there is something to look into');
  for (const secret of secrets) {
    assert.equal(told.join('\n').includes(secret), false, 'an answer');
    assert.equal(stored.includes(secret), false, 'the database');
    assert.equal(logged.includes(secret), false, 'the log');
  }
});

test('an account that was deleted takes its data with it; its name begins anew', async () => {
  const [key = ''] = keysOf(await post('listKeys'));
  assert.equal((await estate.admin.send('DELETE', `${account}?${storageVersion}`)).status, 200);
  assert.equal((await estate.admin.send('DELETE', `${account}?${storageVersion}`)).status, 204);
  assert.equal(estate.snapshots.at(-1)?.stores.length, 0);
  assert.deepEqual(await readdir(path.join(folder, 'stores')), []);
  assert.equal((await create()).status, 200);
  const [fresh = ''] = keysOf(await post('listKeys'));
  assert.notEqual(fresh, key);
  assert.deepEqual(await containers(fresh), []);
});
