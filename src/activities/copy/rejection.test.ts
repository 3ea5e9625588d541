import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityError } from '../../base/error.ts';
import { createRejections } from './rejection.ts';

const limit = { code: 'FailedDbOperation', name: 'rejectValue' };
const at = (...places: number[]) =>
  places.map((place) => ({ at: place, why: new ActivityError('TypeConversionFailure', `row ${place}`) }));
const upTo = (rows: number) => Array.from({ length: rows }, (_, place) => place);
const exceeds = (work: () => void, message: RegExp) =>
  assert.throws(work, (error) => {
    assert.ok(error instanceof ActivityError);
    assert.match(error.message, message);
    assert.deepEqual([error.errorCode, error.details[0]?.code], ['FailedDbOperation', 'TypeConversionFailure']);
    return true;
  });

test('a number of rows may be reached, and not exceeded, whatever batches they come in', () => {
  const rejections = createRejections({ ...limit, most: 3, sample: undefined });
  rejections.tried(10, at(7, 0));
  rejections.tried(5, []);
  rejections.tried(1, at(0));
  exceeds(() => rejections.tried(10, at(9, 4)), /threshold \(3 rows, rejectValue\) .* 4 rows .* out of 21 .* row 4$/);
  exceeds(() => createRejections({ ...limit, most: 0, sample: undefined }).tried(1, at(0)), /1 rows .* out of 1 /);
});

test('a percentage is looked at after each whole sample of all that came, and never between', () => {
  // The example of PolyBase's own documentation: 25 of the first 100 rows, then 75 of the next.
  const documented = createRejections({ ...limit, most: 30, sample: 100 });
  documented.tried(100, at(...upTo(25)));
  exceeds(() => documented.tried(100, at(...upTo(75))), /\(30 %, rejectValue\) .* 100 rows .* out of 200 /);

  const early = createRejections({ ...limit, most: 10, sample: 10 });
  exceeds(() => early.tried(1000, at(1, 2)), /2 rows .* out of 10 /);
  const across = createRejections({ ...limit, most: 10, sample: 10 });
  across.tried(6, at(5));
  exceeds(() => across.tried(100, at(3)), /2 rows .* out of 10 /);
  const reached = createRejections({ ...limit, most: 20, sample: 10 });
  reached.tried(10, at(8, 9));
  reached.tried(9, at(...upTo(9)));
  exceeds(() => reached.tried(1, []), /11 rows .* out of 20 /);
  createRejections({ ...limit, most: 0, sample: 100 }).tried(99, at(...upTo(99)));
});
