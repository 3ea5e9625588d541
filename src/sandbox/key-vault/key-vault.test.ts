import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { SecretClient, type SecretProperties } from '@azure/keyvault-secrets';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createLog } from '../../base/log.ts';
import { openCertificateAuthority } from '../certificate-authority.ts';
import type { SandboxStore, SecretPermission, VaultGate } from '../sandbox.ts';
import { type KeyVaults, startKeyVaults } from './start-key-vaults.ts';

const tenantId = '10000000-0000-4000-8000-000000000001';
const everything: readonly SecretPermission[] = ['get', 'list', 'set', 'delete', 'recover', 'purge'];
const people = new Map<string, readonly SecretPermission[]>([
  ['officer', everything],
  ['reader', ['get']],
  ['stranger', []],
]);
const keys = await generateKeyPair('RS256');
const others = await generateKeyPair('RS256');
const key = { ...(await exportJWK(keys.publicKey)) };
const gate: VaultGate = {
  tenantId,
  key,
  authority: () => 'https://localhost:1',
  permissionsOf: async (objectId) => people.get(objectId) ?? null,
};
const sealKey = randomBytes(32);
const host = 'acmekeys.vault.azure.net';

type Claims = {
  oid?: string;
  aud?: string;
  tid?: string;
  exp?: number;
  key?: typeof keys.privateKey;
  postern_host?: string;
};
const tokenFor = ({ key: signer, exp, aud, ...more }: Claims) =>
  new SignJWT({ oid: 'officer', appid: 'app', tid: tenantId, ...more })
    .setProtectedHeader({ alg: 'RS256' })
    .setAudience(aud ?? 'https://vault.azure.net')
    .setExpirationTime(Math.floor(Date.now() / 1000) + (exp ?? 300))
    .sign(signer ?? keys.privateKey);

let root: string;
let ca: string;
let vaults: KeyVaults;
let store: SandboxStore;
const ensure = (more: { purgeProtection?: boolean; name?: string } = {}) =>
  vaults.ensure({ name: 'acmekeys', sealKey, retentionDays: 90, purgeProtection: false, gate, ...more });

const open = async () => {
  const authority = await openCertificateAuthority(join(root, 'ca'));
  ca = await readFile(authority.caFile, 'utf8');
  vaults = startKeyVaults({ folder: join(root, 'vaults'), authority, log: createLog({ level: 'silent' }) });
  store = await ensure();
};

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'postern-vault-'));
  await open();
});
after(async () => {
  await vaults.close();
  await rm(root, { recursive: true, force: true });
});

const agent = () =>
  new Agent({
    ca,
    lookup: (name, options, done) => {
      assert.equal(name, host);
      if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    },
  });

/** The official client at the vault's real host name; only where that name leads is ours. */
const client = (claims: Claims = {}): SecretClient =>
  new SecretClient(
    `https://${host}:${store.endpoints.vault!.port}`,
    { getToken: async () => ({ token: await tokenFor(claims), expiresOnTimestamp: Date.now() + 60_000 }) },
    {
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [
        {
          position: 'perCall',
          policy: {
            name: 'to the sandbox',
            sendRequest: (outgoing, next) => {
              outgoing.agent = agent();
              return next(outgoing);
            },
          },
        },
      ],
    },
  );

const names = async (pages: AsyncIterable<SecretProperties>) => {
  const found: string[] = [];
  for await (const { name } of pages) found.push(name);
  return found;
};

