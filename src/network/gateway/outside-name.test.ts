import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNameServer } from '../../../test/network/name-server.ts';
import { createResolveName, inTurns, ownAddresses } from './outside-name.ts';

test('a name has its addresses of both families, and an error code where it has none', async () => {
  const server = await startNameServer({
    'both.example.com': ['20.60.1.1', '20.60.1.2', '2603:1030::1'],
    'four.example.com': ['20.60.1.3'],
    'six.example.com': ['2603:1030::2'],
    'empty.example.com': [],
  });
  try {
    const resolve = createResolveName([server.address]);
    assert.deepEqual((await resolve('both.example.com')).sort(), ['20.60.1.1', '20.60.1.2', '2603:1030::1']);
    assert.deepEqual(await resolve('four.example.com'), ['20.60.1.3']);
    assert.deepEqual(await resolve('six.example.com'), ['2603:1030::2']);
    await assert.rejects(resolve('empty.example.com'), { code: 'ENODATA' });
    await assert.rejects(resolve('missing.example.com'), { code: 'ENOTFOUND' });
  } finally {
    server.close();
  }
});

test('addresses take turns by family, each once, eight at most', () => {
  assert.deepEqual(inTurns(['1.1.1.1', '1.1.1.2', '2a00::1', '1.1.1.1']), ['2a00::1', '1.1.1.1', '1.1.1.2']);
  assert.equal(inTurns(Array.from({ length: 100 }, (_, at) => `1.1.1.${at}`)).length, 8);
  assert.deepEqual(inTurns([]), []);
});

test('the loopback address is one of this machine', () => {
  assert.ok(ownAddresses().has('127.0.0.1'));
});
