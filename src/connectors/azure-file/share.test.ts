import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/json.ts';
import { readShare } from './share.ts';

const key = Buffer.from('a key').toString('base64');
const read = (values: JsonObject) => readShare({ values, where: 'Linked service' });
const expected = {
  account: {
    endpoint: 'https://acmesales.file.core.windows.net',
    credential: { kind: 'key', account: 'acmesales', key },
  },
  share: 'films',
};

test('a share is named beside the account, or by the older host, user and password', () => {
  const host = '\\\\acmesales.file.core.windows.net\\films';
  for (const values of [
    { connectionString: `AccountName=acmesales;AccountKey=${key}`, fileShare: 'films' },
    { host, userId: 'AZURE\\acmesales', password: { type: 'SecureString', value: key } },
    { host: `${host}\\`, password: key },
    { host: '//AcmeSales.file.core.windows.net/films', userId: 'acmesales', password: key },
  ])
    assert.deepEqual(read(values), expected, JSON.stringify(values));
});

test('what is missing or wrong is named, and no secret is repeated', () => {
  const host = '\\\\acmesales.file.core.windows.net\\films';
  for (const [values, name] of [
    [{ connectionString: `AccountName=acmesales;AccountKey=${key}` }, 'fileShare'],
    [{ connectionString: `AccountName=acmesales;AccountKey=${key}`, fileShare: '../films' }, 'fileShare'],
    [{ host: '\\\\files.acme.example\\films', password: key }, 'host'],
    [{ host: `${host}\\more`, password: key }, 'host'],
    [{ host, password: 'no key!' }, 'password'],
    [{ host, userId: 'AZURE\\other', password: key }, 'userId'],
    [{ host, password: key, snapshot: '2026' }, 'snapshot'],
  ] as const)
    assert.throws(
      () => read(values),
      (error: { errorCode?: string; message: string }) =>
        error.errorCode === 'UserErrorInvalidProperty' &&
        error.message.startsWith(`Linked service.${name} `) &&
        !error.message.includes(key) &&
        !error.message.includes('no key!'),
      JSON.stringify(values),
    );
});
