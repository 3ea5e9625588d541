import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openSecret, openSecretKey, putBack, sealSecret, secretMask, takeSecrets } from './secret.ts';

test('a sealed secret opens in its place only', () => {
  const key = Buffer.alloc(32, 1);
  const sealed = sealSecret(key, '/r', 'p', 'hunter2');
  assert.equal(Buffer.from(sealed).includes('hunter2'), false);
  assert.equal(openSecret(key, '/r', 'p', sealed), 'hunter2');
  assert.throws(() => openSecret(key, '/other', 'p', sealed));
  assert.throws(() => openSecret(key, '/r', 'q', sealed));
  assert.throws(() => openSecret(Buffer.alloc(32, 2), '/r', 'p', sealed));
  for (let at = 0; at < sealed.length; at += 1) {
    const altered = Buffer.from(sealed);
    altered[at]! ^= 1;
    assert.throws(() => openSecret(key, '/r', 'p', altered), `byte ${at}`);
  }
  assert.notDeepEqual(sealSecret(key, '/r', 'p', 'x'), sealSecret(key, '/r', 'p', 'x'));
});

test('the key file is made once, readable by its owner only', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-key-'));
  try {
    const file = path.join(folder, 'secret.key');
    const key = openSecretKey(file);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(openSecretKey(file), key);
    chmodSync(file, 0o644);
    openSecretKey(file);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    writeFileSync(file, 'short');
    assert.throws(() => openSecretKey(file), /not a key of 32 bytes/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('secrets are taken out of a body and put back, wherever they stand', () => {
  const body = {
    properties: {
      typeProperties: { connectionString: 'AccountKey=1', 'a.b': { type: 'SecureString', value: 's1' } },
      list: [
        { type: 'SecureString', value: 's2' },
        { type: 'Other', value: 'open' },
      ],
    },
  };
  const taken = takeSecrets(body, (place) => place === 'properties.typeProperties.connectionString');
  assert.equal(/AccountKey|s1|s2/.test(JSON.stringify(taken.body)), false);
  assert.match(JSON.stringify(taken.body), /open/);
  assert.deepEqual(Object.fromEntries(taken.secrets), {
    'properties.typeProperties.connectionString': 'AccountKey=1',
    'properties.typeProperties.a\\.b.value': 's1',
    'properties.list.0.value': 's2',
  });
  assert.deepEqual(putBack(taken.body, taken.secrets), body);
  assert.deepEqual(takeSecrets(taken.body, (place) => place === 'properties.typeProperties.connectionString').kept, [
    'properties.typeProperties.connectionString',
    'properties.typeProperties.a\\.b.value',
    'properties.list.0.value',
  ]);
  assert.equal(secretMask.includes('*'), true);
});
