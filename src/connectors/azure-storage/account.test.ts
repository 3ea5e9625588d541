import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/json.ts';
import { readAccount, type StorageService } from './account.ts';

const read = (values: JsonObject, service: StorageService = 'blob') =>
  readAccount({ values, where: 'Linked service' }, service);
const key = Buffer.from('a key').toString('base64');
const endpoint = 'https://acmesales.blob.core.windows.net';

test('every way to say where the account is and who asks', () => {
  const byKey = { endpoint, credential: { kind: 'key', account: 'acmesales', key } };
  const bySas = { endpoint, credential: { kind: 'sas', token: 'sv=1&sig=abc' } };
  const connection = 'DefaultEndpointsProtocol=https;AccountName=acmesales';
  for (const [values, expected] of [
    [{ connectionString: `${connection};AccountKey=${key};EndpointSuffix=core.windows.net` }, byKey],
    [{ connectionString: { type: 'SecureString', value: `${connection};AccountKey=${key}` } }, byKey],
    [{ connectionString: connection, accountKey: { type: 'SecureString', value: key } }, byKey],
    [{ connectionString: `AccountName=other;BlobEndpoint=${endpoint}/;SharedAccessSignature=?sv=1&sig=abc` }, bySas],
    [{ serviceEndpoint: `${endpoint}/`, accountKey: key }, byKey],
    [{ serviceUri: endpoint, sasToken: '?sv=1&sig=abc' }, bySas],
    [{ sasUri: `${endpoint}/?sv=1&sig=abc` }, bySas],
    [{ sasUri: { type: 'SecureString', value: `${endpoint}/box?sv=1&sig=abc` } }, bySas],
    [{ sasUri: endpoint, sasToken: 'sv=1&sig=abc' }, bySas],
    [
      { authenticationType: 'Anonymous', containerUri: `${endpoint}/box` },
      { endpoint, credential: { kind: 'none' } },
    ],
  ] as const)
    assert.deepEqual(read(values), expected, JSON.stringify(values));
});

test('a table has its own endpoint, and is never anonymous', () => {
  const tables = 'https://acmesales.table.core.windows.net';
  const byKey = { endpoint: tables, credential: { kind: 'key', account: 'acmesales', key } };
  assert.deepEqual(read({ connectionString: `AccountName=acmesales;AccountKey=${key}` }, 'table'), byKey);
  assert.deepEqual(
    read({ connectionString: `AccountName=acmesales;AccountKey=${key};TableEndpoint=${tables}/` }, 'table'),
    byKey,
  );
  assert.deepEqual(read({ sasUri: `${tables}/films?sv=1&sig=abc` }, 'table'), {
    endpoint: tables,
    credential: { kind: 'sas', token: 'sv=1&sig=abc' },
  });
  const anonymous = { authenticationType: 'Anonymous', containerUri: `${tables}/films` };
  assert.throws(() => read(anonymous, 'table'), { errorCode: 'UserErrorInvalidProperty', message: /connectionString/ });
});

test('Data Lake and Azure Files have their own endpoints and their own ways to say where they are', () => {
  const at = (service: StorageService) => `https://acmesales.${service}.core.windows.net`;
  const byKey = (service: StorageService) => ({
    endpoint: at(service),
    credential: { kind: 'key', account: 'acmesales', key },
  });
  assert.deepEqual(read({ url: `${at('dfs')}/`, accountKey: key }, 'dfs'), byKey('dfs'));
  assert.deepEqual(read({ connectionString: `AccountName=acmesales;AccountKey=${key}` }, 'file'), byKey('file'));
  for (const service of ['dfs', 'file'] as const)
    assert.deepEqual(read({ sasUri: `${at(service)}/films?sv=1&sig=abc` }, service), {
      endpoint: at(service),
      credential: { kind: 'sas', token: 'sv=1&sig=abc' },
    });
  assert.throws(() => read({ serviceEndpoint: at('dfs'), accountKey: key }, 'dfs'), { message: /url with accountKey/ });
});

test('what is missing or wrong is named, and no secret is repeated', () => {
  for (const values of [
    {},
    { connectionString: 'nonsense' },
    { connectionString: 'AccountName=acmesales' },
    { connectionString: 'AccountName=acmesales;AccountKey=s e c r e t' },
    { connectionString: `AccountName=../evil;AccountKey=${key}` },
    { connectionString: `DefaultEndpointsProtocol=http;AccountName=acmesales;AccountKey=${key}` },
    { serviceEndpoint: endpoint },
    { sasUri: endpoint },
    { sasUri: 'not a url s e c r e t' },
    { authenticationType: 'Anonymous' },
    { connectionString: { type: 'AzureKeyVaultSecret', secretName: 'x' } },
    { connectionString: 5 },
  ])
    assert.throws(
      () => read(values as JsonObject),
      (error: { errorCode?: string; message?: string }) =>
        error.errorCode === 'UserErrorInvalidProperty' &&
        !/s e c r e t/.test(error.message!) &&
        !error.message!.includes(key),
      JSON.stringify(values),
    );
});
