import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setDefaultCACertificates } from 'node:tls';
import { BlobServiceClient } from '@azure/storage-blob';
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  AnonymousCredential,
  DataLakeSASPermissions,
  DataLakeServiceClient,
  FileSystemSASPermissions,
  generateAccountSASQueryParameters,
  generateDataLakeSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-file-datalake';
import { refused } from '../../../test/stand-in/refused.ts';
import { createLog } from '../../base/log.ts';
import { openCertificateAuthority } from '../certificate-authority.ts';
import type { Sandbox, SandboxStore } from '../sandbox.ts';
import { startSandbox } from '../start-sandbox.ts';

const key = randomBytes(64).toString('base64');
const credential = new StorageSharedKeyCredential('acmelake', key);
const once = { retryOptions: { maxTries: 1 } };
let root: string;
let sandbox: Sandbox;
let store: SandboxStore;
let lake: DataLakeServiceClient;
let blobs: BlobServiceClient;

const url = (name: string, port: number) => `https://127.0.0.1:${port}/${name}`;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'postern-lake-'));
  const authority = await openCertificateAuthority(join(root, 'ca'));
  setDefaultCACertificates([await readFile(authority.caFile, 'utf8')]);
  sandbox = await startSandbox({
    folder: join(root, 'stores'),
    authority,
    log: createLog({ level: 'silent' }),
    processes: 1,
  });
  store = await sandbox.ensureStorageAccount({ name: 'acmelake', keys: [key], isHierarchical: true });
  lake = new DataLakeServiceClient(url('acmelake', store.endpoints.lake!.port), credential, once);
  blobs = new BlobServiceClient(url('acmelake', store.endpoints.blob!.port), credential, once);
});

after(async () => {
  await sandbox?.close();
  await rm(root, { recursive: true, force: true });
});

/** A file system of its own. */
const fileSystem = async (name: string) => {
  const client = lake.getFileSystemClient(name);
  await client.create();
  return client;
};
const write = async (name: string, path: string, content: string) => {
  const file = lake.getFileSystemClient(name).getFileClient(path);
  await file.upload(Buffer.from(content));
  return file;
};
const content = async (name: string, path: string) =>
  (await lake.getFileSystemClient(name).getFileClient(path).readToBuffer()).toString();
const paths = async (name: string, options: { path?: string; recursive?: boolean } = { recursive: true }) => {
  const found: string[] = [];
  for await (const each of lake.getFileSystemClient(name).listPaths(options))
    found.push(`${each.name}${each.isDirectory ? '/' : ''}`);
  return found;
};

/** What the `dfs` port answers to a request as it is. */
const raw = async (method: string, path: string, headers: Record<string, string> = {}, body = '') => {
  const outgoing = request({ host: '127.0.0.1', port: store.endpoints.dfs!.port, method, path, headers });
  outgoing.end(body);
  const [incoming] = await new Promise<[import('node:http').IncomingMessage]>((resolve, reject) => {
    outgoing.once('response', (answer) => resolve([answer])).once('error', reject);
  });
  return { status: incoming.statusCode, code: incoming.headers['x-ms-error-code'], body: await text(incoming) };
};
const soon = () => new Date(Date.now() + 60_000);
const accountSignature = (permissions: string, expiresOn = soon()) =>
  generateAccountSASQueryParameters(
    {
      permissions: AccountSASPermissions.parse(permissions),
      resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
      services: AccountSASServices.parse('b').toString(),
      expiresOn,
    },
    credential,
  ).toString();

