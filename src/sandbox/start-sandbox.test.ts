import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type Agent, Agent as HttpsAgent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BlobServiceClient, newPipeline, RestError, StorageSharedKeyCredential } from '@azure/storage-blob';
import { createLog } from '../base/log.ts';
import { openCertificateAuthority } from './certificate-authority.ts';
import type { Sandbox, SandboxStore } from './sandbox.ts';
import { startSandbox } from './start-sandbox.ts';

const key = () => randomBytes(64).toString('base64');

type Place = { folder: string; ca: string; start: (processes?: number) => Promise<Sandbox> };

const place = async (context: TestContext): Promise<Place> => {
  const root = await mkdtemp(join(tmpdir(), 'postern-sandbox-'));
  const authority = await openCertificateAuthority(join(root, 'ca'));
  const started: Sandbox[] = [];
  context.after(async () => {
    await Promise.all(started.map((one) => one.close()));
    await rm(root, { recursive: true, force: true });
  });
  const folder = join(root, 'stores');
  const start = async (processes = 1) => {
    const sandbox = await startSandbox({ folder, authority, log: createLog({ level: 'silent' }), processes });
    started.push(sandbox);
    return sandbox;
  };
  return { folder, ca: await readFile(authority.caFile, 'utf8'), start };
};

/** The official client at the account's real host name; only where that name leads is ours. */
const blobClient = (
  store: SandboxStore,
  name: string,
  accountKey: string,
  ca: string,
  host = name,
): BlobServiceClient => {
  const agent = agentTo(store.endpoints.blob!.port, ca);
  const pipeline = newPipeline(new StorageSharedKeyCredential(name, accountKey), { retryOptions: { maxTries: 1 } });
  pipeline.factories.push({
    create: (next) => ({
      sendRequest: (outgoing) => {
        outgoing.agent = agent;
        return next.sendRequest(outgoing);
      },
    }),
  });
  return new BlobServiceClient(`https://${host}.blob.core.windows.net:${store.endpoints.blob!.port}`, pipeline);
};

const agentTo = (port: number, ca: string): Agent =>
  new HttpsAgent({
    ca,
    lookup: (host, options, done) => {
      assert.match(host, /\.core\.windows\.net$/, `only the store at port ${port} may be asked for`);
      if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    },
  });

const storePids = (parent: number | undefined): number[] =>
  readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox/azurite/main.ts'));

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = AbortSignal.timeout(20_000);
  while (!(await condition())) {
    deadline.throwIfAborted();
    await delay(10);
  }
};

const restError = (code: string, status: number) => (error: unknown) => {
  assert.ok(error instanceof RestError, String(error));
  assert.deepEqual({ code: error.code, status: error.statusCode }, { code, status });
  return true;
};

test('an unmodified client uploads, lists and downloads by the real host name, and checks the certificate', async (context) => {
  const { ca, start } = await place(context);
  const accountKey = key();
  const store = await (await start()).ensureStorageAccount({ name: 'acmesales', keys: [accountKey, key()] });
  assert.deepEqual(Object.keys(store.endpoints), ['blob', 'queue', 'table', 'dfs', 'file', 'lake']);
  const container = blobClient(store, 'acmesales', accountKey, ca).getContainerClient('landing');
  await container.create();
  const content = randomBytes(9_000_000);
  const blob = container.getBlockBlobClient('2026/überfall, "quoted".bin');
  await blob.uploadData(content, { blockSize: 4_000_000, maxSingleShotSize: 4_000_000 });
  const names: string[] = [];
  for await (const one of container.listBlobsFlat()) names.push(one.name);
  assert.deepEqual(names, ['2026/überfall, "quoted".bin']);
  assert.ok((await blob.downloadToBuffer()).equals(content));

  const stranger = await openCertificateAuthority(await mkdtemp(join(tmpdir(), 'postern-sandbox-')));
  context.after(() => rm(join(stranger.caFile, '..'), { recursive: true, force: true }));
  const distrusting = blobClient(store, 'acmesales', accountKey, await readFile(stranger.caFile, 'utf8'));
  await assert.rejects(distrusting.getProperties(), /SELF_SIGNED_CERT_IN_CHAIN|self-signed certificate/);
});

