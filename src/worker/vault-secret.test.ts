import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SecretClient } from '@azure/keyvault-secrets';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { leadToLoopback } from '../../test/loopback.ts';
import type { ActivityJob } from '../activities/job.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { createLog } from '../base/log.ts';
import { openCertificateAuthority } from '../sandbox/certificate-authority.ts';
import { type KeyVaults, startKeyVaults } from '../sandbox/key-vault/start-key-vaults.ts';
import { fetchVaultSecrets } from './vault-secret.ts';

const tenantId = '10000000-0000-4000-8000-000000000001';
const host = 'acmekeys.vault.azure.net';
const keys = await generateKeyPair('RS256');
const tokenFor = (oid: string, seconds: number) =>
  new SignJWT({ oid, tid: tenantId })
    .setProtectedHeader({ alg: 'RS256' })
    .setAudience('https://vault.azure.net')
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(keys.privateKey);

let root: string;
let vaults: KeyVaults;
let place: string;
let leave: () => void;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'postern-vault-secret-'));
  const authority = await openCertificateAuthority(join(root, 'ca'));
  leave = leadToLoopback({ caFile: authority.caFile, leads: (name) => name === host });
  vaults = startKeyVaults({ folder: join(root, 'vaults'), authority, log: createLog({ level: 'silent' }) });
  const { endpoints } = await vaults.ensure({
    name: 'acmekeys',
    sealKey: randomBytes(32),
    retentionDays: 90,
    purgeProtection: false,
    gate: {
      tenantId,
      key: { ...(await exportJWK(keys.publicKey)) },
      authority: () => 'https://localhost',
      permissionsOf: async (objectId) => (objectId === 'factory' ? ['get', 'set'] : []),
    },
  });
  place = `${host}:${endpoints.vault!.port}`;
  const token = await tokenFor('factory', 60);
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 60_000 }) };
  await new SecretClient(`https://${place}`, credential).setSecret('key', 'the value');
});
after(async () => {
  leave();
  await vaults.close();
  await rm(root, { recursive: true, force: true });
});

const secret = (secretName: Json, more: JsonObject = {}): JsonObject => ({
  type: 'AzureKeyVaultSecret',
  secretName,
  store: { name: 'vault', type: 'AzureKeyVault', typeProperties: { baseUrl: `https://${place}/` } },
  ...more,
});

const job = (typeProperties: JsonObject, token: string): ActivityJob => ({
  jobId: '1',
  type: 'Copy',
  name: 'Copy',
  typeProperties: {},
  inputs: [{ name: 'in', type: 'Binary', typeProperties: {}, linkedService: { name: 'a', type: 'X', typeProperties } }],
  outputs: [],
  linkedService: { name: 'b', type: 'X', typeProperties },
  linkedServices: { logs: { name: 'c', type: 'X', typeProperties } },
  effectiveIntegrationRuntime: 'x',
  vaultTokens: { [place]: { token, expiresAt: new Date(Date.now() + 60_000).toISOString() } },
});

const fetchAll = (one: ActivityJob) => fetchVaultSecrets(one, new AbortController().signal);

test('each secret of a job is put in its place, wherever it stands, and the tokens go', async () => {
  const written = { password: secret('key'), deep: [{ accountKey: secret('key') }], host: 'plain' };
  const filled = await fetchAll(job(written, await tokenFor('factory', 60)));
  const expected = { password: 'the value', deep: [{ accountKey: 'the value' }], host: 'plain' };
  assert.deepEqual(filled.inputs[0]!.linkedService.typeProperties, expected);
  assert.deepEqual(filled.linkedService?.typeProperties, expected);
  assert.deepEqual(filled.linkedServices?.logs?.typeProperties, expected);
  assert.equal(filled.vaultTokens, undefined);
});

test('what keeps a secret from its job is an error that says what to change', async () => {
  const good = await tokenFor('factory', 60);
  for (const [reference, token, code] of [
    [secret('key'), await tokenFor('factory', -60), 'AzureKeyVaultUnauthorized'],
    [secret('key'), await tokenFor('stranger', 60), 'AzureKeyVaultForbidden'],
    [secret('none'), good, 'AzureKeyVaultSecretNotFound'],
    [secret('key', { secretVersion: 'f'.repeat(32) }), good, 'AzureKeyVaultSecretNotFound'],
    [secret(''), good, 'UserErrorInvalidProperty'],
    [
      secret('key', { store: { typeProperties: { baseUrl: 'https://other.vault.azure.net' } } }),
      good,
      'AzureKeyVaultUnauthorized',
    ],
  ] as const)
    await assert.rejects(
      fetchAll(job({ password: reference }, token)),
      (error: { errorCode?: string; message: string }) => {
        assert.equal(error.errorCode, code, error.message);
        assert.ok(!error.message.includes(token));
        return true;
      },
    );
});

test('a vault that does not answer is unreachable, and a job without references is left alone', async () => {
  const there = place;
  place = `${host}:1`;
  const one = job({ password: secret('key') }, await tokenFor('factory', 60));
  place = there;
  await assert.rejects(fetchAll(one), { errorCode: 'AzureKeyVaultUnreachable' });
  const { vaultTokens: _, ...plain } = job({ password: 'x' }, '');
  assert.equal(await fetchAll(plain), plain);
});