test('what one endpoint writes the other reads, in parts of any order', async () => {
  await fileSystem('both');
  const bytes = randomBytes(3_000_000);
  const file = lake.getFileSystemClient('both').getFileClient('a/b/größe 1.bin');
  await file.upload(bytes, { chunkSize: 300_000, singleUploadThreshold: 300_000, maxConcurrency: 5 });
  const container = blobs.getContainerClient('both');
  assert.ok((await container.getBlobClient('a/b/größe 1.bin').downloadToBuffer()).equals(bytes));
  assert.ok((await file.readToBuffer(1_000_000, 500)).equals(bytes.subarray(1_000_000, 1_000_500)));
  await container.getBlockBlobClient('x/y.txt').upload('by blob', 7);
  assert.equal(await content('both', 'x/y.txt'), 'by blob');
  // What a blob client wrote at once, a Data Lake client may go on with.
  const more = lake.getFileSystemClient('both').getFileClient('x/y.txt');
  await more.append(' and lake', 7, 9);
  await more.flush(16);
  assert.equal((await container.getBlobClient('x/y.txt').downloadToBuffer()).toString(), 'by blob and lake');
  assert.deepEqual(await paths('both'), ['a/', 'a/b/', 'a/b/größe 1.bin', 'x/', 'x/y.txt']);
  const [isFolder] = [await lake.getFileSystemClient('both').getDirectoryClient('x').getProperties()];
  assert.equal(isFolder.metadata?.hdi_isfolder, 'true');
});

test('what was appended is no part of the file before it is flushed, and must be whole', async () => {
  const files = await fileSystem('parts');
  const file = files.getFileClient('a.txt');
  await file.create();
  await file.append('world', 5, 5);
  assert.equal(await content('parts', 'a.txt'), '');
  await assert.rejects(file.flush(10), refused('InvalidFlushPosition', 400));
  await file.append('hello', 0, 5);
  await file.flush(10);
  assert.equal(await content('parts', 'a.txt'), 'helloworld');
  // The client drops the digest that it is given, so this goes without it.
  const headers = { 'content-md5': createHash('md5').update('other').digest('base64') };
  const path = `/acmelake/parts/a.txt?action=append&position=10&${accountSignature('w')}`;
  assert.equal((await raw('PATCH', path, headers, 'world')).code, 'Md5Mismatch');
  await assert.rejects(file.flush(15), refused('InvalidFlushPosition', 400));
  await assert.rejects(files.getFileClient('none').append('a', 0, 1), refused('PathNotFound', 404));
});

test('listing goes in pages, into folders or not', async () => {
  const files = await fileSystem('list');
  for (const path of ['b/1', 'b/c/2', 'b-1', 'a', 'c/3']) await write('list', path, path);
  assert.deepEqual(await paths('list', {}), ['a', 'b/', 'b-1', 'c/']);
  assert.deepEqual(await paths('list', { path: 'b' }), ['b/1', 'b/c/']);
  const pages: number[] = [];
  const seen: string[] = [];
  for await (const page of files.listPaths({ recursive: true }).byPage({ maxPageSize: 3 })) {
    pages.push(page.pathItems!.length);
    seen.push(...page.pathItems!.map(({ name }) => name!));
  }
  assert.deepEqual(pages, [3, 3, 2]);
  assert.deepEqual(seen, ['a', 'b', 'b/1', 'b/c', 'b/c/2', 'b-1', 'c', 'c/3']);
  await assert.rejects(paths('list', { path: 'none' }), refused('PathNotFound', 404));
  await assert.rejects(paths('nowhere'), refused('FilesystemNotFound', 404));
});

test('a folder is renamed whole, with what is in it; what stands in the way is kept', async () => {
  const files = await fileSystem('move');
  await write('move', 'from/one', '1');
  await write('move', 'from/deep/two', '2');
  await write('move', 'fromage', 'cheese');
  await write('move', 'taken/three', '3');
  const from = files.getDirectoryClient('from');
  await from.move('to');
  assert.deepEqual(await paths('move'), [
    'fromage',
    'taken/',
    'taken/three',
    'to/',
    'to/deep/',
    'to/deep/two',
    'to/one',
  ]);
  assert.equal(await content('move', 'to/deep/two'), '2');
  await assert.rejects(from.move('again'), refused('SourcePathNotFound', 404));
  const to = files.getDirectoryClient('to');
  await assert.rejects(to.move('taken'), refused('DirectoryNotEmpty', 409));
  await assert.rejects(to.move('to/deep/below'), refused('InvalidRenameSourcePath', 409));
  await assert.rejects(to.move('no/where'), refused('RenameDestinationParentPathNotFound', 404));
  await assert.rejects(to.move('fromage'), refused('InvalidSourceOrDestinationResourceType', 409));
  const one = files.getFileClient('to/one');
  await assert.rejects(
    one.move('fromage', { destinationConditions: { ifNoneMatch: '*' } }),
    refused('PathAlreadyExists', 409),
  );
  await assert.rejects(one.move('new', { conditions: { ifMatch: '"0x1"' } }), refused('SourceConditionNotMet', 412));
  await one.move('fromage');
  assert.equal(await content('move', 'fromage'), '1');
});

