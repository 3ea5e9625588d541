import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPlace } from './place.ts';

test('a request is answered with links to the name it used, if that is one of ours', () => {
  const place = createPlace('127.0.0.1', 8443, ['postern.example']);
  assert.equal(place.originOf('localhost:8443'), 'https://localhost:8443');
  assert.equal(place.originOf('Postern.Example:8443'), 'https://postern.example:8443');
  assert.equal(place.originOf('[::1]:8443'), 'https://[::1]:8443');
  for (const other of ['evil.example:8443', 'localhost', 'localhost:1', 'localhost:8443@evil', '', undefined])
    assert.equal(place.originOf(other), 'https://127.0.0.1:8443');
});

test('an audience is ours with and without a slash, or that of the management endpoint', () => {
  const place = createPlace('0.0.0.0', 443, ['postern.example']);
  for (const ours of [
    'https://management.azure.com',
    'https://management.azure.com/',
    'https://postern.example',
    'https://postern.example//',
    'https://postern.example:443/',
    'https://localhost/',
  ])
    assert.equal(place.isAudience(ours), true, ours);
  for (const other of ['https://graph.microsoft.com', 'https://postern.example.evil', 'http://localhost', '', '*'])
    assert.equal(place.isAudience(other), false, other);
});
