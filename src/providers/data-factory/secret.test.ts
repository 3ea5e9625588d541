import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/json.ts';
import { partSecrets } from './secret.ts';

const service = (typeProperties: JsonObject, type = 'AzureBlobStorage'): JsonObject => ({
  properties: { type, typeProperties },
});
const typeProperties = (body: JsonObject) => (body.properties as JsonObject).typeProperties as JsonObject;
const withKey = 'DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net';
const path = 'properties.typeProperties.connectionString';

test('a connection string loses its key and gains an encryptedCredential that says nothing', () => {
  const parted = partSecrets(service({ connectionString: withKey }), null);
  assert.equal(parted.secrets.get(path), withKey);
  const shown = typeProperties(parted.body);
  assert.doesNotMatch(JSON.stringify(shown), /c2VjcmV0|AccountKey/);
  assert.match(String(shown.encryptedCredential), /^[A-Za-z0-9+/=]{32}$/);
});

test('the body as it was shown keeps the stored secret; a changed one must bring it', () => {
  const first = partSecrets(service({ connectionString: withKey }), null);
  const stored = { body: first.body, paths: new Set(first.secrets.keys()) };
  const again = partSecrets(structuredClone(first.body), stored);
  assert.deepEqual([again.kept, again.secrets.size, again.refused], [[path], 0, null]);

  const elsewhere = structuredClone(first.body);
  typeProperties(elsewhere).connectionString = 'AccountName=attacker';
  assert.equal(partSecrets(elsewhere, stored).refused?.path, path);
  const otherType = structuredClone(first.body);
  (otherType.properties as JsonObject).type = 'AzureTableStorage';
  assert.equal(partSecrets(otherType, stored).refused?.path, path);

  const described = structuredClone(first.body);
  (described.properties as JsonObject).description = 'for the sales team';
  assert.equal(partSecrets(described, stored).refused, null);
  const renewed = partSecrets(service({ ...typeProperties(first.body), connectionString: withKey }), stored);
  assert.deepEqual([renewed.kept, renewed.secrets.get(path), renewed.refused], [[], withKey, null]);
  assert.notEqual(typeProperties(renewed.body).encryptedCredential, typeProperties(first.body).encryptedCredential);
});

test('a string without its key and without the credential forgets the stored secret', () => {
  const first = partSecrets(service({ connectionString: withKey }), null);
  const stored = { body: first.body, paths: new Set(first.secrets.keys()) };
  const anonymous = partSecrets(service({ connectionString: 'AccountName=acme' }), stored);
  assert.deepEqual([anonymous.kept, anonymous.secrets.size, anonymous.refused], [[], 0, null]);
});

test('secure strings, key fields, signatures and secure defaults are masked wherever they stand', () => {
  const parted = partSecrets(
    {
      properties: {
        type: 'HttpServer',
        parameters: { p: { type: 'SecureString', defaultValue: 'hush1' } },
        typeProperties: {
          password: { type: 'SecureString', value: 'hush2' },
          sasUri: 'https://a.blob.core.windows.net/?sv=1&sig=hush3',
          url: 'https://a/?sv=1&sig=hush4',
          accountKey: 'hush5',
          headers: [{ 'x.key': { type: 'SecureString', value: 'hush6' } }],
          userName: 'seen',
        },
      },
    },
    null,
  );
  assert.doesNotMatch(JSON.stringify(parted.body), /hush/);
  assert.deepEqual([...parted.secrets.values()].map(String).filter((value) => /hush\d/.test(value)).length, 6);
  assert.equal(typeProperties(parted.body).userName, 'seen');
  const again = partSecrets(parted.body, { body: parted.body, paths: new Set(parted.secrets.keys()) });
  assert.deepEqual([again.kept.length, again.refused], [6, null]);
});

test('a mask with nothing behind it is refused by its path', () => {
  const parted = partSecrets(service({ accountKey: { type: 'SecureString', value: '**********' } }), null);
  assert.equal(parted.refused?.path, 'properties.typeProperties.accountKey.value');
});
