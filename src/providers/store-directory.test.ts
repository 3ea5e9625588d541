import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStoreDirectory, parseAttachable, parseBackend } from './store-directory.ts';

test('only the addresses of the listed ranges may be attached', () => {
  const attachable = parseAttachable(['10.1.0.0/16', '192.0.2.7', 'fd00::/8']);
  const tried = ['10.1.2.3', '10.2.0.1', '192.0.2.7', '192.0.2.8', '127.0.0.1', 'fd12::1', '::1'];
  assert.deepEqual(
    tried.filter((address) => attachable.allows(address)),
    ['10.1.2.3', '192.0.2.7', 'fd12::1'],
  );
  assert.equal(parseAttachable([]).allows('10.1.2.3'), false);
  for (const wrong of ['10.1.0.0/33', 'localhost/8', '10.1.0.0/', '10.1/16', '10.1.0.0/x', '', '::/129'])
    assert.throws(() => parseAttachable([wrong]), /is not a range/, wrong);
});

test('a backend is an address and a port, never a name', () => {
  assert.deepEqual(parseBackend('10.0.0.4:10000'), { address: '10.0.0.4', port: 10000 });
  assert.deepEqual(parseBackend('[fd00::4]:443'), { address: 'fd00::4', port: 443 });
  for (const wrong of [
    'store.local:443',
    '10.0.0.4',
    '10.0.0.4:0',
    '10.0.0.4:65536',
    '10.0.0:1',
    '[10.0.0.4]:1',
    ':443',
  ])
    assert.equal(parseBackend(wrong), null, wrong);
});

test('a store that does not run has no backend, and a group is never a property of every object', () => {
  const directory = createStoreDirectory();
  assert.equal(directory.backend('/x', 'blob'), null);
  directory.set('/x', { blob: { address: '127.0.0.1', port: 1 } });
  assert.equal(directory.backend('/x', 'constructor'), null);
  assert.equal(directory.backend('/x', 'blob')?.port, 1);
  directory.remove('/x');
  assert.equal(directory.get('/x'), null);
});