test('deletion, conditions, properties and metadata', async () => {
  const files = await fileSystem('props');
  const file = await write('props', 'd/a.txt', 'a');
  const folder = files.getDirectoryClient('d');
  await assert.rejects(folder.delete(false), refused('DirectoryNotEmpty', 409));
  const { etag } = await file.getProperties();
  await assert.rejects(file.create({ conditions: { ifNoneMatch: '*' } }), refused('PathAlreadyExists', 409));
  await assert.rejects(files.getFileClient('d').create(), refused('ResourceTypeMismatch', 409));
  await assert.rejects(file.delete(false, { conditions: { ifMatch: '"0x1"' } }), refused('ConditionNotMet', 412));
  await file.setMetadata({ colour: 'blue' });
  await file.setHttpHeaders({ contentType: 'text/csv' });
  const after = await file.getProperties();
  assert.deepEqual([after.metadata, after.contentType], [{ colour: 'blue' }, 'text/csv']);
  assert.notEqual(after.etag, etag);
  const lease = file.getDataLakeLeaseClient();
  const { leaseId } = await lease.acquireLease(15);
  await assert.rejects(file.delete(), refused('LeaseIdMissing', 412));
  await file.delete(false, { conditions: { leaseId: leaseId! } });
  await folder.delete(true);
  assert.deepEqual(await paths('props'), []);
  await assert.rejects(folder.delete(true), refused('PathNotFound', 404));
  await files.setMetadata({ owner: 'acme' });
  assert.deepEqual((await files.getProperties()).metadata, { owner: 'acme' });
  await files.delete();
  assert.equal(await files.exists(), false);
});

test('access control lists are kept, handed down and changed at once for a whole folder', async () => {
  const files = await fileSystem('acl');
  const folder = files.getDirectoryClient('d');
  await folder.create({ permissions: 'rwxr-x--x', umask: '0000' });
  assert.equal((await folder.getAccessControl()).permissions!.owner.read, true);
  const rights = (read: boolean) => ({ read, write: false, execute: read });
  const acl = [
    ...(['user', 'group', 'other'] as const).map((accessControlType) => ({
      accessControlType,
      entityId: '',
      defaultScope: false,
      permissions: rights(accessControlType !== 'other'),
    })),
    { accessControlType: 'user' as const, entityId: 'ana', defaultScope: true, permissions: rights(true) },
  ];
  await folder.setAccessControl(acl, { owner: 'ana' });
  const file = await write('acl', 'd/a', 'a');
  const handed = await file.getAccessControl();
  assert.ok(handed.acl.some(({ entityId, permissions }) => entityId === 'ana' && permissions.read));
  await file.setPermissions({ ...handed.permissions!, other: rights(true) });
  assert.equal((await file.getAccessControl()).permissions!.other.read, true);
  const one = { accessControlType: 'user' as const, entityId: 'bob', defaultScope: false, permissions: rights(true) };
  const { counters } = await folder.updateAccessControlRecursive([one], { batchSize: 1 });
  assert.deepEqual([counters.changedDirectoriesCount, counters.changedFilesCount], [1, 1]);
  await folder.move('e');
  const moved = files.getDirectoryClient('e');
  assert.equal((await moved.getAccessControl()).owner, 'ana');
  assert.ok((await moved.getFileClient('a').getAccessControl()).acl.some(({ entityId }) => entityId === 'bob'));
});

