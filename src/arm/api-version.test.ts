import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkApiVersion } from './api-version.ts';

const check = (asked: string) =>
  checkApiVersion(asked, ['2020-01-01', '2022-06-01-preview'], 'Test/things', '2026-11-25');

test('a known version passes, in whatever case', () => {
  assert.equal(check('2020-01-01'), '2020-01-01');
  assert.equal(check('2022-06-01-PREVIEW'), '2022-06-01-preview');
});

test('a version younger than all that we know passes, until today', () => {
  assert.equal(check('2022-06-02'), '2022-06-02');
  assert.equal(check('2026-11-25-preview'), '2026-11-25-preview');
  for (const unknown of ['2026-11-26', '2022-06-01', '2021-01-01', '2019-01-01'])
    assert.throws(() => check(unknown), { code: 'NoRegisteredProviderFound', target: 'api-version' }, unknown);
});

test('what is missing or no date is refused', () => {
  assert.throws(() => check(''), { code: 'MissingApiVersionParameter' });
  for (const wrong of ['2023', '2023-13-01', 'latest', '2023-01-01-', '2023-01-01; drop'])
    assert.throws(() => check(wrong), { code: 'InvalidApiVersionParameter' }, wrong);
});
