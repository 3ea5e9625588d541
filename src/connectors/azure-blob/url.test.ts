import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContainerClient } from '@azure/storage-blob';
import fc from 'fast-check';
import { createUrlOf } from './open.ts';

test('a blob has the URL that the official client gives it, whatever its name and the query of its container', () => {
  for (const url of ['https://a.blob.core.windows.net/box', 'https://a.blob.core.windows.net/box?sv=1&sig=a%2Fb%3D']) {
    const container = new ContainerClient(url);
    const urlOf = createUrlOf(container.url);
    const same = (path: string) => assert.equal(urlOf(path), container.getBlobClient(path).url);
    for (const path of ['a b/c', "it's", '100%25', 'x?y#z', '../up', './a//b/', 'ü/日本/😀', '\\', 'a+b&c=d', '\r\n'])
      same(path);
    fc.assert(fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), same));
    fc.assert(fc.property(fc.string({ unit: 'binary-ascii', minLength: 1 }), same));
  }
});
