// What files keep beside their bytes, between the stores of files.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { StorageSharedKeyCredential as ShareCredential, ShareServiceClient } from '@azure/storage-file-share';
import { copyJob, dataset, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ResolvedDataset } from '../../connectors/resolved.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
let lake: (name: string) => ResolvedDataset;
let share: ResolvedDataset;
let seenInShare: (path: string) => Promise<JsonObject>;
const blobs = (container: string, fileName?: string) =>
  dataset('Binary', linkedService(stage.source), { container, ...(fileName !== undefined && { fileName }) });

before(async () => {
  stage = await openStage();
  const { name, key } = { name: 'acmelake', key: randomBytes(64).toString('base64') };
  const { endpoints } = await stage.sandbox.ensureStorageAccount({ name, keys: [key], isHierarchical: true });
  const url = (listener: string) => `https://127.0.0.1:${endpoints[listener]!.port}/${name}`;
  const service = (type: string, endpoint: string, more: JsonObject = {}) => ({
    name: type,
    type,
    typeProperties: { connectionString: `AccountName=${name};AccountKey=${key};${endpoint}`, ...more },
  });
  const { DataLakeServiceClient, StorageSharedKeyCredential } = await import('@azure/storage-file-datalake');
  const account = new DataLakeServiceClient(url('lake'), new StorageSharedKeyCredential(name, key));
  await account.getFileSystemClient('data').create();
  lake = (folderPath) =>
    dataset('Binary', service('AzureBlobFS', `DfsEndpoint=${url('lake')}`), {
      type: 'AzureBlobFSLocation',
      fileSystem: 'data',
      folderPath,
    });
  const client = new ShareServiceClient(url('file'), new ShareCredential(name, key)).getShareClient('data');
  await client.create();
  share = dataset('Binary', service('AzureFileStorage', `FileEndpoint=${url('file')}`, { fileShare: 'data' }), {
    type: 'AzureFileStorageLocation',
  });
  seenInShare = async (path) => shown(await client.rootDirectoryClient.getFileClient(path).getProperties());
});
after(() => stage?.close());

type Told = { metadata?: Record<string, string> } & Partial<Record<(typeof headers)[number], string>>;
const headers = ['contentType', 'contentEncoding', 'contentLanguage', 'contentDisposition', 'cacheControl'] as const;
const shown = (told: Told): JsonObject => ({
  ...Object.fromEntries(headers.map((name) => [name, told[name] ?? null])),
  metadata: { ...told.metadata },
});
const given = {
  contentType: 'text/x-film',
  contentEncoding: 'identity',
  contentLanguage: 'ja',
  contentDisposition: 'attachment; filename="ran.bin"',
  cacheControl: 'max-age=60',
  metadata: { director: 'Kurosawa', year: '1985' },
};
const plain = {
  contentType: 'application/octet-stream',
  contentEncoding: null,
  contentLanguage: null,
  contentDisposition: null,
  cacheControl: null,
  metadata: {},
};
const seenInBlobs = async (container: string, path: string) =>
  shown(await stage.source.service.getContainerClient(container).getBlobClient(path).getProperties());
const copy = (from: ResolvedDataset, to: ResolvedDataset, more: JsonObject = { preserve: ['Attributes'] }) =>
  runJob(
    copyJob(from, to, {
      more,
      read: { type: `${from.linkedService.type}ReadSettings` },
      write: { type: `${to.linkedService.type}WriteSettings`, blockSizeInMB: 1 },
    }),
  );

test('metadata and headers go with a file, written at once or in parts, from store to store; without being asked, none do', async () => {
  const container = stage.source.service.getContainerClient('films');
  await container.create();
  for (const [path, size] of [
    ['none.bin', 0],
    ['small.bin', 10],
    ['large.bin', 2 ** 20 + 10],
  ] as const) {
    const { metadata, contentType, contentEncoding, contentLanguage, contentDisposition, cacheControl } = given;
    await container.getBlockBlobClient(path).uploadData(randomBytes(size), {
      metadata,
      blobHTTPHeaders: {
        blobContentType: contentType,
        blobContentEncoding: contentEncoding,
        blobContentLanguage: contentLanguage,
        blobContentDisposition: contentDisposition,
        blobCacheControl: cacheControl,
      },
    });
  }
  await copy(blobs('films'), blobs('kept'));
  await copy(blobs('films'), lake('a'));
  await copy(lake('a'), lake('b'));
  await copy(lake('b'), share);
  await copy(share, blobs('back'));
  await copy(blobs('films'), blobs('plain'), {});
  for (const path of ['none.bin', 'small.bin', 'large.bin']) {
    for (const place of ['kept', 'back']) assert.deepEqual(await seenInBlobs(place, path), given, `${place}/${path}`);
    assert.deepEqual(await seenInShare(path), given, path);
    assert.deepEqual(await seenInBlobs('plain', path), plain, path);
  }
});

test('what cannot be kept is refused by name', async () => {
  const refused = (preserve: JsonObject[string], message: RegExp, to = blobs('refused')) =>
    assert.rejects(copy(blobs('films'), to, { preserve: preserve! }), {
      errorCode: 'UserErrorInvalidProperty',
      message,
    });
  await refused(['Attributes', 'ACL'], /preserve must hold nothing but Attributes.*'ACL'/);
  await refused('Attributes', /preserve must be a list/);
  const packed = blobs('refused');
  packed.typeProperties.compression = { type: 'GZip' };
  await refused(['Attributes'], /preserve is only supported for Binary without compression/, packed);
});
