// A share of Azure Files as a target: reached by its official client at its real host name while its owner approves, and
// not otherwise.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type ShareDirectoryClient, ShareServiceClient, StorageSharedKeyCredential } from '@azure/storage-file-share';
import { account, at, type FileTarget, key, openFileTarget } from './file-target.ts';

let target: FileTarget;
let films: ShareDirectoryClient;

before(async () => {
  target = await openFileTarget({ read: 'AzureFileStorageReadSettings', write: 'AzureFileStorageWriteSettings' });
  const connection = (accountKey: string) =>
    `DefaultEndpointsProtocol=https;AccountName=${account};AccountKey=${accountKey};EndpointSuffix=core.windows.net`;
  const service = (name: string, typeProperties: Record<string, string>) =>
    target.linkedService(name, 'AzureFileStorage', typeProperties);
  await service('share', { connectionString: connection(key), fileShare: 'films' });
  await service('older', {
    host: `\\\\${account}.file.core.windows.net\\films`,
    userId: `AZURE\\${account}`,
    password: key,
  });
  await service('stranger', { connectionString: connection(Buffer.alloc(64).toString('base64')), fileShare: 'films' });
  await service('nowhere', { connectionString: connection(key), fileShare: 'nowhere' });
  const location = { type: 'AzureFileStorageLocation' };
  await target.dataset('shareBytes', 'Binary', 'share', location);
  await target.dataset('shareRows', 'DelimitedText', 'share', location);
  await target.dataset('olderBytes', 'Binary', 'older', location);
  await target.dataset('strangeRows', 'DelimitedText', 'stranger', location);
  await target.dataset('nowhereBytes', 'Binary', 'nowhere', location);
  const credential = new StorageSharedKeyCredential(account, key);
  const share = new ShareServiceClient(target.url('file'), credential).getShareClient('films');
  await share.create();
  films = share.rootDirectoryClient;
});

after(() => target?.close());

/** Every file of a directory as its owner sees it from this machine. */
const files = async (directory = films, prefix = ''): Promise<string[]> => {
  const found: string[] = [];
  for await (const { kind, name } of directory.listFilesAndDirectories())
    if (kind === 'file') found.push(prefix + name);
    else found.push(...(await files(directory.getDirectoryClient(name), `${prefix}${name}/`)));
  return found.sort();
};

test('before approval no byte reaches the store, and the failure says who has to approve', async () => {
  await target.landing.getBlockBlobClient('a.bin').upload('a', 1);
  await target.approve({ file: 'Pending' });
  const { details } = await target.fail(target.activities.copy(at('blobBytes', 'a.bin'), at('shareBytes', 'a.bin')));
  assert.deepEqual([details[0]?.code, details[0]?.host], ['EndpointPending', `${account}.file.core.windows.net`]);
  assert.deepEqual(await files(), []);
});

test('while it is approved, bytes and rows go both ways, and the owner sees them', async () => {
  await target.approve({ file: 'Approved' });
  const bytes = randomBytes(9_300_000);
  await target.landing.getBlockBlobClient('in/big.bin').upload(bytes, bytes.length);
  await target.landing.getBlockBlobClient('in/empty.bin').upload('', 0);
  await target.landing.getBlockBlobClient('in/deep/one.bin').upload('1', 1);
  const { copy, lookup, metadata, remove } = target.activities;
  const there = await target.succeed(copy(at('blobBytes', '', 'in'), at('shareBytes', '', 'some/where')));
  assert.equal(there.filesWritten, 3);
  assert.deepEqual(await files(), ['some/where/big.bin', 'some/where/deep/one.bin', 'some/where/empty.bin']);
  const big = films.getDirectoryClient('some/where').getFileClient('big.bin');
  assert.ok((await big.downloadToBuffer()).equals(bytes));
  await target.succeed(copy(at('olderBytes', '', 'some'), at('blobBytes', '', 'out')));
  assert.ok((await target.landing.getBlobClient('out/where/big.bin').downloadToBuffer()).equals(bytes));

  await films.getFileClient('films.csv').uploadData(Buffer.from('title,year\nRan,1985\nIkiru,1952\n'));
  await target.succeed(copy(at('shareRows', 'films.csv'), at('blobRows', 'films.csv')));
  await target.succeed(copy(at('blobRows', 'films.csv'), at('shareRows', 'copy.csv', 'rows')));
  await target.succeed(copy(at('blobRows', 'films.csv'), at('shareRows', 'copy.csv', 'rows')));
  const { value } = await target.succeed(lookup(at('shareRows', 'copy.csv', 'rows')));
  assert.deepEqual(value, [
    { title: 'Ran', year: '1985' },
    { title: 'Ikiru', year: '1952' },
  ]);
  const told = await target.succeed(metadata(at('shareBytes', 'copy.csv', 'rows'), 'size', 'exists', 'itemType'));
  assert.deepEqual([told.exists, told.itemType], [true, 'File']);
  const folder = await target.succeed(metadata(at('shareBytes', '', 'some'), 'exists', 'childItems'));
  assert.deepEqual(folder.childItems, [{ name: 'where', type: 'Folder' }]);
  for (const absent of [at('shareBytes', '', 'none'), at('shareBytes', 'none'), at('nowhereBytes', 'none')])
    assert.equal((await target.succeed(metadata(absent, 'exists'))).exists, false);
  const removed = await target.succeed(remove(at('shareBytes', '', 'some')));
  assert.equal(removed.filesDeleted, 3);
  assert.deepEqual(await files(), ['films.csv', 'rows/copy.csv']);
});

test('a wrong key, a missing file and a missing share give errors that a person can act on', async () => {
  await target.approve({ file: 'Approved' });
  const { copy, lookup, remove } = target.activities;
  const stranger = await target.fail(lookup(at('strangeRows', 'films.csv')));
  assert.equal(stranger.errorCode, 'AzureFileOperationFailed');
  assert.match(stranger.message, /refused the credential.*check the key/);
  const missing = await target.fail(lookup(at('shareRows', 'none.csv')));
  assert.equal(missing.errorCode, 'UserErrorFileNotFound');
  const nowhere = await target.fail(copy(at('blobBytes', 'a.bin'), at('nowhereBytes', 'a.bin')));
  assert.equal(nowhere.details[0]?.code, 'ShareNotFound');
  assert.match(nowhere.message, /share does not exist.*create it/);
  const badName = await target.fail(copy(at('blobBytes', 'a.bin'), at('shareBytes', 'a:b')));
  assert.equal(badName.details[0]?.code, 'InvalidResourceName');
  assert.equal((await target.succeed(remove(at('shareBytes', '', 'none')))).filesDeleted, 0);
});

test('after a rejection nothing is reached any more', async () => {
  await target.approve({ file: 'Rejected' });
  const { details } = await target.fail(target.activities.copy(at('blobBytes', 'a.bin'), at('shareBytes', 'b.bin')));
  assert.equal(details[0]?.code, 'EndpointRejected');
  assert.deepEqual(await files(), ['films.csv', 'rows/copy.csv']);
});
