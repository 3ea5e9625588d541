import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import type { ServiceError } from '../base/error.ts';
import { checkBody, checkName, readTags } from './validation.ts';

const schema = Type.Object({
  properties: Type.Object({
    kind: Type.Enum(['Managed', 'SelfHosted']),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
    nested: Type.Optional(Type.Array(Type.Object({ name: Type.String({ minLength: 1 }) }))),
    either: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  }),
});

const refusal = (body: unknown): ServiceError => {
  try {
    checkBody(schema, body as never);
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error('not refused');
};

test('what fits passes, unknown properties too', () => {
  assert.doesNotThrow(() => checkBody(schema, { properties: { kind: 'Managed', either: null, more: [1] }, x: 1 }));
});

for (const [body, target, says] of [
  [{}, 'properties', /required/],
  [{ properties: {} }, 'properties.kind', /required/],
  [{ properties: { kind: 'Other' } }, 'properties.kind', /Managed, SelfHosted/],
  [{ properties: { kind: 'Managed', count: 0 } }, 'properties.count', />= 1/],
  [{ properties: { kind: 'Managed', count: 1.5 } }, 'properties.count', /integer/],
  [{ properties: { kind: 'Managed', nested: [{ name: 'a' }, {}] } }, 'properties.nested.1.name', /required/],
  [{ properties: { kind: 'Managed', nested: 'x' } }, 'properties.nested', /array/],
  [{ properties: { kind: 'Managed', either: 1 } }, 'properties.either', /string/],
] as const)
  test(`${JSON.stringify(body)} is refused at ${target}`, () => {
    const error = refusal(body);
    assert.equal(error.code, 'InvalidRequestContent');
    assert.equal(error.status, 400);
    assert.equal(error.target, target);
    assert.match(error.message, says);
    assert.equal(error.details?.[0]?.target, target);
  });

test('a name is held to length and form', () => {
  const rule = { pattern: /^[a-z]+$/, min: 2, max: 4, says: 'small letters' };
  assert.doesNotThrow(() => checkName(rule, 'abc', 'T'));
  for (const name of ['a', 'abcde', 'ABC', ''])
    assert.throws(() => checkName(rule, name, 'T'), { code: 'InvalidResourceName', target: 'name' });
});

test('tags are strings, few and short', () => {
  assert.deepEqual(readTags({ tags: { a: 'b' } }), { a: 'b' });
  assert.deepEqual(readTags({ tags: null }), {});
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, 'v']));
  for (const tags of [1, 'x', [], { a: 1 }, { a: null }, { '': 'x' }, { 'a<': 'b' }, { a: 'x'.repeat(257) }, many])
    assert.throws(() => readTags({ tags } as never), { code: 'InvalidTag', status: 400 });
});
