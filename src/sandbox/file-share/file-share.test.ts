import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setDefaultCACertificates } from 'node:tls';
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  AnonymousCredential,
  FileSASPermissions,
  generateAccountSASQueryParameters,
  generateFileSASQueryParameters,
  type ShareDirectoryClient,
  ShareSASPermissions,
  ShareServiceClient,
  StorageSharedKeyCredential,
} from '@azure/storage-file-share';
import { refused } from '../../../test/stand-in/refused.ts';
import { createLog } from '../../base/log.ts';
import { type CertificateAuthority, openCertificateAuthority } from '../certificate-authority.ts';
import type { Sandbox, SandboxStore } from '../sandbox.ts';
import { startSandbox } from '../start-sandbox.ts';

const key = randomBytes(64).toString('base64');
const credential = new StorageSharedKeyCredential('acmeshares', key);
const once = { retryOptions: { maxTries: 1 } };
const soon = () => new Date(Date.now() + 60_000);
let root: string;
let authority: CertificateAuthority;
let sandbox: Sandbox;
let store: SandboxStore;
let url: string;
let service: ShareServiceClient;

const start = async () => {
  sandbox = await startSandbox({
    folder: join(root, 'stores'),
    authority,
    log: createLog({ level: 'silent' }),
    processes: 1,
  });
  store = await sandbox.ensureStorageAccount({ name: 'acmeshares', keys: [key] });
  url = `https://127.0.0.1:${store.endpoints.file!.port}/acmeshares`;
  service = new ShareServiceClient(url, credential, once);
};

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'postern-shares-'));
  authority = await openCertificateAuthority(join(root, 'ca'));
  setDefaultCACertificates([await readFile(authority.caFile, 'utf8')]);
  await start();
});

after(async () => {
  await sandbox?.close();
  await rm(root, { recursive: true, force: true });
});

const share = async (name: string, quota?: number) => {
  const client = service.getShareClient(name);
  await client.create(quota === undefined ? {} : { quota });
  return client;
};
const names = async (directory: ShareDirectoryClient, options: object = {}) => {
  const found: string[] = [];
  for await (const { kind, name } of directory.listFilesAndDirectories(options))
    found.push(kind === 'directory' ? `${name}/` : name);
  return found;
};
const contents = () => readdirSync(join(root, 'stores/acmeshares/file/content'));

test('a large file goes in ranges, comes back whole and in part, and keeps its words', async () => {
  const folder = (await share('large')).getDirectoryClient('a');
  await folder.create({ metadata: { Owner: 'acme' } });
  assert.equal((await folder.getProperties()).metadata?.owner, 'acme');
  const bytes = randomBytes(9_300_000);
  const file = folder.getFileClient('größe & _1_.bin');
  await file.uploadData(bytes, { fileHttpHeaders: { fileContentType: 'text/csv' }, metadata: { colour: 'blue' } });
  assert.ok((await file.downloadToBuffer()).equals(bytes));
  assert.ok((await file.downloadToBuffer(5_000_000, 100)).equals(bytes.subarray(5_000_000, 5_000_100)));
  const properties = await file.getProperties();
  assert.deepEqual(
    [properties.contentLength, properties.contentType, properties.metadata],
    [bytes.length, 'text/csv', { colour: 'blue' }],
  );
  assert.deepEqual(await names(folder), ['größe & _1_.bin']);
});

