import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMetadata } from './metadata.ts';

test('what a header can hold is kept as it is', () => {
  assert.deepEqual(readMetadata({ metadata: { Shelf: 'top, "left"', _b1: '' } }), { Shelf: 'top, "left"', _b1: '' });
  assert.deepEqual(readMetadata({ metadata: {} }), {});
  assert.equal(readMetadata({}), undefined);
});

for (const [name, value] of [
  ['', 'x'],
  ['1a', 'x'],
  ['a-b', 'x'],
  ['a:b', 'x'],
  ['é', 'x'],
  ['a\r\nx-ms-blob-public-access: container', 'x'],
  ['a', 'x\r\nx-ms-blob-public-access: container'],
  ['a', 'é'],
  ['a', '\u0000'],
  ['a', ' x'],
  ['a', 'x '],
  ['a', 'x'.repeat(8192)],
] as const)
  test(`${JSON.stringify(name)}: ${JSON.stringify(value.slice(0, 50))} is refused`, () => {
    assert.throws(() => readMetadata({ metadata: { [name]: value } }), { code: 'InvalidMetadata', status: 400 });
  });
