import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postgres } from '../azure-postgre-sql/dialect.ts';
import type { ColumnType } from '../row/column-type.ts';
import { plainConversion } from '../row/convert.ts';
import type { Value } from '../row/record-batch.ts';
import { sqlServerDialect } from '../sql-server/dialect.ts';
import { tableColumn } from '../sql-server/value.ts';
import { fitInto } from './fit.ts';
import type { Dialect, TableColumn } from './session.ts';

/** What becomes of a value on its way into a column of a table, and how often a loss was told. */
const fitted = (
  dialect: Dialect,
  to: Omit<TableColumn, 'name'>,
  type: ColumnType,
  value: Value,
  isLossAllowed = false,
) => {
  let losses = 0;
  const onTruncation = isLossAllowed ? () => (losses += 1) : undefined;
  const column = { name: 'c', type };
  const table = { schema: 'dbo', table: 't' };
  const fit = fitInto(dialect, table, [{ name: 'c', ...to }], [column], { ...plainConversion, onTruncation });
  const [[result]] = fit.apply([[value]], 6) as [[Value]];
  return isLossAllowed ? [result, losses] : result;
};
const refusal = (message: RegExp) => ({ errorCode: 'TypeConversionFailure', message });
const described = (name: string, more = {}) => tableColumn({ colName: 'c', type: { name }, ...more });

test('text of a code page takes its characters only, whatever the client or the server would make of others', () => {
  const narrow = described('VarChar', { dataLength: 50, collation: { codepage: 'CP1252' } });
  assert.equal(fitted(sqlServerDialect, narrow, 'String', 'é€ "'), 'é€ "');
  assert.throws(
    () => fitted(sqlServerDialect, narrow, 'String', '日本'),
    refusal(/'c' in row 7 .*CP1252 does not have/),
  );
  const wide = described('NVarChar', { dataLength: 100, collation: { codepage: 'CP1252' } });
  assert.equal(fitted(sqlServerDialect, wide, 'String', '日本'), '日本');
});

test('a datetime keeps ticks of a three hundredth of a second; others are refused, or counted and left to the server', () => {
  const old = described('DateTime');
  for (const kept of ['2024-02-29T12:00:00.0070000', '1850-01-01T00:00:00.9930000', '2024-02-29T12:00:00.0000000'])
    assert.equal(fitted(sqlServerDialect, old, 'DateTime', kept), kept);
  for (const lost of ['2024-02-29T12:00:00.0010000', '2024-02-29T12:00:00.0070001']) {
    assert.throws(() => fitted(sqlServerDialect, old, 'DateTime', lost), refusal(/'c' in row 7 .*three hundredth/));
    assert.deepEqual(fitted(sqlServerDialect, old, 'DateTime', lost, true), [lost, 1]);
  }
});

test('digits before the point are those that the column has, zeros in front not counted', () => {
  const price = described('DecimalN', { precision: 5, scale: 2 });
  assert.equal(fitted(sqlServerDialect, price, 'Decimal', '-999.99'), '-999.99');
  assert.equal(fitted(sqlServerDialect, price, 'Decimal', '0.5'), '0.5');
  assert.throws(
    () => fitted(sqlServerDialect, price, 'Decimal', '1000'),
    refusal(/more than 3 digits before the point/),
  );
  const fraction = { type: 'Decimal', native: 'numeric(2,2)', keeps: 2, precision: 2 } as const;
  assert.equal(fitted(postgres, fraction, 'Decimal', '-0.99'), '-0.99');
  assert.throws(() => fitted(postgres, fraction, 'Decimal', '1'), refusal(/more than 0 digits before the point/));
});

test('an instant loses its offset, which is told once, and has a year in UTC', () => {
  const at = { type: 'DateTimeOffset', native: 'timestamp with time zone', keeps: 6, isInstant: true } as const;
  const east = '2024-02-29T12:00:00.0000000+14:00';
  assert.throws(() => fitted(postgres, at, 'DateTimeOffset', east), refusal(/keeps the instant, not its offset/));
  assert.deepEqual(fitted(postgres, at, 'DateTimeOffset', east, true), ['2024-02-28T22:00:00.0000000+00:00', 1]);
  const early = '0001-01-01T00:00:00.0000000+00:01';
  assert.throws(() => fitted(postgres, at, 'DateTimeOffset', early, true), refusal(/year in UTC/));
  const kept = described('DateTimeOffset', { scale: 7 });
  assert.equal(fitted(sqlServerDialect, kept, 'DateTimeOffset', east), east);
  assert.throws(() => fitted(sqlServerDialect, kept, 'DateTimeOffset', early, true), refusal(/year in UTC/));
});

test('null has a place everywhere', () => {
  for (const name of ['VarChar', 'DateTime', 'DateTimeOffset', 'Time', 'Float', 'Decimal']) {
    const column = described(name, { collation: { codepage: 'CP1252' } });
    assert.equal(fitted(sqlServerDialect, column, column.type, null), null, name);
    assert.equal(fitted(postgres, { ...column, isInstant: true }, column.type, null), null, name);
  }
});