const refused = (status: number, code: string, words: RegExp) => (error: Error & Record<string, unknown>) => {
  assert.equal(error.statusCode, status, error.message);
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

test('the official client sets, reads, lists, changes, deletes, recovers and purges secrets', async () => {
  const officer = client();
  const first = await officer.setSecret('storage-key', 'one', { contentType: 'text/plain', tags: { team: 'sales' } });
  const second = await officer.setSecret('Storage-Key', 'zwei 🗝 "quoted"\n');
  assert.notEqual(first.properties.version, second.properties.version);
  const latest = await officer.getSecret('storage-key');
  assert.equal(latest.value, 'zwei 🗝 "quoted"\n');
  assert.equal(latest.properties.vaultUrl, `https://${host}`);
  assert.equal(latest.properties.recoverableDays, 90);
  const version = { version: first.properties.version! };
  const old = await officer.getSecret('storage-key', version);
  assert.deepEqual(
    [old.value, old.properties.contentType, old.properties.tags],
    ['one', 'text/plain', { team: 'sales' }],
  );

  const expiresOn = new Date('2030-01-01T00:00:00Z');
  const changed = await officer.updateSecretProperties('storage-key', version.version, { enabled: false, expiresOn });
  assert.deepEqual([changed.enabled, changed.expiresOn], [false, expiresOn]);
  await assert.rejects(officer.getSecret('storage-key', version), refused(403, 'Forbidden', /disabled/));
  assert.equal((await names(officer.listPropertiesOfSecretVersions('storage-key'))).length, 2);

  // More than a page.
  for (let number = 10; number < 40; number += 1) await officer.setSecret(`n${number}`, `${number}`);
  const listed = await names(officer.listPropertiesOfSecrets());
  assert.equal(listed.length, 31);
  assert.equal(new Set(listed).size, 31);

  const poller = await officer.beginDeleteSecret('storage-key');
  const deleted = await poller.pollUntilDone();
  assert.ok(deleted.scheduledPurgeDate! > new Date());
  await assert.rejects(officer.getSecret('storage-key'), refused(404, 'SecretNotFound', /storage-key/));
  await assert.rejects(officer.setSecret('storage-key', 'x'), refused(409, 'Conflict', /recovered or purged/));
  assert.equal((await officer.getDeletedSecret('storage-key')).name, 'storage-key');
  await (await officer.beginRecoverDeletedSecret('storage-key')).pollUntilDone();
  assert.equal((await officer.getSecret('storage-key')).value, 'zwei 🗝 "quoted"\n');

  await (await officer.beginDeleteSecret('n10')).pollUntilDone();
  await ensure({ purgeProtection: true });
  await assert.rejects(officer.purgeDeletedSecret('n10'), refused(403, 'Forbidden', /purge protection/));
  await ensure();
  await officer.purgeDeletedSecret('n10');
  await assert.rejects(officer.getDeletedSecret('n10'), refused(404, 'SecretNotFound', /n10/));
});

test('only a token for vaults, of this tenant and issuer, in time, of somebody who exists and may, opens one', async () => {
  await client().setSecret('guarded', 'yes');
  assert.equal((await client({ oid: 'reader' }).getSecret('guarded')).value, 'yes');
  assert.equal((await client({ oid: 'reader', postern_host: host }).getSecret('guarded')).value, 'yes');
  for (const [claims, status, words] of [
    [{ oid: 'stranger' }, 403, /does not have secrets get permission/],
    [{ oid: 'nobody' }, 401, /does not exist/],
    [{ aud: 'https://management.azure.com' }, 401, /Invalid audience/],
    [{ tid: 'other' }, 401, /tenant/],
    [{ exp: -60 }, 401, /has expired/],
    [{ key: others.privateKey }, 401, /not signed by/],
    [{ postern_host: 'others.vault.azure.net' }, 401, /'others.vault.azure.net' only/],
  ] as const)
    await assert.rejects(
      client(claims).getSecret('guarded'),
      refused(status, status === 403 ? 'Forbidden' : 'Unauthorized', words),
    );
  await assert.rejects(client({ oid: 'reader' }).setSecret('guarded', 'no'), refused(403, 'Forbidden', /secrets set/));
});

const raw = async (method: string, path: string, headers: Record<string, string> = {}) => {
  const sent = request({ host, port: store.endpoints.vault!.port, method, path, headers, agent: agent() });
  sent.end();
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
    sent.once('response', resolve).once('error', reject),
  );
  const body = (await json(response)) as { error: { code: string; message: string } };
  return { status: response.statusCode, challenge: response.headers['www-authenticate'], ...body.error };
};

test('without a token comes a challenge; what the vault does not do is refused by name', async () => {
  const challenged = await raw('GET', '/secrets/guarded?api-version=2025-07-01');
  assert.equal(challenged.status, 401);
  assert.equal(
    challenged.challenge,
    `Bearer authorization="https://localhost:1/${tenantId}", resource="https://vault.azure.net"`,
  );
  const authorization = `Bearer ${await tokenFor({})}`;
  for (const [method, path] of [
    ['POST', '/secrets/guarded/backup'],
    ['PUT', '/keys/one'],
    ['GET', '/certificates'],
  ] as const) {
    const answer = await raw(method, `${path}?api-version=2025-07-01`, { authorization });
    assert.deepEqual([answer.status, answer.code], [501, 'NotImplemented']);
    assert.ok(answer.message.includes(`${method} ${path}`), answer.message);
  }
  assert.equal((await raw('GET', '/secrets/guarded', { authorization })).code, 'BadParameter');
});

/** The processes that serve vaults for this one. */
const vaultPids = (): number[] =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox/key-vault/main.ts'));

test('what was acknowledged outlives a kill; at rest it is sealed; a vault that is removed is gone', async () => {
  const secret = `s3cret-${randomBytes(8).toString('hex')}`;
  await client().setSecret('kept', secret);
  const [pid] = vaultPids();
  process.kill(pid!, 'SIGKILL');
  // The same order again waits for the process that takes its place.
  const before = store.endpoints.vault!.port;
  store = await ensure();
  assert.equal(store.endpoints.vault!.port, before);
  assert.notEqual(vaultPids()[0], pid);
  assert.equal((await client().getSecret('kept')).value, secret);

  const folder = join(root, 'vaults', 'acmekeys');
  for (const file of readdirSync(folder)) assert.ok(!readFileSync(join(folder, file)).includes(secret), file);

  await vaults.close();
  await open();
  assert.equal((await client().getSecret('kept')).value, secret);
  await vaults.remove('acmekeys');
  store = await ensure();
  await assert.rejects(client().getSecret('kept'), refused(404, 'SecretNotFound', /kept/));
});

test('no name leads out of the folder', async () => {
  for (const name of ['..', '../x', 'a', 'Acme', 'a--b', 'acme-', '1acme', 'a/b'])
    await assert.rejects(ensure({ name }), RangeError, name);
});