test('an account without a hierarchical namespace implies its folders, and has no access control lists', async () => {
  const flat = await sandbox.ensureStorageAccount({ name: 'acmeflat', keys: [key] });
  const mine = new StorageSharedKeyCredential('acmeflat', key);
  const service = new DataLakeServiceClient(url('acmeflat', flat.endpoints.lake!.port), mine, once);
  const files = service.getFileSystemClient('flat');
  await files.create();
  await files.getFileClient('a/b').upload(Buffer.from('b'));
  await files.getDirectoryClient('a').move('c');
  const found: string[] = [];
  for await (const each of files.listPaths({ recursive: true })) found.push(each.name!);
  assert.deepEqual(found, ['c', 'c/b']);
  await assert.rejects(
    files.getFileClient('c/b').getAccessControl(),
    (error: { statusCode?: number }) => error.statusCode === 400,
  );
});

test('the blob endpoint keeps to folders where the account has them', async () => {
  await fileSystem('kept');
  const container = blobs.getContainerClient('kept');
  await container.getBlockBlobClient('d/a').upload('a', 1);
  await assert.rejects(container.getBlockBlobClient('d/a/b').upload('b', 1), refused('PathConflict', 409));
  await assert.rejects(container.getBlockBlobClient('d').upload('d', 1), refused('ResourceTypeMismatch', 409));
  await assert.rejects(container.getBlobClient('d').delete(), refused('DirectoryIsNotEmpty', 409));
  await lake.getFileSystemClient('kept').getDirectoryClient('d').setMetadata({ colour: 'blue' });
  assert.deepEqual(await paths('kept'), ['d/', 'd/a']);
  // What is begun at a name does not stand in the way of a rename to it, nor survive it.
  const begun = container.getBlockBlobClient('begun');
  await begun.stageBlock(Buffer.from('1').toString('base64'), 'x', 1);
  await lake.getFileSystemClient('kept').getFileClient('d/a').move('begun');
  await begun.setMetadata({ whose: 'a' });
  assert.equal(await content('kept', 'begun'), 'a');
  const { uncommittedBlocks = [] } = await begun.getBlockList('uncommitted');
  assert.deepEqual(uncommittedBlocks, []);
  await lake.getFileSystemClient('kept').getFileClient('begun').move('d/a');
  assert.deepEqual(await paths('kept'), ['d/', 'd/a']);
  await container.getBlobClient('d/a').delete();
  assert.deepEqual(await paths('kept'), ['d/']);
});

test('a wrong key, an expired signature and one that grants too little are refused', async () => {
  await fileSystem('closed');
  await write('closed', 'a', 'a');
  const dfs = url('acmelake', store.endpoints.lake!.port);
  const stranger = new StorageSharedKeyCredential('acmelake', Buffer.alloc(64).toString('base64'));
  const by = (address: string, who: StorageSharedKeyCredential | AnonymousCredential) =>
    new DataLakeServiceClient(address, who, once).getFileSystemClient('closed');
  const list = (client: ReturnType<typeof by>) => client.listPaths().next();
  await assert.rejects(list(by(dfs, stranger)), refused('AuthenticationFailed', 403));
  await assert.rejects(list(by(dfs, new AnonymousCredential())), refused('NoAuthenticationInformation', 401));
  const signed = (token: string) => by(`${dfs}?${token}`, new AnonymousCredential());
  const reader = accountSignature('rl');
  assert.equal((await list(signed(reader))).value?.name, 'a');
  await assert.rejects(signed(reader).getFileClient('b').create(), refused('AuthorizationPermissionMismatch', 403));
  await assert.rejects(list(signed(reader.replace('sp=rl', 'sp=rwl'))), refused('AuthenticationFailed', 403));
  const expired = accountSignature('rl', new Date(Date.now() - 1000));
  await assert.rejects(list(signed(expired)), refused('AuthenticationFailed', 403));

  const ofFile = generateDataLakeSASQueryParameters(
    {
      fileSystemName: 'closed',
      pathName: 'a',
      permissions: DataLakeSASPermissions.parse('rwdm'),
      expiresOn: soon(),
    },
    credential,
  ).toString();
  await signed(ofFile).getFileClient('a').append('b', 1, 1);
  await assert.rejects(list(signed(ofFile)), refused('AuthenticationFailed', 403));
  await assert.rejects(signed(ofFile).getFileClient('a').move('c'), refused('AuthenticationFailed', 403));
  // A rename needs rights at both of its ends.
  await fileSystem('elsewhere');
  await write('elsewhere', 'b', 'b');
  const here = (permissions: string) =>
    generateDataLakeSASQueryParameters(
      { fileSystemName: 'closed', permissions: FileSystemSASPermissions.parse(permissions), expiresOn: soon() },
      credential,
    ).toString();
  const rename = (token: string, source: string) =>
    raw('PUT', `/closed/c?mode=legacy&${token}`, {
      host: 'acmelake.dfs.core.windows.net',
      'x-ms-rename-source': source,
    });
  assert.equal((await rename(here('rwdlm'), '/elsewhere/b')).code, 'AuthorizationResourceTypeMismatch');
  assert.equal((await rename(here('c'), '/closed/a')).code, 'AuthorizationPermissionMismatch');
  assert.deepEqual(await paths('elsewhere'), ['b']);
  assert.equal((await rename(here('cm'), '/closed/a')).status, 201);
  await assert.rejects(signed(ofFile).getFileClient('b').create(), refused('AuthenticationFailed', 403));
});

