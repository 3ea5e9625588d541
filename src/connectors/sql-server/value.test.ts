import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { TYPES } from 'tedious';
import type { ColumnType } from '../row/column-type.ts';
import type { Value } from '../row/record-batch.ts';
import { type Described, knownType, readerOf, selected, tableColumn, writerOf } from './value.ts';

// What the client does with values on the wire, by its own code: what is written here is what a server would send back.
type DataType = {
  name: string;
  validate(value: unknown): unknown;
  generateParameterLength(parameter: object, options: object): Buffer;
  generateParameterData(parameter: object, options: object): Iterable<Buffer>;
};
const { readValue } = createRequire(import.meta.url)('tedious/lib/value-parser.js') as {
  readValue(buffer: Buffer, offset: number, metadata: object, options: object): { value: unknown };
};
const options = { useUTC: true, lowerCaseGuids: false };
const throughTheClient = (type: DataType, value: unknown, more: object): unknown => {
  const parameter = { value: type.validate(value), ...more };
  const bytes = Buffer.concat([
    type.generateParameterLength(parameter, options),
    ...type.generateParameterData(parameter, options),
  ]);
  return readValue(bytes, 0, { type: { name: type.name === 'Decimal' ? 'DecimalN' : type.name }, ...more }, options)
    .value;
};
const andBack = (type: ColumnType, wire: unknown, value: Value, more: Partial<Described> = {}): Value => {
  const dataType = wire as DataType;
  const described: Described = { colName: 'c', type: dataType, ...more };
  return readerOf(described)(throughTheClient(dataType, writerOf(type)(value), more));
};

const digits = (count: number) =>
  fc.integer({ min: 0, max: 10 ** count - 1 }).map((n) => String(n).padStart(count, '0'));
const moment = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
    digits(7),
  )
  .map(([date, fraction]) => `${date.toISOString().slice(0, 19)}.${fraction}`);

test('a datetime2 goes and comes back with every hundred nanoseconds, in every year', () => {
  fc.assert(
    fc.property(moment, (clock) => assert.equal(andBack('DateTime', TYPES.DateTime2, clock, { scale: 7 }), clock)),
    {
      numRuns: 2000,
    },
  );
});

test('a time goes and comes back, and so does a date', () => {
  fc.assert(
    fc.property(moment, (clock) => {
      assert.equal(andBack('TimeSpan', TYPES.Time, clock.slice(11), { scale: 7 }), clock.slice(11));
      const day = `${clock.slice(0, 10)}T00:00:00.0000000`;
      assert.equal(andBack('DateTime', TYPES.Date, day), day);
    }),
  );
});

test('the instant of a datetimeoffset goes and comes back; its offset is written', () => {
  assert.equal(
    andBack('DateTimeOffset', TYPES.DateTimeOffset, '1899-12-31T23:30:00.1234567+05:30', { scale: 7 }),
    '1899-12-31T18:00:00.1234567+00:00',
  );
  const written = writerOf('DateTimeOffset')('2024-02-29T12:00:00.0000001-08:00') as Date;
  assert.deepEqual([written.toISOString(), written.getTimezoneOffset()], ['2024-02-29T20:00:00.000Z', 480]);
  const text = readerOf({ colName: 'c', type: { name: 'VarChar' } }, 'DateTimeOffset');
  assert.equal(text('2024-02-29 12:00:00.0000001 -08:00'), '2024-02-29T12:00:00.0000001-08:00');
  assert.equal(text('2024-02-29 12:00:00 +00:00'), '2024-02-29T12:00:00.0000000+00:00');
});

test('a decimal that the client keeps is exact, and one that it would round is refused, never rounded', () => {
  const decimal = fc.tuple(
    fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }),
    fc.integer({ min: 0, max: 15 }),
  );
  fc.assert(
    fc.property(decimal, ([unscaled, scale]) => {
      const text = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
      const value = `${unscaled < 0n ? '-' : ''}${text.slice(0, text.length - scale)}${scale > 0 ? `.${text.slice(-scale)}` : ''}`;
      assert.equal(andBack('Decimal', TYPES.Decimal, value, { precision: 15, scale }), value);
    }),
    { numRuns: 2000 },
  );
  const read = readerOf({ colName: 'big', type: { name: 'DecimalN' }, precision: 38, scale: 2 });
  assert.throws(() => read(2 ** 52), { errorCode: 'SqlPrecisionWouldBeLost', message: /'big'.*CONVERT/ });
  assert.equal(read(1.5), '1.50');
});

test('what the client would round goes as text, both ways', () => {
  const column = (name: string, more: Partial<Described> = {}) =>
    tableColumn({ colName: 'c', type: { name }, ...more });
  for (const [described, type, native, select] of [
    [column('DecimalN', { precision: 38, scale: 10 }), 'Decimal', 'decimal(38,10)', 'CONVERT(varchar(42), [c])'],
    [column('MoneyN', { dataLength: 8 }), 'Decimal', 'money', 'CONVERT(varchar(30), [c], 2)'],
    [column('MoneyN', { dataLength: 4 }), 'Decimal', 'smallmoney', 'CONVERT(varchar(30), [c], 2)'],
  ] as const) {
    assert.deepEqual([described.type, described.native, described.asText], [type, native, true]);
    assert.equal(selected('[c]', described), select);
  }
  const offset = column('DateTimeOffset', { scale: 3 });
  assert.deepEqual([offset.native, offset.keeps, offset.asText], ['datetimeoffset(3)', 3, undefined]);
  assert.match(selected('[c]', offset)!, /^CONVERT\(varchar\(34\)/);
  assert.equal(column('DecimalN', { precision: 15, scale: 2 }).asText, undefined);
  assert.equal(selected('[c]', column('NVarChar', { dataLength: 100 })), undefined);
});

test('columns are known by their types; what the server makes itself is said so', () => {
  const native = (name: string, dataLength?: number) => knownType({ colName: 'c', type: { name }, dataLength }).native;
  assert.deepEqual(
    [
      native('IntN', 1),
      native('IntN', 2),
      native('IntN', 4),
      native('IntN', 8),
      native('FloatN', 4),
      native('FloatN', 8),
      native('NVarChar', 100),
      native('NVarChar', 65535),
      native('VarBinary', 8000),
      native('DateTimeN', 4),
      native('Variant'),
    ],
    [
      'tinyint',
      'smallint',
      'int',
      'bigint',
      'real',
      'float',
      'nvarchar(50)',
      'nvarchar(max)',
      'varbinary(8000)',
      'smalldatetime',
      'sql_variant',
    ],
  );
  assert.equal(tableColumn({ colName: 'id', type: { name: 'Int' }, flags: 0x10 }).isGenerated, true);
  assert.equal(tableColumn({ colName: 'id', type: { name: 'Int' }, flags: 0x09 }).isGenerated, undefined);
});