test('a person on this machine reaches a store by loopback address, with either key', async (context) => {
  const { ca, start } = await place(context);
  const keys = [key(), key()];
  const { endpoints } = await (await start()).ensureStorageAccount({ name: 'acmesales', keys });
  for (const accountKey of keys) {
    const credential = new StorageSharedKeyCredential('acmesales', accountKey);
    const pipeline = newPipeline(credential, { retryOptions: { maxTries: 1 } });
    const agent = new HttpsAgent({ ca });
    pipeline.factories.push({
      create: (next) => ({ sendRequest: (outgoing) => next.sendRequest(Object.assign(outgoing, { agent })) }),
    });
    const service = new BlobServiceClient(`https://127.0.0.1:${endpoints.blob!.port}/acmesales`, pipeline);
    await service.getProperties();
  }
});

test('a port serves its own account only, whatever a client names', async (context) => {
  const { ca, start } = await place(context);
  const sandbox = await start();
  const [mine, theirs] = [key(), key()];
  const [a, b] = await Promise.all([
    sandbox.ensureStorageAccount({ name: 'acmeone', keys: [mine] }),
    sandbox.ensureStorageAccount({ name: 'acmetwo', keys: [theirs] }),
  ]);
  const secret = blobClient(b, 'acmetwo', theirs, ca).getContainerClient('secret');
  await secret.create({ access: 'container' });
  await secret.getBlockBlobClient('a.txt').upload('secret', 6);

  // By its host name and with its own key the other account answers at its port, and does not exist at ours.
  const ask = (store: SandboxStore, path: string, headers: Record<string, string>) =>
    ask2(store.endpoints.blob!.port, 'acmeone.blob.core.windows.net', ca, 'GET', path, headers);
  const host = 'acmetwo.blob.core.windows.net';
  const direct = await ask2(b.endpoints.blob!.port, host, ca, 'GET', '/secret/a.txt', { host });
  assert.deepEqual([direct.status, direct.body], [200, 'secret']);
  for (const [path, headers] of [
    ['/secret/a.txt', { host }],
    ['/acmetwo/secret/a.txt', { host: '127.0.0.1' }],
    ['/secret/a.txt', { host: `${host}.` }],
    ['/secret/a.txt', { host: 'ACMETWO.blob.core.windows.net' }],
    ['/secret/a.txt', { host: 'acmetwo-secondary.blob.core.windows.net' }],
  ] as const) {
    const answer = await ask(a, path, headers);
    assert.ok(answer.status >= 400 && answer.status < 500, `${path} ${headers.host}: ${answer.status}`);
    assert.notEqual(answer.body, 'secret');
  }
  await assert.rejects(
    blobClient({ endpoints: a.endpoints }, 'acmetwo', theirs, ca, 'acmetwo').getProperties(),
    /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate/,
  );
  for (const wellKnown of ['devstoreaccount1', 'constructor', '__proto__']) {
    const signed = {
      host: '127.0.0.1',
      authorization: `SharedKey ${wellKnown}:AAAA`,
      'x-ms-date': new Date().toUTCString(),
    };
    const answer = await ask(a, `/${wellKnown}?restype=service&comp=properties`, signed);
    assert.equal(answer.status, 404, `${wellKnown}: ${answer.body}`);
  }
});

test('a wrong key is refused, and a changed key takes effect without a restart', async (context) => {
  const { ca, start } = await place(context);
  const sandbox = await start();
  const [before, after] = [key(), key()];
  const store = await sandbox.ensureStorageAccount({ name: 'acmesales', keys: [before] });
  await assert.rejects(
    blobClient(store, 'acmesales', after, ca).getProperties(),
    restError('AuthorizationFailure', 403),
  );
  assert.deepEqual(await sandbox.ensureStorageAccount({ name: 'acmesales', keys: [after] }), store);
  await blobClient(store, 'acmesales', after, ca).getProperties();
  await assert.rejects(
    blobClient(store, 'acmesales', before, ca).getProperties(),
    restError('AuthorizationFailure', 403),
  );
});

