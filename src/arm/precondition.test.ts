import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkWrite, isNotModified } from './precondition.ts';

const etag = '07001564-0000-0100-0000-611a13680000';
const match = (ifMatch: string, current: string | null = etag) =>
  checkWrite({ ifMatch, ifNoneMatch: undefined }, current);
const noneMatch = (ifNoneMatch: string, current: string | null = etag) =>
  checkWrite({ ifMatch: undefined, ifNoneMatch }, current);
const failed = { code: 'PreconditionFailed', status: 412 };

test('an etag is known with and without quotes, with W/, and embedded quotes', () => {
  for (const form of [etag, `"${etag}"`, `W/"${etag}"`, `"\\"${etag}\\""`, `""${etag}""`, `"x", "${etag}"`, '*'])
    assert.doesNotThrow(() => match(form), form);
});

test('If-Match is for what exists and is unchanged', () => {
  assert.throws(() => match('"other"'), failed);
  assert.throws(() => match('*', null), failed);
  assert.throws(() => match(`"${etag}"`, null), failed);
});

test('If-None-Match is for what does not exist', () => {
  assert.throws(() => noneMatch('*'), failed);
  assert.throws(() => noneMatch(`"${etag}"`), failed);
  assert.doesNotThrow(() => noneMatch('*', null));
  assert.doesNotThrow(() => noneMatch('"other"'));
});

test('a GET is not modified where the etag is the same, or any will do', () => {
  const of = (ifNoneMatch: string | undefined) => isNotModified({ ifMatch: undefined, ifNoneMatch }, etag);
  assert.deepEqual([of(undefined), of('*'), of(`"${etag}"`), of('"other"')], [false, true, true, false]);
});
