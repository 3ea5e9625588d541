// What the two stores of files that have no blocks promise of a file in parts: whole or not there.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setDefaultCACertificates } from 'node:tls';
import {
  AccountSASPermissions,
  DataLakeServiceClient,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-file-datalake';
import { StorageSharedKeyCredential as ShareCredential, ShareServiceClient } from '@azure/storage-file-share';
import { createLog } from '../../base/log.ts';
import { openCertificateAuthority } from '../../sandbox/certificate-authority.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/start-sandbox.ts';
import { openFileStore as openLake } from '../azure-blob-fs/open.ts';
import { openFileStore as openShare } from '../azure-file/open.ts';
import type { FileStore, StoredFile } from '../file-store.ts';
import type { Properties } from '../property.ts';
import { isStaged, stagedName } from './staged-name.ts';

const key = randomBytes(64).toString('base64');
const { signal } = new AbortController();
let root: string;
let sandbox: Sandbox;
let url: (listener: string) => string;
const services = new Map<FileStore, Properties>();
/** Each store, with what its owner sees in its folder `d`. */
const stores: { store: FileStore; seen(): Promise<string[]> }[] = [];

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'postern-staged-'));
  const authority = await openCertificateAuthority(join(root, 'ca'));
  setDefaultCACertificates([await readFile(authority.caFile, 'utf8')]);
  const log = createLog({ level: 'silent' });
  sandbox = await startSandbox({ folder: join(root, 'stores'), authority, log, processes: 1 });
  const { endpoints } = await sandbox.ensureStorageAccount({ name: 'acme', keys: [key], isHierarchical: true });
  url = (listener) => `https://127.0.0.1:${endpoints[listener]!.port}/acme`;
  const linkedService = (listener: string, endpoint: string) => ({
    values: { connectionString: `AccountName=acme;AccountKey=${key};${endpoint}=${url(listener)}`, fileShare: 'data' },
    where: 'Linked service',
  });
  const location = { values: { fileSystem: 'data' }, where: 'location' };
  const fileSystem = new DataLakeServiceClient(
    url('lake'),
    new StorageSharedKeyCredential('acme', key),
  ).getFileSystemClient('data');
  await fileSystem.create();
  const share = new ShareServiceClient(url('file'), new ShareCredential('acme', key)).getShareClient('data');
  await share.create();
  const ends = async (items: AsyncIterable<{ name?: string }>) => {
    const found: string[] = [];
    for await (const { name } of items) found.push(name!.split('/').at(-1)!);
    return found;
  };
  const open = (service: Properties, openStore: typeof openLake, digests: boolean) => {
    const store = openStore(service, location, { digests });
    services.set(store, service);
    return store;
  };
  stores.push(
    {
      store: open(linkedService('lake', 'DfsEndpoint'), openLake, false),
      seen: () => ends(fileSystem.listPaths({ path: 'd' })),
    },
    {
      store: open(linkedService('file', 'FileEndpoint'), openShare, true),
      seen: () => ends(share.getDirectoryClient('d').listFilesAndDirectories()),
    },
  );
});

after(async () => {
  await sandbox?.close();
  await rm(root, { recursive: true, force: true });
});

const listed = async (store: FileStore) => {
  const found: StoredFile[] = [];
  for await (const file of store.list('d/', true, signal)) found.push(file);
  return found;
};
const read = async (store: FileStore, file: StoredFile) => {
  const into = Buffer.alloc(file.size);
  await store.read(file, 0, into, signal);
  return into;
};

test('parts in any order become the file at once, and nothing of them is seen before', async () => {
  for (const { store } of stores) {
    const bytes = randomBytes(2_500_000);
    const staged = store.begin('d/a.bin', 1_000_000);
    const part = (index: number) => bytes.subarray(index * 1_000_000, (index + 1) * 1_000_000);
    await Promise.all([2, 1, 0].map((index) => staged.stage(index, part(index), signal)));
    assert.deepEqual(await listed(store), [], store.name);
    const children: string[] = [];
    for await (const { name } of store.children('d/', signal)) children.push(name);
    assert.deepEqual(children, []);
    assert.equal(await store.find('d/a.bin', signal), undefined);
    await staged.commit(3, signal);
    const [file] = await listed(store);
    assert.equal(file?.path, 'd/a.bin');
    assert.ok((await read(store, file!)).equals(bytes), store.name);
  }
});

