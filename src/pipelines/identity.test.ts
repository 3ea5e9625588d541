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

test('a database asks as an identity where it is told to, or names no login', () => {
  const use = { kind: 'sql', host: 'acme.database.windows.net' };
  const server = 'acme.database.windows.net';
  const app = { linkedService: 'Sales', id: 'app', secret: 'the secret', tenant: 'tenant' };
  const connectionString = 'Server=tcp:Acme.database.windows.net,1433;Database=sales;Connection Timeout=30';
  const withLogin = `${connectionString};User ID=reader;Password=p`;
  for (const [values, servicePrincipal] of [
    [{ server, database: 'd', authenticationType: 'SystemAssignedManagedIdentity' }, undefined],
    [{ server, database: 'd', authenticationType: 'SystemAssignedManagedIdentity', ...principal }, undefined],
    [{ server, database: 'd', authenticationType: 'ServicePrincipal', ...principal }, app],
    [{ connectionString: { type: 'SecureString', value: connectionString } }, undefined],
    [{ connectionString, ...principal }, app],
    [{ connectionString: withLogin, authenticationType: 'ServicePrincipal', ...principal }, app],
  ] as [JsonObject, typeof app | undefined][])
    for (const type of ['AzureSqlDatabase', 'AzureSqlDW'])
      assert.deepEqual(tokenUseOf(of(values, type)), { ...use, ...(servicePrincipal && { servicePrincipal }) });
  const pool = { server: 'tcp:ws-ondemand.sql.azuresynapse.net', database: 'd' };
  assert.equal(tokenUseOf(of(pool, 'AzureSqlDW'))?.host, 'ws-ondemand.sql.azuresynapse.net');
  const hidden = { type: 'AzureKeyVaultSecret', secretName: 's', store: {} };
  for (const values of [
    { server, database: 'd', authenticationType: 'SQL' },
    { server, database: 'd', userName: 'reader', password: hidden },
    { connectionString: withLogin },
    { connectionString: hidden },
    { connectionString: `${connectionString};Integrated Security=SSPI` },
    { database: 'd' },
  ] as JsonObject[])
    assert.equal(tokenUseOf(of(values, 'AzureSqlDatabase')), null, JSON.stringify(values));
  assert.equal(tokenUseOf(of({ server, database: 'd' }, 'SqlServer')), null);
  for (const [values, property] of [
    [{ server: 'db.corp.example', database: 'd' }, 'server'],
    [{ server: 'acme.database.windows.net.evil.example', database: 'd' }, 'server'],
    [{ server: 'evil.example/.database.windows.net', database: 'd' }, 'server'],
    [{ connectionString: hidden, authenticationType: 'SystemAssignedManagedIdentity' }, 'connectionString'],
    [{ connectionString: hidden, ...principal }, 'connectionString'],
    [{ server, ...principal, azureCloudType: 'AzureChina' }, 'azureCloudType'],
    [{ server, authenticationType: 'UserAssignedManagedIdentity' }, 'authenticationType'],
  ] as [JsonObject, string][])
    assert.throws(() => tokenUseOf(of(values, 'AzureSqlDatabase')), {
      code: 'UserErrorInvalidProperty',
      message: new RegExp(`typeProperties\\.${property} `),
    });
});

test('a Cosmos DB account is asked as an identity where no key is given', () => {
  const use = { kind: 'cosmos', host: 'acme.documents.azure.com' };
  const accountEndpoint = 'https://acme.documents.azure.com:443/';
  const connectionString = `AccountEndpoint=${accountEndpoint};Database=shop`;
  const { servicePrincipalKey: servicePrincipalCredential, ...rest } = principal;
  const app = { linkedService: 'Sales', id: 'app', secret: 'the secret', tenant: 'tenant' };
  const values = { accountEndpoint, database: 'shop' };
  assert.deepEqual(tokenUseOf(of(values, 'CosmosDb')), use);
  assert.deepEqual(tokenUseOf(of({ connectionString }, 'CosmosDb')), use);
  const written = {
    ...values,
    ...rest,
    servicePrincipalCredential,
    servicePrincipalCredentialType: 'ServicePrincipalKey',
  };
  assert.deepEqual(tokenUseOf(of(written, 'CosmosDb')), { ...use, servicePrincipal: app });
  const hidden = { type: 'AzureKeyVaultSecret', secretName: 's', store: {} };
  for (const more of [
    { accountKey: secret },
    { accountKey: hidden },
    { connectionString: `${connectionString};AccountKey=aGk=` },
    { connectionString: hidden },
  ] as JsonObject[])
    assert.equal(tokenUseOf(of({ ...values, ...more }, 'CosmosDb')), null, JSON.stringify(more));
  for (const address of [
    'http://acme.documents.azure.com',
    'https://acme.documents.azure.com:8081/',
    'https://acme.documents.azure.com.evil.example',
    'https://evil.example',
  ])
    assert.throws(() => tokenUseOf(of({ accountEndpoint: address, database: 'd' }, 'CosmosDb')), {
      code: 'UserErrorInvalidProperty',
      message: /typeProperties\.accountEndpoint must be https:\/\/account\.documents/,
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
