import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { postgres } from '../azure-postgre-sql/dialect.ts';
import { sqlServerDialect } from '../sql-server/dialect.ts';
import {
  closedRanges,
  conditionsOf,
  fillPlaces,
  placesOf,
  pointOf,
  type Range,
  readPartitioning,
} from './partition.ts';

const whole = (lowest: bigint, highest: bigint): Range => ({ column: 'ID', scale: 'integer', lowest, highest });
const settingsOf = (partitionSettings: Record<string, string | number>) => ({
  values: { partitionOption: 'DynamicRange', partitionSettings },
  where: 'source',
});

test('bounds that are given make the parts of Azure’s own example; found ones divide evenly', () => {
  assert.deepEqual(conditionsOf(sqlServerDialect, whole(20n, 80n), 4, true), [
    '([ID] <= 20 OR [ID] IS NULL)',
    '([ID] > 20 AND [ID] <= 50)',
    '([ID] > 50 AND [ID] <= 80)',
    '([ID] > 80)',
  ]);
  assert.deepEqual(conditionsOf(sqlServerDialect, whole(1n, 100n), 4, false), [
    '([ID] <= 25 OR [ID] IS NULL)',
    '([ID] > 25 AND [ID] <= 50)',
    '([ID] > 50 AND [ID] <= 75)',
    '([ID] > 75)',
  ]);
  assert.deepEqual(closedRanges(postgres, whole(1n, 80n), 4), [
    { lowest: '1', highest: '20' },
    { lowest: '21', highest: '40' },
    { lowest: '41', highest: '60' },
    { lowest: '61', highest: '80' },
  ]);
});

/** Whether a value, or null, meets a condition. */
const meets = (condition: string, value: bigint | null): boolean => {
  const [, top] = /^\("ID" <= (-?\d+) OR "ID" IS NULL\)$/.exec(condition) ?? [];
  if (top !== undefined) return value === null || value <= BigInt(top);
  if (condition === '(1 = 1)') return true;
  const [, above, below] = /^\("ID" > (-?\d+)(?: AND "ID" <= (-?\d+))?\)$/.exec(condition) ?? [];
  assert.ok(above !== undefined, condition);
  return value !== null && value > BigInt(above) && (below === undefined || value <= BigInt(below));
};

test('whatever the bounds, the number of parts and the value, one part has it, and one alone', () => {
  const near = fc.bigInt({ min: -20n, max: 20n });
  const any = fc.oneof(near, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
  fc.assert(
    fc.property(
      any,
      any,
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      fc.option(any),
      (low, high, parts, isGiven, value) => {
        const conditions = conditionsOf(postgres, whole(low, high), parts, isGiven);
        assert.ok(conditions.length <= parts, `${conditions.length} of ${parts}`);
        assert.equal(conditions.filter((condition) => meets(condition, value)).length, 1);
      },
    ),
  );
  fc.assert(
    fc.property(any, any, fc.integer({ min: 1, max: 40 }), any, (low, high, parts, value) => {
      const ranges = closedRanges(postgres, whole(low, high), parts);
      const holding = ranges.filter(({ lowest, highest }) => value >= BigInt(lowest) && value <= BigInt(highest));
      assert.equal(holding.length, value >= low && value <= high ? 1 : 0);
    }),
  );
});

test('times are divided to the microsecond, before 1970 too, and written as each database reads them', () => {
  const [lowest, highest] = [pointOf('1969-12-31T23:59:59.9999990')!, pointOf('1970-01-01T00:00:00.0000010')!];
  assert.deepEqual([lowest, highest], [-1n, 1n]);
  const range: Range = { column: 'at', scale: 'moment', lowest, highest };
  assert.deepEqual(conditionsOf(sqlServerDialect, range, 2, false), [
    "([at] <= CAST('1969-12-31T23:59:59.999999' AS datetime2(6)) OR [at] IS NULL)",
    "([at] > CAST('1969-12-31T23:59:59.999999' AS datetime2(6)))",
  ]);
  assert.deepEqual(closedRanges(postgres, { ...range, scale: 'zoned' }, 2), [
    { lowest: "TIMESTAMPTZ '1969-12-31T23:59:59.999999+00'", highest: "TIMESTAMPTZ '1969-12-31T23:59:59.999999+00'" },
    { lowest: "TIMESTAMPTZ '1970-01-01T00:00:00.000000+00'", highest: "TIMESTAMPTZ '1970-01-01T00:00:00.000001+00'" },
  ]);
  assert.equal(pointOf('2026-01-01T02:00:00.0000000+02:00'), pointOf('2026-01-01T00:00:00'));
});

test('a column’s name cannot leave its quotes, and a bound is a number or a date', () => {
  const range = { ...whole(1n, 2n), column: 'a] = 1 OR [b' };
  assert.equal(conditionsOf(sqlServerDialect, range, 2, false)[1], '([a]] = 1 OR [b] > 1)');
  for (const bound of ['1 OR 1=1', "2026-01-01' OR '", 'x', '1e3', '2026-02-30'])
    assert.throws(() => readPartitioning(settingsOf({ partitionLowerBound: bound })), {
      errorCode: 'UserErrorInvalidProperty',
      message: /source\.partitionSettings\.partitionLowerBound must be a whole number, or a date/,
    });
  for (const [upper, message] of [
    ['2026-01-01', /kind of partitionLowerBound/],
    [4, /not be less than partitionLowerBound/],
  ] as const)
    assert.throws(() => readPartitioning(settingsOf({ partitionLowerBound: '5', partitionUpperBound: upper })), {
      errorCode: 'UserErrorInvalidProperty',
      message,
    });
});

test('the places of a query are found in any case, and filled with words that stay as they are', () => {
  const query =
    'SELECT ?AdfRangePartitionColumnName FROM ?adftabularpartitionname WHERE ?DfDynamicRangePartitionCondition';
  assert.deepEqual([...placesOf(query)], ['column', 'table', 'condition']);
  assert.equal(
    fillPlaces(query, { column: '"$&"', table: '"t"', condition: '(1 = 1)' }),
    'SELECT "$&" FROM "t" WHERE (1 = 1)',
  );
});
