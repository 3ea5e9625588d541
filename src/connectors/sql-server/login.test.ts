import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/json.ts';
import { accessProperty } from '../resolved.ts';
import { readLogin } from './login.ts';

const login = (values: JsonObject) => readLogin({ values, where: 'ls' });

test('a connection string and properties of their own say the same; the properties come first', () => {
  const expected = {
    host: 'acme.database.windows.net',
    port: 1433,
    database: 'sales',
    credential: { kind: 'password', user: 'reader', password: 'it\'s; "so"' },
    isStrict: false,
    certificateName: undefined,
    timeoutMs: 30_000,
  };
  const text = `Server=tcp:acme.database.windows.net,1433;Initial Catalog=sales;Persist Security Info=False;User ID=reader;Password="it's; ""so""";MultipleActiveResultSets=False;Encrypt=True;TrustServerCertificate=False;Connection Timeout=30;`;
  assert.deepEqual(login({ connectionString: text }), expected);
  const parts = { server: 'acme.database.windows.net', database: 'sales', userName: 'reader' };
  const password = { type: 'SecureString', value: expected.credential.password };
  assert.deepEqual(login({ ...parts, authenticationType: 'SQL', encrypt: 'mandatory', password }), expected);
  const mixed = login({ connectionString: text, server: 'db.corp.example,1434', encrypt: 'strict', connectTimeout: 5 });
  assert.deepEqual([mixed.host, mixed.port, mixed.isStrict, mixed.timeoutMs], ['db.corp.example', 1434, true, 5000]);
});

test('a token that was given takes the place of a name and a password', () => {
  const access = { token: 't', expiresAt: 'e', holder: 'h' };
  const parts = { server: 'a.example', database: 'd', authenticationType: 'ServicePrincipal' };
  assert.deepEqual(login({ ...parts, [accessProperty]: access }).credential, { kind: 'token', ...access });
});

test('what would not be checked, or is not supported, is refused by name', () => {
  const parts = { server: 'a.example', database: 'd', userName: 'u', password: 'p' };
  for (const [values, name] of [
    [{ ...parts, trustServerCertificate: true }, 'trustServerCertificate'],
    [{ connectionString: 'Server=a;Database=d;UID=u;PWD=p;TrustServerCertificate=yes' }, 'trustServerCertificate'],
    [{ connectionString: 'Server=a;Database=d;Integrated Security=SSPI' }, 'authenticationType'],
    [{ ...parts, authenticationType: 'ServicePrincipal' }, 'authenticationType'],
    [{ ...parts, server: 'host\\instance' }, 'server'],
    [{ ...parts, server: 'host,99999' }, 'server'],
    [{ ...parts, database: '' }, 'database'],
    [{ ...parts, password: null }, 'password'],
    [{ connectionString: 'nonsense' }, 'connectionString'],
  ] as const)
    assert.throws(() => login(values), { errorCode: 'UserErrorInvalidProperty', message: new RegExp(`ls\\.${name} `) });
});