test('ranges: what was not written is zero, what was cleared is again, also after a file was cut and grew', async () => {
  const file = (await share('ranges')).rootDirectoryClient.getFileClient('a');
  await file.create(10_000_000);
  await file.uploadRange('hello', 1000, 5);
  await file.uploadRange('world', 1005, 5);
  await file.uploadRange('far', 9_000_000, 3);
  const ranges = async () => (await file.getRangeList()).rangeList?.map(({ start: from, end }) => [from, end]);
  assert.deepEqual(await ranges(), [
    [1000, 1009],
    [9_000_000, 9_000_002],
  ]);
  assert.equal((await file.downloadToBuffer(998, 14)).toString(), '\0\0helloworld\0\0');
  await file.clearRange(1003, 4);
  assert.equal((await file.downloadToBuffer(1000, 10)).toString(), 'hel\0\0\0\0rld');
  await file.resize(1002);
  await file.resize(2000);
  assert.equal((await file.downloadToBuffer(1000, 4)).toString(), 'he\0\0');
  await file.resize(10_000_000);
  assert.equal((await file.downloadToBuffer(9_000_000, 3)).toString(), '\0\0\0');
  assert.deepEqual(await ranges(), [[1000, 1001]]);
  await file.resize(2000);
  await assert.rejects(file.uploadRange('beyond', 1995, 6), refused('InvalidRange', 416));
  await assert.rejects(file.download(2000, 1), refused('InvalidRange', 416));
  const contentMD5 = createHash('md5').update('other').digest();
  await assert.rejects(file.uploadRange('hello', 0, 5, { contentMD5 }), refused('Md5Mismatch', 400));
  assert.equal((await file.downloadToBuffer(0, 2)).toString(), '\0\0');
});

test('names are found in any case and kept as they were; listing goes in pages, by prefix', async () => {
  const files = (await share('names')).rootDirectoryClient;
  for (const name of ['b', 'A1', 'a2', 'a3', 'c']) await files.createFile(name, 0);
  await files.createSubdirectory('Dir');
  assert.deepEqual((await names(files)).toSorted(), ['A1', 'Dir/', 'a2', 'a3', 'b', 'c']);
  assert.deepEqual(await names(files, { prefix: 'a' }), ['A1', 'a2', 'a3']);
  const pages: number[] = [];
  for await (const { segment } of files.listFilesAndDirectories().byPage({ maxPageSize: 4 }))
    pages.push(segment.fileItems.length + segment.directoryItems.length);
  assert.deepEqual(pages, [4, 2]);
  assert.equal(await files.getFileClient('B').exists(), true);
  await assert.rejects(files.createSubdirectory('DIR'), refused('ResourceAlreadyExists', 409));
  await assert.rejects(files.getFileClient('dir').getProperties(), (error: { statusCode?: number }) => {
    assert.equal(error.statusCode, 409);
    return true;
  });
  const created = await files.getFileClient('b').getProperties();
  await files.getFileClient('B').create(3);
  assert.notEqual((await files.getFileClient('b').getProperties()).etag, created.etag);
  assert.ok((await names(files)).includes('B'));
});

test('rename, copy within the account, and deletion', async () => {
  const client = await share('moves');
  const files = client.rootDirectoryClient;
  const from = files.getDirectoryClient('from');
  await from.create();
  await from.createSubdirectory('deep');
  const deep = from.getDirectoryClient('deep').getFileClient('a');
  await deep.uploadData(Buffer.from('deep'));
  await assert.rejects(from.delete(), refused('DirectoryNotEmpty', 409));
  await assert.rejects(from.rename('from/deep/below'), refused('InvalidRenameSourcePath', 409));
  await from.rename('to');
  const moved = files.getDirectoryClient('to/deep').getFileClient('a');
  assert.equal((await moved.downloadToBuffer()).toString(), 'deep');
  assert.equal(await deep.exists(), false);
  const other = files.getFileClient('other');
  await other.uploadData(Buffer.from('other'));
  const before = contents().length;
  await assert.rejects(moved.rename('other'), refused('ResourceAlreadyExists', 409));
  await moved.rename('other', { replaceIfExists: true });
  assert.equal((await other.downloadToBuffer()).toString(), 'deep');
  assert.equal(contents().length, before - 1);

  const elsewhere = (await share('elsewhere')).rootDirectoryClient.getFileClient('copy');
  const { copyStatus } = await elsewhere.startCopyFromURL(other.url);
  assert.equal(copyStatus, 'success');
  await other.uploadRange('D', 0, 1);
  assert.equal((await elsewhere.downloadToBuffer()).toString(), 'deep');
  await assert.rejects(
    elsewhere.startCopyFromURL('https://other.file.core.windows.net/moves/other'),
    refused('CannotVerifyCopySource', 404),
  );
  await other.delete();
  await client.delete();
  await assert.rejects(other.delete(), refused('ShareNotFound', 404));
  await elsewhere.delete();
  assert.equal(await client.exists(), false);
  await assert.rejects(elsewhere.getProperties(), (error: { statusCode?: number }) => error.statusCode === 404);
});

