import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../base/json.ts';
import { accessProperty } from '../connectors/resolved.ts';
import { tokenUseOf, withAccess } from './identity.ts';

const serviceEndpoint = 'https://acmesales.blob.core.windows.net/';
const host = 'acmesales.blob.core.windows.net';
const of = (typeProperties: JsonObject, type = 'AzureBlobStorage') => ({ name: 'Sales', type, typeProperties });
const secret = { type: 'SecureString', value: 'the secret' };
const principal = { servicePrincipalId: 'app', servicePrincipalKey: secret, tenant: 'tenant' };

test('a linked service with nothing but its address asks as the factory, one with a principal as that', () => {
  const factory = { kind: 'storage', host };
  assert.deepEqual(tokenUseOf(of({ serviceEndpoint })), factory);
  assert.deepEqual(tokenUseOf(of({ serviceEndpoint: { type: 'SecureString', value: serviceEndpoint } })), factory);
  assert.deepEqual(tokenUseOf(of({ serviceEndpoint, authenticationType: 'Msi' })), factory);
  const app = { linkedService: 'Sales', id: 'app', secret: 'the secret', tenant: 'tenant' };
  assert.deepEqual(tokenUseOf(of({ serviceEndpoint, ...principal })), { ...factory, servicePrincipal: app });
  const url = 'https://acmesales.dfs.core.windows.net';
  const { servicePrincipalKey: _, ...rest } = principal;
  const lake = {
    url,
    ...rest,
    servicePrincipalCredentialType: 'ServicePrincipalKey',
    servicePrincipalCredential: secret,
  };
  assert.deepEqual(tokenUseOf(of(lake, 'AzureBlobFS')), {
    kind: 'storage',
    host: 'acmesales.dfs.core.windows.net',
    servicePrincipal: app,
  });
});

test('another credential, anonymity and another store need no token', () => {
  for (const more of [
    { accountKey: secret },
    { sasToken: secret },
    { sasUri: secret },
    { connectionString: 'AccountName=a' },
    { authenticationType: 'Anonymous' },
    { authenticationType: 'AccountKey' },
  ] as JsonObject[])
    assert.equal(tokenUseOf(of({ serviceEndpoint, ...more })), null, JSON.stringify(more));
  assert.equal(tokenUseOf(of({ serviceEndpoint }, 'CosmosDb')), null);
  assert.equal(tokenUseOf(of({ serviceEndpoint }, 'constructor')), null);
  assert.equal(tokenUseOf(of({})), null);
});

test('a token is made for no host but one of a storage account, and what cannot be read is named', () => {
  for (const address of [
    'http://acmesales.blob.core.windows.net',
    'https://acmesales.blob.core.windows.net:444',
    'https://acmesales.blob.core.windows.net.evil.example',
    'https://evil.example/acmesales.blob.core.windows.net',
    'https://acmesales.dfs.core.windows.net',
    'https://10.0.0.1/acmesales',
    'nonsense',
  ])
    assert.throws(
      () => tokenUseOf(of({ serviceEndpoint: address })),
      { code: 'UserErrorInvalidProperty', message: /typeProperties\.serviceEndpoint/ },
      address,
    );
  const vaultSecret = { type: 'AzureKeyVaultSecret', secretName: 's', store: {} };
  for (const [more, message] of [
    [{ ...principal, tenant: '' }, /typeProperties\.tenant/],
    [{ ...principal, servicePrincipalId: '' }, /typeProperties\.servicePrincipalId/],
    [{ ...principal, servicePrincipalKey: vaultSecret }, /typeProperties\.servicePrincipalKey cannot come from a key/],
    [{ ...principal, servicePrincipalCredentialType: 'ServicePrincipalCert' }, /servicePrincipalCredentialType/],
    [{ credential: { referenceName: 'mine' } }, /typeProperties\.credential/],
    [{ authenticationType: 'UserAssignedManagedIdentity' }, /typeProperties\.authenticationType/],
  ] as const)
    assert.throws(() => tokenUseOf(of({ serviceEndpoint, ...more } as JsonObject)), {
      code: 'UserErrorInvalidProperty',
      message,
    });
});

test('a worker gets no secret of a principal, and no access that somebody wrote', () => {
  const access = { token: 't', expiresAt: 'e', holder: 'h' };
  const written = of({
    serviceEndpoint,
    ...principal,
    servicePrincipalCredential: secret,
    [accessProperty]: { token: 'x' },
  });
  assert.deepEqual(withAccess(written).typeProperties, {
    serviceEndpoint,
    servicePrincipalId: 'app',
    tenant: 'tenant',
  });
  assert.deepEqual(withAccess(written, access).typeProperties[accessProperty], access);
});