test('data survives a restart of the sandbox; removal deletes it and its name starts empty', async (context) => {
  const { ca, folder, start } = await place(context);
  const accountKey = key();
  const first = await start();
  let store = await first.ensureStorageAccount({ name: 'acmesales', keys: [accountKey] });
  await blobClient(store, 'acmesales', accountKey, ca)
    .getContainerClient('kept')
    .create({ metadata: { a: 'b' } });
  await first.close();

  const second = await start();
  store = await second.ensureStorageAccount({ name: 'acmesales', keys: [accountKey] });
  const kept = await blobClient(store, 'acmesales', accountKey, ca).getContainerClient('kept').getProperties();
  assert.deepEqual(kept.metadata, { a: 'b' });

  await second.removeStorageAccount('acmesales');
  await second.removeStorageAccount('acmesales');
  assert.equal(existsSync(join(folder, 'acmesales')), false);
  store = await second.ensureStorageAccount({ name: 'acmesales', keys: [accountKey] });
  await assert.rejects(
    blobClient(store, 'acmesales', accountKey, ca).getContainerClient('kept').getProperties(),
    restError('ContainerNotFound', 404),
  );
});

test('a block that differs from its digest is refused; one without a digest costs the store no CRC of its own', async (context) => {
  const { ca, start } = await place(context);
  const accountKey = key();
  const store = await (await start()).ensureStorageAccount({ name: 'acmesales', keys: [accountKey] });
  const container = blobClient(store, 'acmesales', accountKey, ca).getContainerClient('landing');
  await container.create();
  const blob = container.getBlockBlobClient('a.bin');
  const id = Buffer.from('0').toString('base64');
  const stage = (options: object) => blob.stageBlock(id, 'content', 7, options);
  const wrong = new Uint8Array(16);
  await assert.rejects(stage({ transactionalContentMD5: wrong }), restError('Md5Mismatch', 400));
  await assert.rejects(stage({ transactionalContentCrc64: wrong.slice(0, 8) }), restError('Crc64Mismatch', 400));
  const staged = await stage({});
  assert.equal(staged.xMsContentCrc64, undefined);
  await blob.commitBlockList([id]);
  assert.equal((await blob.downloadToBuffer()).toString(), 'content');
});

test('names that are no account names are refused before they touch a folder', async (context) => {
  const { start } = await place(context);
  const sandbox = await start();
  for (const name of ['..', '../../etc', 'a', 'Acme', 'acme/x', 'acme\0', '.removed-x', 'a'.repeat(25)]) {
    await assert.rejects(sandbox.ensureStorageAccount({ name, keys: [key()] }), RangeError, name);
    await assert.rejects(sandbox.removeStorageAccount(name), RangeError, name);
  }
});

test('an acknowledged write survives kill -9 of its store, which comes back at the same port', async (context) => {
  const { ca, start } = await place(context);
  const sandbox = await start();
  const accountKey = key();
  const store = await sandbox.ensureStorageAccount({ name: 'acmesales', keys: [accountKey] });
  const service = blobClient(store, 'acmesales', accountKey, ca);
  await service.getContainerClient('kept').create();
  for (let round = 0; round < 3; round++) {
    const before = storePids(process.pid);
    assert.equal(before.length, 1);
    const blob = service.getContainerClient('kept').getBlockBlobClient(`blob-${round}`);
    await blob.uploadData(Buffer.from(`content ${round}`));
    process.kill(before[0]!, 'SIGKILL');
    await until(() => !before.includes(storePids(process.pid)[0] ?? before[0]!));
    assert.deepEqual(await sandbox.ensureStorageAccount({ name: 'acmesales', keys: [accountKey] }), store);
    for (let earlier = 0; earlier <= round; earlier++) {
      const name = `blob-${earlier}`;
      const found = await service.getContainerClient('kept').getBlockBlobClient(name).downloadToBuffer();
      assert.equal(found.toString(), `content ${earlier}`);
    }
  }
});

