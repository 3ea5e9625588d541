// Formats inside a sealed worker: what they need of the machine (DuckDB's library, room in /tmp) is there in the jail.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { parquetMetadata } from 'hyparquet';
import { activities } from '../../src/activities/registry.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { createLog } from '../../src/base/log.ts';
import { movies } from '../../src/cli/demo/movies.ts';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { tarOf, zipOf } from '../copy/archive.ts';
import { sampleEndpoint, sampleNetwork } from '../network/sample.ts';
import { startForWorkers } from '../network/start-sealed.ts';
import { type Factory, openFactory } from '../stand-in/factory.ts';

const account = 'acmesales';
const key = randomBytes(64).toString('base64');
let folder: string;
let sandbox: Sandbox;
let network: SealedNetwork;
let factory: Factory;
let store: BlobServiceClient;

const reference = (type: string, referenceName: string, parameters: JsonObject = {}) => ({
  type,
  referenceName,
  parameters,
});

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-format-'));
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  const log = createLog({ level: 'silent' });
  tls.setDefaultCACertificates([readFileSync(authority.caFile, 'utf8')]);
  sandbox = await startSandbox({ folder: path.join(folder, 'stores'), authority, log, processes: 1 });
  const { endpoints } = await sandbox.ensureStorageAccount({ name: account, keys: [key] });
  const backend = endpoints.blob!;
  store = new BlobServiceClient(
    `https://${backend.address}:${backend.port}/${account}`,
    new StorageSharedKeyCredential(account, key),
  );
  network = await startForWorkers(folder, authority.caFile);
  await network.apply({
    version: 1,
    networks: [sampleNetwork({ endpoints: [sampleEndpoint({ backend })] })],
    stores: [],
  });
  factory = await openFactory({ sealed: network, activityTypes: activities.map(({ type }) => type) });
  await factory.furnish();
  await factory.accountService('sales', 'AzureBlobStorage', { name: account, key });
  for (const type of ['DelimitedText', 'Json', 'Parquet'])
    await factory.put('datasets', type, {
      type,
      linkedServiceName: reference('LinkedServiceReference', 'sales'),
      typeProperties: {
        location: { type: 'AzureBlobStorageLocation', container: 'films', fileName: `films.${type}` },
        ...(type === 'DelimitedText' && { firstRowAsHeader: true }),
      },
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
  inputs: [reference('DatasetReference', from)],
  outputs: [reference('DatasetReference', to)],
  typeProperties: {
    source: { type: `${from}Source`, storeSettings: { type: 'AzureBlobStorageReadSettings' } },
    sink: { type: `${to}Sink`, storeSettings: { type: 'AzureBlobStorageWriteSettings' } },
  },
});

test('text, Parquet and JSON become each other in a sealed worker', async () => {
  const films = store.getContainerClient('films');
  await films.create();
  const bytes = await buffer(movies(20_000));
  await films.getBlockBlobClient('films.DelimitedText').uploadData(bytes);
  for (const [from, to] of [
    ['DelimitedText', 'Parquet'],
    ['Parquet', 'Json'],
    ['Json', 'DelimitedText'],
  ] as const) {
    const run = await factory.run([copy(from, to)]);
    assert.equal(run.status, 'Succeeded', JSON.stringify(run.activities[0]!.error));
    assert.equal((run.activities[0]!.output as JsonObject).rowsCopied, 20_000);
  }
  const parquet = await films.getBlobClient('films.Parquet').downloadToBuffer();
  assert.equal(parquetMetadata(new Uint8Array(parquet).buffer).num_rows, 20_000n);
  const [, ...lines] = String(bytes).trim().split('\n');
  const back = String(await films.getBlobClient('films.DelimitedText').downloadToBuffer())
    .trim()
    .split('\r\n');
  assert.equal(back.length, 20_001);
  assert.equal(back[1]!.split(',')[0], lines[0]!.split(',')[0]);
});

test('a sealed worker unpacks a zip and a tar.gz, and a name that leads out of the folder is refused there too', async () => {
  const inbox = store.getContainerClient('inbox');
  await inbox.create();
  const files = [{ name: 'a.txt', bytes: 'one' }, { name: 'deep/b.txt' }];
  await inbox.getBlockBlobClient('x.zip').uploadData(zipOf(files));
  await inbox.getBlockBlobClient('x.tgz').uploadData(gzipSync(tarOf(files)));
  await inbox.getBlockBlobClient('evil.zip').uploadData(zipOf([{ name: '../evil' }]));
  const place = (folderPath: string, more: JsonObject = {}) => ({
    type: 'Binary',
    linkedServiceName: reference('LinkedServiceReference', 'sales'),
    typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'inbox', folderPath }, ...more },
  });
  await factory.put('datasets', 'Unpacked', place('out'));
  const unpack = async (fileName: string, codec: string) => {
    const dataset = place('', { compression: { type: codec } });
    Object.assign(dataset.typeProperties.location, { fileName });
    await factory.put('datasets', 'Archive', dataset);
    const activity = copy('Archive', 'Unpacked');
    const typeProperties = activity.typeProperties as JsonObject;
    Object.assign(typeProperties.sink as JsonObject, { type: 'BinarySink' });
    const compressionProperties = { type: `${codec}ReadSettings` };
    const formatSettings = { type: 'BinaryReadSettings', compressionProperties };
    Object.assign(typeProperties.source as JsonObject, { type: 'BinarySource', formatSettings });
    const run = await factory.run([activity]);
    return run.activities[0]!;
  };
  for (const [fileName, codec] of [
    ['x.zip', 'ZipDeflate'],
    ['x.tgz', 'TarGZip'],
  ] as const) {
    const { output, error } = await unpack(fileName, codec);
    assert.equal((output as JsonObject).filesWritten, 2, JSON.stringify(error));
    assert.equal(String(await inbox.getBlobClient(`out/${fileName}/a.txt`).downloadToBuffer()), 'one');
  }
  const { error } = await unpack('evil.zip', 'ZipDeflate');
  assert.equal((error as JsonObject).errorCode, 'UserErrorUnsafeArchiveEntry');
});

test('rows that do not fit are told of in a store that the activity names, reached like any other', async () => {
  const films = store.getContainerClient('films');
  await films.createIfNotExists();
  await films.getBlockBlobClient('films.DelimitedText').uploadData(Buffer.from('id\n1\nx\n'));
  const activity = copy('DelimitedText', 'Json');
  const mappings = [{ source: { name: 'id' }, sink: { name: 'id', type: 'Int32' } }];
  Object.assign(activity.typeProperties as JsonObject, {
    translator: { type: 'TabularTranslator', mappings },
    enableSkipIncompatibleRow: true,
    logSettings: {
      enableCopyActivityLog: true,
      logLocationSettings: { linkedServiceName: reference('LinkedServiceReference', 'sales'), path: 'logs' },
    },
  });
  const run = await factory.run([activity]);
  assert.equal(run.status, 'Succeeded', JSON.stringify(run.activities[0]!.error));
  const { rowsSkipped, logFilePath } = run.activities[0]!.output as JsonObject;
  assert.equal(rowsSkipped, 1);
  const [container, ...rest] = String(logFilePath).split('/');
  const log = await store.getContainerClient(container!).getBlobClient(rest.join('/')).downloadToBuffer();
  assert.match(String(log), /TabularRowSkip,"""x"""/);
});