test('shares are listed with their quota and metadata, which can be changed', async () => {
  const client = await share('quota', 7);
  await client.setMetadata({ team: 'films' });
  assert.equal((await client.getProperties()).quota, 7);
  await client.setQuota(9);
  const found: [string, number | undefined, string | undefined][] = [];
  for await (const { name, properties, metadata } of service.listShares({ prefix: 'quo', includeMetadata: true }))
    found.push([name, properties.quota, metadata?.team]);
  assert.deepEqual(found, [['quota', 9, 'films']]);
  await client.rootDirectoryClient.createFile('a', 1234);
  assert.equal((await client.getStatistics()).shareUsageBytes, 1234);
  await assert.rejects(client.create(), refused('ShareAlreadyExists', 409));
  await assert.rejects(client.setQuota(1_000_000), refused('InvalidHeaderValue', 400));
});

/** A signature for everything. */
const everything = () =>
  generateAccountSASQueryParameters(
    {
      permissions: AccountSASPermissions.parse('rwdlc'),
      resourceTypes: 'sco',
      services: 'f',
      expiresOn: soon(),
    },
    credential,
  ).toString();

/** What the port answers to a request as it is. */
const raw = async (method: string, path: string, headers: Record<string, string> = {}, token = everything()) => {
  const outgoing = request({
    host: '127.0.0.1',
    port: store.endpoints.file!.port,
    servername: 'acmeshares.file.core.windows.net',
    method,
    path: `${path}${path.includes('?') ? '&' : '?'}${token}`,
    headers: { host: 'acmeshares.file.core.windows.net', ...headers },
  });
  outgoing.end();
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject);
  });
  return { status: incoming.statusCode, code: incoming.headers['x-ms-error-code'], body: await text(incoming) };
};

const signed = (token: string) => new ShareServiceClient(`${url}?${token}`, new AnonymousCredential(), once);

test('a wrong key, an expired signature and one that grants too little are refused', async () => {
  const files = (await share('closed')).rootDirectoryClient;
  await files.getFileClient('a').uploadData(Buffer.from('secret'));
  await files.getFileClient('b').uploadData(Buffer.from('other'));
  const stranger = new StorageSharedKeyCredential('acmeshares', Buffer.alloc(64).toString('base64'));
  const at = (client: ShareServiceClient, name = 'a') =>
    client.getShareClient('closed').rootDirectoryClient.getFileClient(name);
  await assert.rejects(at(new ShareServiceClient(url, stranger, once)).delete(), refused('AuthenticationFailed', 403));
  const account = (permissions: string, expiresOn: Date, services = 'f') =>
    generateAccountSASQueryParameters(
      {
        permissions: AccountSASPermissions.parse(permissions),
        resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
        services: AccountSASServices.parse(services).toString(),
        expiresOn,
      },
      credential,
    ).toString();
  assert.equal((await at(signed(account('r', soon()))).downloadToBuffer()).toString(), 'secret');
  await assert.rejects(at(signed(account('r', soon()))).delete(), refused('AuthorizationPermissionMismatch', 403));
  await assert.rejects(
    at(signed(account('d', new Date(Date.now() - 1000)))).delete(),
    refused('AuthenticationFailed', 403),
  );
  await assert.rejects(at(signed(account('d', soon(), 'b'))).delete(), refused('AuthorizationServiceMismatch', 403));

  const ofShare = generateFileSASQueryParameters(
    { shareName: 'closed', permissions: ShareSASPermissions.parse('rl'), expiresOn: soon() },
    credential,
  ).toString();
  assert.deepEqual(await names(signed(ofShare).getShareClient('closed').rootDirectoryClient), ['a', 'b']);
  const ofFile = generateFileSASQueryParameters(
    { shareName: 'closed', filePath: 'a', permissions: FileSASPermissions.parse('rwd'), expiresOn: soon() },
    credential,
  ).toString();
  assert.equal((await at(signed(ofFile)).downloadToBuffer()).toString(), 'secret');
  await assert.rejects(at(signed(ofFile), 'b').delete(), refused('AuthenticationFailed', 403));
  await assert.rejects(at(signed(ofFile)).rename('b', { replaceIfExists: true }), refused('AuthenticationFailed', 403));
  // A rename and a copy need rights at both of their ends.
  await share('elsewhere2');
  const other = service.getShareClient('elsewhere2').rootDirectoryClient.getFileClient('c');
  await other.uploadData(Buffer.from('theirs'));
  const toA = { 'x-ms-file-rename-source': 'https://acmeshares.file.core.windows.net/closed/b' };
  const renamed = await raw('PUT', `/closed/a?comp=rename&${ofFile}`, toA, '');
  assert.equal(renamed.code, 'AuthorizationResourceTypeMismatch');
  const inShare = generateFileSASQueryParameters(
    { shareName: 'closed', permissions: ShareSASPermissions.parse('rcwdl'), expiresOn: soon() },
    credential,
  ).toString();
  const source = { 'x-ms-copy-source': 'https://acmeshares.file.core.windows.net/elsewhere2/c' };
  const copied = await raw('PUT', `/closed/c?${inShare}`, source, '');
  assert.equal(copied.code, 'AuthorizationResourceTypeMismatch');
  assert.deepEqual(await names(files), ['a', 'b']);
});

