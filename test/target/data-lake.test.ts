// Data Lake as a target: two endpoints, dfs and blob, each approved by the owner of the account, and nothing without them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { BlobServiceClient } from '@azure/storage-blob';
import { DataLakeServiceClient, StorageSharedKeyCredential } from '@azure/storage-file-datalake';
import { account, at, type FileTarget, key, openFileTarget } from './file-target.ts';

const dfs = `https://${account}.dfs.core.windows.net`;
const both = (state: 'Approved' | 'Pending' | 'Rejected') => ({ dfs: state, blob: state });
let target: FileTarget;
let lake: DataLakeServiceClient;

before(async () => {
  target = await openFileTarget({ read: 'AzureBlobFSReadSettings', write: 'AzureBlobFSWriteSettings' });
  const service = (name: string, accountKey: string) =>
    target.linkedService(name, 'AzureBlobFS', { url: dfs, accountKey: { type: 'SecureString', value: accountKey } });
  await service('lake', key);
  await service('stranger', Buffer.alloc(64).toString('base64'));
  const location = { type: 'AzureBlobFSLocation', fileSystem: 'films' };
  await target.dataset('lakeBytes', 'Binary', 'lake', location);
  await target.dataset('lakeRows', 'DelimitedText', 'lake', location);
  await target.dataset('strangeRows', 'DelimitedText', 'stranger', location);
  await target.dataset('nowhereBytes', 'Binary', 'lake', { ...location, fileSystem: 'nowhere' });
  const credential = new StorageSharedKeyCredential(account, key);
  lake = new DataLakeServiceClient(target.url('lake'), credential);
  await lake.getFileSystemClient('films').create();
});

after(() => target?.close());

/** The files of the file system as its owner sees them from this machine. */
const files = async () => {
  const found: string[] = [];
  for await (const { name, isDirectory } of lake.getFileSystemClient('films').listPaths({ recursive: true }))
    if (!isDirectory) found.push(name!);
  return found;
};

test('before approval no byte reaches the store, and the failure says who has to approve', async () => {
  await target.landing.getBlockBlobClient('a.bin').upload('a', 1);
  await target.approve(both('Pending'));
  const { details } = await target.fail(target.activities.copy(at('blobBytes', 'a.bin'), at('lakeBytes', 'a.bin')));
  assert.deepEqual([details[0]?.code, details[0]?.host], ['EndpointPending', `${account}.dfs.core.windows.net`]);
  assert.deepEqual(await files(), []);
});

test('with dfs alone a write succeeds and a read does not: the client reads by the blob host, as in Azure', async () => {
  await target.approve({ dfs: 'Approved' });
  await target.succeed(target.activities.copy(at('blobBytes', 'a.bin'), at('lakeBytes', 'only.bin')));
  assert.deepEqual(await files(), ['only.bin']);
  const copy = target.activities.copy(at('lakeBytes', 'only.bin'), at('blobBytes', 'back.bin'));
  const { details, message } = await target.fail(copy);
  assert.deepEqual(
    [details[0]?.code, details[0]?.host],
    ['PrivateEndpointRequired', `${account}.blob.core.windows.net`],
  );
  assert.match(message, /dfs and blob/);
});

test('while both are approved, bytes and rows go both ways, and both kinds of clients see them', async () => {
  await target.approve(both('Approved'));
  const bytes = randomBytes(5_300_000);
  await target.landing.getBlockBlobClient('in/big.bin').upload(bytes, bytes.length);
  await target.landing.getBlockBlobClient('in/empty.bin').upload('', 0);
  const { copy, lookup, metadata, remove } = target.activities;
  const there = await target.succeed(copy(at('blobBytes', '', 'in'), at('lakeBytes', '', 'deep/er')));
  assert.equal(there.filesWritten, 2);
  assert.deepEqual(await files(), ['deep/er/big.bin', 'deep/er/empty.bin', 'only.bin']);
  const credential = new StorageSharedKeyCredential(account, key);
  const byBlob = new BlobServiceClient(target.url('blob'), credential).getContainerClient('films');
  assert.ok((await byBlob.getBlobClient('deep/er/big.bin').downloadToBuffer()).equals(bytes));
  await target.succeed(copy(at('lakeBytes', '', 'deep'), at('blobBytes', '', 'out')));
  assert.ok((await target.landing.getBlobClient('out/er/big.bin').downloadToBuffer()).equals(bytes));

  await byBlob.getBlockBlobClient('films.csv').upload('title,year\nRan,1985\nIkiru,1952\n', 30);
  await target.succeed(copy(at('lakeRows', 'films.csv'), at('blobRows', 'films.csv')));
  await target.succeed(copy(at('blobRows', 'films.csv'), at('lakeRows', 'copy.csv', 'rows')));
  const { value } = await target.succeed(lookup(at('lakeRows', 'copy.csv', 'rows')));
  assert.deepEqual(value, [
    { title: 'Ran', year: '1985' },
    { title: 'Ikiru', year: '1952' },
  ]);
  const told = await target.succeed(metadata(at('lakeBytes', 'copy.csv', 'rows'), 'size', 'exists', 'itemType'));
  assert.deepEqual([told.exists, told.itemType], [true, 'File']);
  await lake.getFileSystemClient('films').getDirectoryClient('void').create();
  const empty = await target.succeed(metadata(at('lakeBytes', '', 'void'), 'exists', 'childItems'));
  assert.deepEqual([empty.exists, empty.childItems], [true, []]);
  const none = await target.succeed(metadata(at('lakeBytes', '', 'none'), 'exists'));
  assert.equal(none.exists, false);
  const removed = await target.succeed(remove(at('lakeBytes', '', 'deep')));
  assert.equal(removed.filesDeleted, 2);
  assert.deepEqual(await files(), ['films.csv', 'only.bin', 'rows/copy.csv']);
});

test('a wrong key, a missing file and a missing file system give errors that a person can act on', async () => {
  await target.approve(both('Approved'));
  const { copy, lookup, remove } = target.activities;
  const stranger = await target.fail(lookup(at('strangeRows', 'films.csv')));
  assert.equal(stranger.errorCode, 'ADLSGen2ForbiddenError');
  assert.match(stranger.message, /check the key/);
  const missing = await target.fail(lookup(at('lakeRows', 'none.csv')));
  assert.equal(missing.errorCode, 'UserErrorFileNotFound');
  const nowhere = await target.fail(copy(at('blobBytes', 'a.bin'), at('nowhereBytes', 'a.bin')));
  assert.equal(nowhere.errorCode, 'ADLSGen2OperationFailed');
  assert.match(nowhere.message, /'nowhere' does not exist.*create it/);
  assert.equal((await target.succeed(remove(at('nowhereBytes', '', 'x')))).filesDeleted, 0);
});

test('after a rejection nothing is reached any more', async () => {
  await target.approve(both('Rejected'));
  const { details } = await target.fail(target.activities.copy(at('blobBytes', 'a.bin'), at('lakeBytes', 'b.bin')));
  assert.equal(details[0]?.code, 'EndpointRejected');
  assert.ok(!(await files()).includes('b.bin'));
});
