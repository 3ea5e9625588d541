import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ColumnType, columnTypeOf, columnTypes } from './column-type.ts';
import { type ConversionSettings, converterOf, Inconvertible, plainConversion } from './convert.ts';
import type { Value } from './record-batch.ts';

const convert = (from: ColumnType, to: ColumnType, value: Value, settings: Partial<ConversionSettings> = {}) => {
  const converter = converterOf(from, to, { ...plainConversion, ...settings });
  assert.notEqual(converter, null, `${from} to ${to}`);
  return converter ? converter(value) : value;
};
/** What comes of it where truncation is allowed, and how often it was told. */
const truncated = (from: ColumnType, to: ColumnType, value: Value) => {
  let times = 0;
  const result = convert(from, to, value, {
    onTruncation: () => {
      times += 1;
    },
  });
  return [result, times];
};
const noon = '2024-02-29T12:00:00.0000000';

test('what has the same meaning in both types is converted', () => {
  for (const [from, to, value, expected] of [
    ['String', 'Int32', ' -7 ', -7],
    ['String', 'Int64', '9223372036854775807', 9223372036854775807n],
    ['String', 'Double', '1e3', 1000],
    ['String', 'Double', 'NaN', Number.NaN],
    ['String', 'Double', '-0.0', -0],
    ['Single', 'Double', -0, -0],
    ['Double', 'Decimal', -0, '0'],
    ['String', 'Int32', '-0', 0],
    ['String', 'Decimal', '-012345678901234567890123456789012345678.90', '-12345678901234567890123456789012345678.9'],
    ['String', 'Boolean', 'TRUE', true],
    ['String', 'Guid', '{A6F7B1F0-0000-4000-8000-00000000000A}', 'a6f7b1f0-0000-4000-8000-00000000000a'],
    ['String', 'DateTime', '0001-01-01', '0001-01-01T00:00:00.0000000'],
    ['String', 'DateTime', '1899-12-31T23:59:59.1234567Z', '1899-12-31T23:59:59.1234567'],
    ['String', 'DateTimeOffset', '2024-02-29 12:00 +05:30', `${noon}+05:30`],
    ['String', 'DateTimeOffset', '2024-02-29 12:00 -1400', `${noon}-14:00`],
    ['String', 'TimeSpan', '1.02:03:04.5', '1.02:03:04.5000000'],
    ['String', 'Binary', 'AAH/', Buffer.from([0, 1, 255])],
    ['Binary', 'String', new Uint8Array([0, 1, 255]), 'AAH/'],
    ['Boolean', 'String', true, 'True'],
    ['Boolean', 'Int32', true, 1],
    ['Boolean', 'Decimal', false, '0'],
    ['Double', 'Boolean', 1, true],
    ['Int32', 'Int64', 5, 5n],
    ['Int64', 'Double', 4503599627370496n, 4503599627370496],
    ['Double', 'Decimal', 1e21, '1000000000000000000000'],
    ['Double', 'Decimal', 1e-7, '0.0000001'],
    ['Decimal', 'Int64', '9007199254740993', 9007199254740993n],
    ['Decimal', 'Int32', '5.00', 5],
    ['String', 'Double', '0.10000000000000001', 0.1],
    ['Decimal', 'Single', '339999995214436400000000000000000000000', Math.fround(3.4e38)],
    ['DateTime', 'DateTimeOffset', noon, `${noon}+00:00`],
    ['DateTimeOffset', 'DateTime', `${noon}+00:00`, noon],
    ['DateTime', 'String', noon, '2024-02-29 12:00:00.0000000'],
    ['DateTimeOffset', 'String', `${noon}-01:00`, '2024-02-29 12:00:00.0000000 -01:00'],
  ] as const)
    assert.deepEqual(convert(from, to, value), expected, `${from} ${value} to ${to}`);
});

test('what only loses precision is refused, and where that is allowed it is told', () => {
  for (const [from, to, value, expected] of [
    ['Decimal', 'Int32', '-1.9', -1],
    ['Double', 'Int64', 2.5, 2n],
    ['Decimal', 'Double', '9007199254740993', 9007199254740992],
    ['String', 'Single', '16777217', 16777216],
    ['Int64', 'Double', 9007199254740993n, 9007199254740992],
    ['Int64', 'Single', 16777217n, 16777216],
    ['Double', 'Single', 0.1, Math.fround(0.1)],
    ['String', 'Double', '0.12345678901234567890', 0.12345678901234568],
    ['Int32', 'Boolean', 7, true],
    ['String', 'DateTime', '2024-02-29T12:00:00+01:00', '2024-02-29T11:00:00.0000000'],
    ['String', 'DateTime', '2024-02-29T12:00:00.12345678', '2024-02-29T12:00:00.1234567'],
    ['DateTimeOffset', 'DateTime', `${noon}-01:30`, '2024-02-29T13:30:00.0000000'],
  ] as const) {
    assert.throws(() => convert(from, to, value), Inconvertible, `${from} ${value} to ${to}`);
    assert.deepEqual(truncated(from, to, value), [expected, 1], `${from} ${value} to ${to}`);
  }
});

