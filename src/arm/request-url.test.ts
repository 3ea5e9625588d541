import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUrl } from './request-url.ts';

test('slashes collapse, segments are decoded once, the query is read', () => {
  const { segments, query } = readUrl('//subscriptions///S/resourceGroups/a%20%2541/?API-Version=1&$filter=x%20eq%201');
  assert.deepEqual(segments, ['subscriptions', 'S', 'resourceGroups', 'a %41']);
  assert.equal(query['api-version'], '1');
  assert.equal(query.$filter, 'x eq 1');
});

for (const raw of ['/a/../b', '/a/./b', '/a/%2e%2E/b', '/a%2Fb', '/a%00', '/a%0d%0ab', '/a%E2%80%AEb', '/%7F'])
  test(`${raw} is refused`, () => {
    assert.throws(() => readUrl(raw), { code: 'InvalidResourceName', status: 400 });
  });

for (const raw of ['/%', '/%zz', '/%C3%28', '/%ff'])
  test(`${raw} is not UTF-8`, () => {
    assert.throws(() => readUrl(raw), { code: 'InvalidRequestUri', status: 400 });
  });

test('a query parameter that stands twice is refused where it says two things', () => {
  assert.throws(() => readUrl('/a?api-version=1&Api-Version=2'), { code: 'InvalidQueryParameter' });
  assert.equal(readUrl('/a?x=1&x=1').query.x, '1');
  assert.deepEqual(Object.keys(readUrl('/a?__proto__=1').query), ['__proto__']);
  assert.equal('toString' in readUrl('/a').query, false);
});
