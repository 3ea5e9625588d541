// The table of a storage account as a target: a sealed worker reaches it by its official client at its real host name,
// while its owner approves, and not otherwise.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { activities } from '../../src/activities/registry.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import type { Endpoint } from '../../src/network/policy/model.ts';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { managedKey, sampleEndpoint, sampleNetwork } from '../network/sample.ts';
import { startForWorkers } from '../network/start-sealed.ts';
import { type Factory, openFactory } from '../stand-in/factory.ts';

const account = 'acmesales';
const host = `${account}.table.core.windows.net`;
const key = randomBytes(64).toString('base64');
let folder: string;
let sandbox: Sandbox;
let network: SealedNetwork;
let factory: Factory;
let backend: { address: string; port: number };
let version = 0;

const apply = (state: Endpoint['state']) => {
  version += 1;
  const names = [{ host, privateLinkName: `${account}.privatelink.table.core.windows.net` }];
  const endpoint = sampleEndpoint({ groupId: 'table', names, backend, state });
  return network.apply({ version, networks: [sampleNetwork({ endpoints: [endpoint] })], stores: [] });
};

const reference = (type: string, referenceName: string, parameters: JsonObject = {}) => ({
  type,
  referenceName,
  parameters,
});
const tables = (name: string) => reference('DatasetReference', 'table', { name });

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-table-'));
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  const log = createLog({ level: 'silent' });
  tls.setDefaultCACertificates([readFileSync(authority.caFile, 'utf8')]);
  sandbox = await startSandbox({ folder: path.join(folder, 'stores'), authority, log, processes: 1 });
  const { endpoints } = await sandbox.ensureStorageAccount({ name: account, keys: [key] });
  backend = endpoints.table!;
  network = await startForWorkers(folder, authority.caFile);
  factory = await openFactory({ sealed: network, activityTypes: activities.map(({ type }) => type) });
  await factory.furnish();
  await factory.accountService('sales', 'AzureTableStorage', { name: account, key });
  const wrongKey = Buffer.alloc(64).toString('base64');
  await factory.accountService('stranger', 'AzureTableStorage', { name: account, key: wrongKey });
  for (const [name, service] of [
    ['table', 'sales'],
    ['strange', 'stranger'],
  ] as const)
    await factory.put('datasets', name, {
      type: 'AzureTable',
      linkedServiceName: reference('LinkedServiceReference', service),
      parameters: { name: { type: 'String' } },
      typeProperties: { tableName: { value: '@dataset().name', type: 'Expression' } },
    });
});

after(async () => {
  await factory?.close();
  await network?.close();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

const copy = (from: string, to: string): JsonObject => ({
  name: 'Copy',
  type: 'Copy',
  policy: { timeout: '0.00:01:00' },
  inputs: [tables(from)],
  outputs: [tables(to)],
  typeProperties: { source: { type: 'AzureTableSource' }, sink: { type: 'AzureTableSink' } },
});
const lookup = (dataset: JsonObject): JsonObject => ({
  name: 'Look',
  type: 'Lookup',
  typeProperties: { source: { type: 'AzureTableSource' }, dataset, firstRowOnly: false },
});

/** The table as its owner sees it from this machine. */
const ownersTable = (name: string) =>
  new TableClient(
    `https://${backend.address}:${backend.port}/${account}`,
    name,
    new AzureNamedKeyCredential(account, key),
  );
const rowsOf = async (name: string) => {
  const rows: string[] = [];
  for await (const { rowKey, title } of ownersTable(name).listEntities()) rows.push(`${rowKey} ${title}`);
  return rows;
};
const detailCodes = (run: Awaited<ReturnType<Factory['run']>>) =>
  (run.activities[0]!.error.details as { code: string }[]).map(({ code }) => code);

test('before approval no table is reached, and the failure says who has to approve', async () => {
  await ownersTable('films').createTable();
  await ownersTable('films').createEntity({ partitionKey: 'p', rowKey: '1', title: 'Ran' });
  await apply('Pending');
  const run = await factory.run([copy('films', 'copies')]);
  assert.equal(run.status, 'Failed');
  const [why] = run.activities[0]!.error.details as { code: string; host: string; endpoint: string }[];
  assert.deepEqual(
    [why?.code, why?.host, why?.endpoint],
    ['EndpointPending', host, `${managedKey}/managedPrivateEndpoints/sales`],
  );
  await assert.rejects(rowsOf('copies'), { statusCode: 404 });
});

test('while it is approved rows are copied, looked up and told of', async () => {
  await apply('Approved');
  const copied = await factory.run([copy('films', 'copies')]);
  assert.equal(copied.status, 'Succeeded', JSON.stringify(copied.activities[0]!.error));
  assert.deepEqual(await rowsOf('copies'), ['1 Ran']);
  const looked = await factory.run([lookup(tables('copies'))]);
  const { count, value } = looked.activities[0]!.output as { count: number; value: JsonObject[] };
  assert.deepEqual([count, value[0]!.title], [1, 'Ran']);
  const metadata: JsonObject = {
    name: 'Tell',
    type: 'GetMetadata',
    typeProperties: { dataset: tables('nowhere'), fieldList: ['exists'] },
  };
  const told = await factory.run([metadata]);
  assert.equal((told.activities[0]!.output as JsonObject).exists, false);
});

test('a wrong key and a missing table give errors that a person can act on', async () => {
  await apply('Approved');
  const stranger = await factory.run([lookup(reference('DatasetReference', 'strange', { name: 'films' }))]);
  assert.match(String(stranger.activities[0]!.error.message), /refused the credential.*check the key/);
  assert.equal(stranger.activities[0]!.error.errorCode, 'AzureTableOperationFailed');
  const missing = await factory.run([lookup(tables('nowhere'))]);
  assert.equal(missing.activities[0]!.error.errorCode, 'UserErrorAzureTableNotFound');
});

test('after a rejection nothing is reached any more', async () => {
  await apply('Rejected');
  const run = await factory.run([copy('films', 'others')]);
  assert.equal(run.status, 'Failed');
  assert.equal(detailCodes(run)[0], 'EndpointRejected');
  await assert.rejects(rowsOf('others'), { statusCode: 404 });
});