test('names that are none, other hosts and what is not there are refused by code', async () => {
  await share('strict');
  const file = { 'x-ms-type': 'file', 'x-ms-content-length': '1' };
  for (const [method, path, headers, status, code] of [
    ['PUT', '/strict/../x', file, 400, 'InvalidResourceName'],
    ['PUT', '/strict/%2e%2e/%2e%2e/x', file, 400, 'InvalidResourceName'],
    ['PUT', '/strict/a%5Cb', file, 400, 'InvalidResourceName'],
    ['PUT', '/strict/a%00b', file, 400, 'InvalidUri'],
    ['PUT', '/strict/no/where', file, 404, 'ParentNotFound'],
    ['PUT', '/strict/a', { ...file, 'x-ms-content-length': '9999999999999' }, 400, 'InvalidHeaderValue'],
    ['PUT', '/Strict?restype=share', {}, 400, 'InvalidResourceName'],
    ['PUT', '/strict?restype=directory', {}, 405, 'UnsupportedHttpVerb'],
    ['PUT', '/strict/a?comp=lease', {}, 501, 'NotImplemented'],
    ['GET', '/strict?restype=share&comp=acl', {}, 501, 'NotImplemented'],
    ['GET', '/strict/none', {}, 404, 'ResourceNotFound'],
    ['GET', '/strict/none', { host: 'acmeshares.blob.core.windows.net' }, 404, 'ResourceNotFound'],
    ['GET', '/strict/none', { host: 'other.file.core.windows.net' }, 404, 'ResourceNotFound'],
  ] as const) {
    const answer = await raw(method, path, headers);
    assert.deepEqual([answer.status, answer.code], [status, code], `${method} ${path}: ${answer.body}`);
    assert.match(answer.body, new RegExp(`<Error><Code>${code}</Code><Message>`));
  }
});

test('what was acknowledged survives kill -9, and a start removes what a crash has left', async () => {
  const files = (await share('durable')).rootDirectoryClient;
  const storePid = () =>
    readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number)
      .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox/azurite/main.ts'));
  const file = files.getFileClient('a');
  await file.create(8);
  await file.uploadRange('half', 0, 4);
  await file.rename('b');
  const pid = storePid();
  process.kill(pid!, 'SIGKILL');
  while ((storePid() ?? pid) === pid) await delay(10);
  assert.deepEqual(await sandbox.ensureStorageAccount({ name: 'acmeshares', keys: [key] }), store);
  assert.deepEqual(await names(files), ['b']);
  assert.equal((await files.getFileClient('b').downloadToBuffer()).toString(), 'half\0\0\0\0');

  await writeFile(join(root, 'stores/acmeshares/file/content', 'left-by-a-crash'), 'x');
  await sandbox.close();
  await start();
  assert.ok(!contents().includes('left-by-a-crash'));
  const kept = service.getShareClient('durable').rootDirectoryClient.getFileClient('b');
  assert.equal((await kept.downloadToBuffer(0, 4)).toString(), 'half');
});
