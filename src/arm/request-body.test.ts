import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBody } from './request-body.ts';

const json = 'application/json; charset=utf-8';
const read = (text: string, type: string | undefined = json) => readBody(Buffer.from(text), type);

test('an object is read, nothing is an empty object', () => {
  assert.deepEqual(read('{"a":[1,{"b":null}]}'), { a: [1, { b: null }] });
  assert.deepEqual(readBody(undefined, undefined), {});
  assert.deepEqual(read('{}', 'text/json'), {});
  assert.deepEqual(read('{}', 'application/merge-patch+json'), {});
});

for (const text of ['{', '[]', '1', 'null', '"x"', 'x', '{"a":1}}', '{"a":NaN}', '\u0000', '{"__proto__":{}}'])
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => read(text), { code: 'InvalidRequestContent', status: 400 });
  });

test('a forbidden key is named by its path', () => {
  assert.throws(() => read('{"properties":{"list":[{"__proto__":1}]}}'), { target: 'properties.list.0.__proto__' });
});

test('depth is bounded, and finding that out does not overflow the stack', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  assert.doesNotThrow(() => read(nested(100)));
  assert.throws(() => read(nested(101)), { code: 'InvalidRequestContent' });
  assert.throws(() => read(`{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`), { code: 'InvalidRequestContent' });
});

test('other types and other encodings are refused', () => {
  assert.throws(() => read('{}', 'text/plain'), { code: 'UnsupportedMediaType', status: 415 });
  assert.throws(() => readBody(Buffer.from('{}'), undefined), { code: 'UnsupportedMediaType' });
  assert.throws(() => readBody(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), json), {
    code: 'InvalidRequestContent',
  });
});
