import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Static } from 'typebox';
import { checkBody } from '../../../arm/validation.ts';
import { Cors, shownCors, storedRules } from './cors.ts';

const words = fc.array(fc.stringMatching(/^[!-+\--~]{1,40}$/), { maxLength: 8 });
const rule = fc.record(
  {
    allowedOrigins: words,
    allowedMethods: fc.subarray(['DELETE', 'GET', 'HEAD', 'MERGE', 'POST', 'OPTIONS', 'PUT', 'PATCH']),
    allowedHeaders: words,
    exposedHeaders: words,
    maxAgeInSeconds: fc.nat(),
  },
  { noNullPrototype: true },
);

test('rules that are stored are shown as they were written', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 5 }), (corsRules) => {
      checkBody(Cors, { corsRules });
      assert.deepEqual(shownCors(storedRules({ corsRules })), { corsRules });
    }),
  );
});

test('nothing said is nothing stored, and nothing stored is no rule', () => {
  assert.equal(storedRules(undefined), undefined);
  assert.equal(storedRules({}), undefined);
  assert.deepEqual(storedRules({ corsRules: [] }), []);
  assert.deepEqual(shownCors(undefined), { corsRules: [] });
});

const fine = {
  allowedOrigins: ['*'],
  allowedMethods: ['GET'],
  allowedHeaders: [],
  exposedHeaders: [],
  maxAgeInSeconds: 1,
};

for (const corsRules of [
  [{ ...fine, allowedOrigins: ['a,b'] }],
  [{ ...fine, allowedOrigins: ['a\r\nb'] }],
  [{ ...fine, allowedMethods: ['get'] }],
  [{ ...fine, maxAgeInSeconds: -1 }],
  [{ ...fine, exposedHeaders: ['x'.repeat(257)] }],
  [{ allowedOrigins: ['*'] }],
  Array(6).fill(fine),
])
  test(`${JSON.stringify(corsRules).slice(0, 80)} is refused`, () => {
    assert.throws(() => checkBody(Cors, { corsRules } as Static<typeof Cors> as never), {
      code: 'InvalidRequestContent',
    });
  });