test('kill -9 of the process that started the sandbox leaves no store process, and loses nothing', async (context) => {
  const { ca, folder, start } = await place(context);
  const accountKey = key();
  const program = `
    import { openCertificateAuthority } from ${JSON.stringify(import.meta.resolve('./certificate-authority.ts'))};
    import { startSandbox } from ${JSON.stringify(import.meta.resolve('./start-sandbox.ts'))};
    import { createLog } from ${JSON.stringify(import.meta.resolve('../base/log.ts'))};
    const authority = await openCertificateAuthority(${JSON.stringify(join(folder, '../ca'))});
    const sandbox = await startSandbox({ folder: ${JSON.stringify(folder)}, authority, log: createLog(), processes: 2 });
    const [one] = await Promise.all(['acmeone', 'acmetwo'].map((name) =>
      sandbox.ensureStorageAccount({ name, keys: [${JSON.stringify(accountKey)}] })));
    console.log(JSON.stringify(one));`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const store = JSON.parse(line.toString()) as SandboxStore;
  const stores = storePids(parent.pid);
  assert.equal(stores.length, 2);
  await blobClient(store, 'acmeone', accountKey, ca).getContainerClient('kept').create();
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  // At once, while the old stores may still be there: the new ones wait for them.
  const sandbox = await start(2);
  const again = await sandbox.ensureStorageAccount({ name: 'acmeone', keys: [accountKey] });
  assert.equal(await blobClient(again, 'acmeone', accountKey, ca).getContainerClient('kept').exists(), true);
  await until(() => stores.every((pid) => !existsSync(`/proc/${pid}`)));
});

test('a batch of table entities arrives whole at a host name like Azure’s', async (context) => {
  const { ca, start } = await place(context);
  const accountKey = key();
  const { endpoints } = await (await start()).ensureStorageAccount({ name: 'acmesales', keys: [accountKey] });
  const host = 'acmesales.table.core.windows.net';
  const send = (method: string, path: string, type: string, body: string) => {
    const date = new Date().toUTCString();
    const text = `${date}\n/acmesales${path}`;
    const signature = createHmac('sha256', Buffer.from(accountKey, 'base64')).update(text).digest('base64');
    const authorization = `SharedKeyLite acmesales:${signature}`;
    const headers = { 'x-ms-date': date, authorization, 'x-ms-version': '2019-02-02', accept: 'application/json' };
    return ask2(endpoints.table!.port, host, ca, method, path, { ...headers, 'content-type': type }, body);
  };
  assert.equal((await send('POST', '/Tables', 'application/json', '{"TableName":"orders"}')).status, 201);
  const insert = (row: number) =>
    `--changeset_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n` +
    `POST https://${host}/orders HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n\r\n` +
    `{"PartitionKey":"p","RowKey":"${row}","Text":"\u2028\u2029${row}"}\r\n`;
  const batch =
    `--batch_1\r\nContent-Type: multipart/mixed; boundary=changeset_1\r\n\r\n` +
    `${insert(1)}${insert(2)}--changeset_1--\r\n--batch_1--\r\n`;
  const answer = await send('POST', '/$batch', 'multipart/mixed; boundary=batch_1', batch);
  assert.equal(answer.status, 202, answer.body);
  const found = await send('GET', '/orders()', 'application/json', '');
  assert.equal(found.status, 200, found.body);
  assert.deepEqual(
    (JSON.parse(found.body) as { value: { RowKey: string; Text: string }[] }).value.map((one) => [
      one.RowKey,
      one.Text,
    ]),
    [
      ['1', '\u2028\u20291'],
      ['2', '\u2028\u20292'],
    ],
  );
});

const ask2 = async (
  port: number,
  servername: string,
  ca: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<{ status: number; body: string }> => {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    servername,
    ca,
    method,
    path,
    agent: false,
    headers: { host: servername, ...headers },
  });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response');
  return { status: incoming.statusCode, body: (await buffer(incoming)).toString() };
};