test('the port of dfs is that of no other endpoint, and refuses what it does not know', async () => {
  await fileSystem('names');
  const token = accountSignature('rwdlac');
  const host = { host: 'acmelake.dfs.core.windows.net' };
  for (const [method, path, headers, status, code] of [
    ['GET', `/names?restype=container&comp=list&${token}`, host, 409, 'ResourceTypeMismatch'],
    ['GET', `/names?resource=filesystem&${token}`, { host: 'acmelake.blob.core.windows.net' }, 404, 'ResourceNotFound'],
    ['GET', `/other/names?resource=filesystem&${token}`, { host: '127.0.0.1' }, 404, 'ResourceNotFound'],
    ['PUT', `/names/a/../../b?resource=file&${token}`, host, 400, 'InvalidResourceName'],
    ['PUT', `/names/%2e%2e/b?resource=file&${token}`, host, 400, 'InvalidResourceName'],
    ['PUT', `/names/a%00b?resource=file&${token}`, host, 400, 'InvalidUri'],
    ['PUT', `/names/%ff?resource=file&${token}`, host, 400, 'InvalidUri'],
    ['PUT', `/N?resource=filesystem&${token}`, host, 400, 'InvalidResourceName'],
    ['POST', `/names/a?${token}`, { ...host, 'x-ms-lease-action': 'acquire' }, 501, 'NotImplemented'],
    ['PUT', `/names/a?resource=file&${token}`, { ...host, 'x-ms-acl': 'user::rwx,nonsense' }, 400, 'InvalidInput'],
    [
      'PUT',
      `/names/a?resource=file&${token}`,
      { ...host, authorization: 'Bearer x' },
      401,
      'InvalidAuthenticationInfo',
    ],
  ] as const) {
    const answer = await raw(method, path, headers);
    assert.deepEqual([answer.status, answer.code], [status, code], `${method} ${path.split('?')[0]}: ${answer.body}`);
    assert.equal(JSON.parse(answer.body).error.code, code);
  }
});

test('what was acknowledged survives kill -9, and what was not flushed is still not there', async () => {
  const files = await fileSystem('durable');
  const storePid = () =>
    readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number)
      .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox/azurite/main.ts'));
  await write('durable', 'd/whole', 'whole');
  const half = files.getFileClient('d/half');
  await half.create();
  await half.append('half', 0, 4);
  await files.getDirectoryClient('d').move('e');
  const before = storePid();
  process.kill(before!, 'SIGKILL');
  while ((storePid() ?? before) === before) await delay(10);
  assert.deepEqual(await sandbox.ensureStorageAccount({ name: 'acmelake', keys: [key], isHierarchical: true }), store);
  assert.deepEqual(await paths('durable'), ['e/', 'e/half', 'e/whole']);
  assert.equal(await content('durable', 'e/whole'), 'whole');
  assert.equal(await content('durable', 'e/half'), '');
  await files.getFileClient('e/half').flush(4);
  assert.equal(await content('durable', 'e/half'), 'half');
});
