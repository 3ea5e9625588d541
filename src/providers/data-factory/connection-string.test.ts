import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutSecrets } from './connection-string.ts';

test('keys, signatures and passwords go, the rest stays as it was', () => {
  assert.equal(
    withoutSecrets(
      'DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=c2VjcmV0==;EndpointSuffix=core.windows.net',
    ),
    'DefaultEndpointsProtocol=https;AccountName=acme;EndpointSuffix=core.windows.net',
  );
  assert.equal(withoutSecrets('BlobEndpoint=https://a/;SharedAccessSignature=sv=1&sig=x'), 'BlobEndpoint=https://a/');
  assert.equal(withoutSecrets('Server=s;User=u;  pass word = "a;b" ;Encrypt=true'), 'Server=s;User=u;Encrypt=true');
  assert.equal(withoutSecrets("Server=s;PWD='x;y';"), 'Server=s');
});

test('a string without secrets is left alone', () => {
  assert.equal(withoutSecrets('AccountName=acme;EndpointSuffix=core.windows.net'), null);
  assert.equal(withoutSecrets('a sentence about a password; nothing more'), null);
  assert.equal(withoutSecrets(''), null);
});