test('what the other type does not have is refused, also where truncation is allowed', () => {
  for (const [from, to, value] of [
    ['String', 'Int32', '1.0'],
    ['String', 'Int32', ''],
    ['String', 'Byte', '256'],
    ['String', 'Int64', '9223372036854775808'],
    ['String', 'Double', '1,5'],
    ['String', 'Double', '1e999'],
    ['String', 'Boolean', '1'],
    ['String', 'DateTime', '2023-02-29'],
    ['String', 'DateTime', '31/12/2023'],
    ['String', 'DateTime', '0001-01-01T00:00:00+01:00'],
    ['String', 'DateTimeOffset', '2024-02-29T12:00:00+14:01'],
    ['String', 'DateTimeOffset', '2024-02-29T12:00:00-01:60'],
    ['String', 'TimeSpan', '25:00:00'],
    ['String', 'Guid', 'a6f7b1f0'],
    ['String', 'Binary', 'AAH'],
    ['Int64', 'Int32', 2147483648n],
    ['Double', 'Int32', Number.NaN],
    ['Double', 'Single', 1e300],
  ] as const)
    assert.throws(() => truncated(from, to, value), Inconvertible, `${from} ${value} to ${to}`);
});

test('formats and booleans as numbers are the settings', () => {
  const settings = { dateTimeFormat: "dd'.'MM'.'yyyy hh:mm tt", treatBooleanAsNumber: true };
  assert.equal(convert('String', 'DateTime', '31.12.1899 11:05 PM', settings), '1899-12-31T23:05:00.0000000');
  assert.equal(convert('DateTime', 'String', '1899-12-31T00:05:00.0000000', settings), '31.12.1899 12:05 AM');
  assert.throws(() => convert('String', 'DateTime', '1899-12-31', settings), Inconvertible);
  assert.equal(convert('Boolean', 'String', false, settings), '0');
  assert.equal(convert('String', 'Boolean', '1', settings), true);
});

test('null stays null, and there is no conversion that Azure does not have', () => {
  for (const from of columnTypes)
    for (const to of columnTypes) assert.equal(converterOf(from, to, plainConversion)?.(null) ?? null, null);
  for (const [from, to] of [
    ['Guid', 'Int32'],
    ['Binary', 'Guid'],
    ['DateTime', 'Int64'],
    ['TimeSpan', 'DateTime'],
  ] as const)
    assert.equal(converterOf(from, to, plainConversion), null);
});

test('every value is itself again after it was text', () => {
  const date = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  const clock = fc
    .tuple(date, fc.nat(9999))
    .map(([at, ticks]) => `${at.toISOString().slice(0, 23)}${String(ticks).padStart(4, '0')}`);
  const values: Partial<Record<ColumnType, fc.Arbitrary<Value>>> = {
    Boolean: fc.boolean(),
    Int32: fc.integer(),
    Int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    Double: fc.double(),
    Single: fc.float(),
    Guid: fc.uuid(),
    DateTime: clock,
    DateTimeOffset: clock.map((text) => `${text}+05:30`),
    Binary: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  };
  for (const [type, arbitrary] of Object.entries(values))
    fc.assert(
      fc.property(arbitrary, (value) => {
        const text = convert(type as ColumnType, 'String', value);
        assert.deepEqual(convert('String', type as ColumnType, text), value, type);
      }),
      { numRuns: 300 },
    );
});

test('types have the names of Azure, of .NET and of tables', () => {
  for (const [name, type] of [
    ['int32', 'Int32'],
    ['System.Int64', 'Int64'],
    ['Edm.Guid', 'Guid'],
    ['Byte[]', 'Binary'],
    ['Datetime', 'DateTime'],
    ['Timespan', 'TimeSpan'],
  ] as const)
    assert.equal(columnTypeOf(name), type);
  assert.equal(columnTypeOf('colour'), undefined);
});