test('what is given up leaves nothing behind, and what was there stays as it was', async () => {
  for (const { store, seen } of stores) {
    await store.put('d/a.bin', Buffer.from('before'), signal);
    const staged = store.begin('d/a.bin', 4);
    await staged.stage(0, Buffer.from('half'), signal);
    await staged.discard();
    await store.begin('d/a.bin', 4).discard();
    assert.deepEqual(await seen(), ['a.bin'], store.name);
    assert.equal((await read(store, (await store.find('d/a.bin', signal))!)).toString(), 'before');
  }
});

test('a file that was changed since it was listed is neither read nor removed', async () => {
  for (const { store, seen } of stores) {
    await store.put('d/a.bin', Buffer.from('one'), signal);
    const [file] = await listed(store);
    await store.put('d/a.bin', Buffer.from('two'), signal);
    await assert.rejects(read(store, file!), /changed by somebody else/, store.name);
    await assert.rejects(store.remove(file!, signal), /changed by somebody else/, store.name);
    await store.put('d/a.bin', Buffer.alloc(0), signal);
    const [empty] = await listed(store);
    assert.equal(empty?.size, 0);
    await store.remove(empty!, signal);
    assert.deepEqual(await seen(), []);
  }
});

test('a name with the marks of a URL is a name like others', async () => {
  for (const { store, seen } of stores) {
    await store.put('d/50% #1 +é.csv', Buffer.from('x'), signal);
    assert.deepEqual(await seen(), ['50% #1 +é.csv'], store.name);
    const [file] = await listed(store);
    assert.equal((await read(store, file!)).toString(), 'x');
    await store.remove(file!, signal);
  }
});

test('a signature is enough to write, read and remove; an expired one is refused', async () => {
  const signature = (expiresOn: Date) =>
    generateAccountSASQueryParameters(
      {
        permissions: AccountSASPermissions.parse('rwdlac'),
        resourceTypes: 'sco',
        services: 'bf',
        expiresOn,
      },
      new StorageSharedKeyCredential('acme', key),
    ).toString();
  for (const [open, listener] of [
    [openLake, 'lake'],
    [openShare, 'file'],
  ] as const) {
    const bySignature = (expiresOn: Date) =>
      open(
        { values: { sasUri: `${url(listener)}?${signature(expiresOn)}`, fileShare: 'data' }, where: 'Linked service' },
        { values: { fileSystem: 'data' }, where: 'location' },
      );
    const store = bySignature(new Date(Date.now() + 60_000));
    const staged = store.begin('d/signed.csv', 4);
    await staged.stage(0, Buffer.from('by s'), signal);
    await staged.stage(1, Buffer.from('as'), signal);
    await staged.commit(2, signal);
    const [file] = await listed(store);
    assert.equal((await read(store, file!)).toString(), 'by sas');
    const expired = bySignature(new Date(Date.now() - 1000));
    await assert.rejects(read(expired, file!), /refused the credential.*check the key, the signature or the identity/);
    await store.remove(file!, signal);
    assert.deepEqual(await listed(store), []);
  }
});

test('one looks around in both: what is at the top, and in a folder', async () => {
  for (const [{ store }, { look }, root] of [
    [stores[0]!, await import('../azure-blob-fs/look.ts'), 'data/'],
    [stores[1]!, await import('../azure-file/look.ts'), ''],
  ] as const) {
    await store.put('d/a.csv', Buffer.from('a'), signal);
    await store.begin('d/b.csv', 4).stage(0, Buffer.from('half'), signal);
    const at = async (path: string) => {
      const found: string[] = [];
      for await (const { kind, path: at } of look(services.get(store)!, path, signal, undefined))
        found.push(`${kind} ${at}`);
      return found;
    };
    assert.deepEqual(await at(''), [root === '' ? 'Folder d' : 'Container data']);
    assert.deepEqual(await at(`${root}d`), [`File ${root}d/a.csv`]);
    await assert.rejects(at(`${root}none`), { errorCode: 'UserErrorFileNotFound' });
  }
});

test('only names that this program makes are hidden', () => {
  assert.ok(isStaged(stagedName('a/b.csv')));
  assert.ok(stagedName('a/b.csv').startsWith('a/'));
  for (const name of ['.postern-notes', 'a/.postern-', 'postern', `${stagedName('a')}/b`]) assert.ok(!isStaged(name));
});
