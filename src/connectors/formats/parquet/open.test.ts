import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { JsonObject } from '../../../base/json.ts';
import { type ConversionSettings, plainConversion } from '../../row/convert.ts';
import { readDecimal } from '../../row/decimal.ts';
import type { Column, Value } from '../../row/record-batch.ts';
import type { FileRequest } from '../definition.ts';
import { fit, openReader, openWriter } from './open.ts';
import { type Field, type FieldValue, readStruct, writeStruct } from './thrift.ts';

const properties = (values: JsonObject = {}) => ({ values, where: 'Dataset' });

const write = async (columns: readonly Column[], rows: Value[][], dataset: JsonObject = {}, batchRows = 3000) => {
  const batches = async function* () {
    for (let at = 0; at < rows.length; at += batchRows) yield { columns, rows: rows.slice(at, at + batchRows) };
  };
  const chunks: Buffer[] = [];
  for await (const chunk of openWriter(properties(dataset))(columns, batches())) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const never: AsyncIterable<Buffer> = {
  [Symbol.asyncIterator]: () => assert.fail('a Parquet file is read by ranges'),
};
const read = async (bytes: Buffer, request: FileRequest = {}) => {
  let bytesRead = 0;
  const ranges = {
    size: bytes.length,
    read: async (offset: number, into: Buffer) => {
      bytesRead += into.length;
      assert.equal(bytes.copy(into, 0, offset), into.length, 'within the file');
    },
  };
  let columns: readonly Column[] = [];
  const rows: Value[][] = [];
  for await (const batch of openReader()(never, 'a.parquet', { ranges, ...request })) {
    columns = batch.columns;
    rows.push(...batch.rows);
  }
  return { columns, rows, bytesRead };
};

const everyType: Column[] = [
  { name: 'Boolean', type: 'Boolean' },
  { name: 'Byte', type: 'Byte' },
  { name: 'Int16', type: 'Int16' },
  { name: 'Int32', type: 'Int32' },
  { name: 'Int64', type: 'Int64' },
  { name: 'Single', type: 'Single' },
  { name: 'Double', type: 'Double' },
  { name: 'Decimal', type: 'Decimal', precision: 38, scale: 18 },
  { name: 'digits', type: 'Decimal', precision: 38, scale: 0 },
  { name: 'money', type: 'Decimal', precision: 9, scale: 2 },
  { name: 'String', type: 'String' },
  { name: 'Guid', type: 'Guid' },
  { name: 'DateTime', type: 'DateTime' },
  { name: 'DateTimeOffset', type: 'DateTimeOffset' },
  { name: 'Binary', type: 'Binary' },
];
const extremes: Value[][] = [
  [true, 255, 32767, 2147483647, 9223372036854775807n, Math.fround(0.1), Number.MAX_VALUE]
    .concat([
      '99999999999999999999.999999999999999999',
      '9'.repeat(38),
      '1234567.89',
      'é\u0000"\n😀, a text that is longer than twelve bytes',
    ] as never[])
    .concat([
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      '9999-12-31T23:59:59.9999990',
      '9999-12-31T23:59:59.9999990+00:00',
      Buffer.from([0, 255]),
    ] as never[]),
  [false, 0, -32768, -2147483648, -9223372036854775808n, -3.5, -5e-324]
    .concat(['-0.000000000000000001', `-${'9'.repeat(38)}`, '-0.01', ''] as never[])
    .concat([
      '00000000-0000-0000-0000-000000000001',
      '0001-01-01T00:00:00.0000000',
      '1899-12-31T23:59:59.0000010+00:00',
      Buffer.alloc(0),
    ] as never[]),
  everyType.map(() => null),
];

test('every type comes back as it was, from codec to codec, and another reader sees the same', async () => {
  for (const compressionCodec of ['none', 'snappy', 'gzip', 'zstd', 'lz4']) {
    const bytes = await write(everyType, extremes, { compressionCodec });
    const { columns, rows } = await read(bytes);
    assert.deepEqual(columns, everyType);
    assert.deepEqual(rows, extremes);
    const codec = parquetMetadata(arrayOf(bytes)).row_groups[0]!.columns[0]!.meta_data!.codec;
    assert.match(codec, new RegExp(compressionCodec === 'none' ? 'UNCOMPRESSED' : compressionCodec, 'i'));
  }
  const bytes = await write(everyType, extremes, { compressionCodec: 'snappy' });
  const [first, second, third] = await parquetReadObjects({ file: arrayOf(bytes) });
  assert.deepEqual(
    [first!.Boolean, first!.Byte, first!.Int16, first!.Int64, first!.Double, first!.String, first!.money],
    [true, 255, 32767, 9223372036854775807n, Number.MAX_VALUE, extremes[0]![10], 1234567.89],
  );
  assert.equal((second!.DateTime as Date).toISOString(), '0001-01-01T00:00:00.000Z');
  assert.equal((second!.DateTimeOffset as Date).toISOString().slice(0, 19), '1899-12-31T23:59:59');
  assert.equal(Number(second!.digits), -1e38);
  assert.deepEqual(
    Object.values(third!),
    everyType.map(() => null),
  );
});

const arrayOf = (bytes: Buffer) => new Uint8Array(bytes).buffer;

test('a decimal of any digits comes back with all of them, wherever its point is', async () => {
  const shapes = [1, 9, 18, 19, 28, 37, 38].flatMap((precision) =>
    [...new Set([0, 1, precision >> 1, precision - 1, precision])]
      .filter((scale) => scale <= precision)
      .map((scale) => ({ precision, scale })),
  );
  const columns = shapes.map((shape, at): Column => ({ name: `c${at}`, type: 'Decimal', ...shape }));
  const digits = (text: string, scale: number) => {
    const all = text.padStart(scale + 1, '0');
    return readDecimal(`${all.slice(0, all.length - scale)}.${all.slice(all.length - scale)}`)!;
  };
  const most = shapes.map(({ precision, scale }) => digits('9'.repeat(precision), scale));
  const rows: Value[][] = [
    most,
    most.map((text) => `-${text}`),
    shapes.map(({ scale }) => digits('1', scale)),
    shapes.map(({ scale }) => `-${digits('1', scale)}`),
    shapes.map(() => '0'),
    shapes.map(() => null),
  ];
  const found = await read(await write(columns, rows));
  assert.deepEqual(found.columns, columns);
  assert.deepEqual(found.rows, rows);
});

test('many row groups are one file, of which only the columns that are asked for are fetched', async () => {
  const columns: Column[] = [
    { name: 'id', type: 'Int32' },
    { name: 'ID', type: 'String' },
    { name: `it's "odd"; --`, type: 'String' },
  ];
  const rows = Array.from({ length: 300_000 }, (_, at): Value[] => [
    at,
    `${at}`,
    `${(at * 2654435761) % 1e9}`.repeat(2),
  ]);
  const bytes = await write(columns, rows, {}, 1000);
  const metadata = parquetMetadata(arrayOf(bytes));
  assert.equal(metadata.num_rows, 300_000n);
  assert.equal(metadata.row_groups.length, 3);
  const all = await read(bytes);
  assert.deepEqual(
    all.columns.map(({ name }) => name),
    columns.map(({ name }) => name),
  );
  assert.deepEqual(all.rows.at(-1), rows.at(-1));
  assert.equal(all.rows.length, rows.length);
  assert.ok(all.rows.every((row, at) => row[0] === at));
  const some = await read(bytes, { wanted: [{ name: 'id', type: undefined }] });
  assert.deepEqual(some.rows[299_999], [299_999]);
  assert.ok(some.bytesRead < bytes.length / 2, `${some.bytesRead} of ${bytes.length}`);
  const [last] = await parquetReadObjects({ file: arrayOf(bytes), rowStart: 299_999, rowEnd: 300_000 });
  assert.deepEqual(Object.values(last!), rows.at(-1));
});

test('a file without rows has its columns', async () => {
  const bytes = await write(everyType, []);
  assert.deepEqual(await read(bytes), { columns: everyType, rows: [], bytesRead: (await read(bytes)).bytesRead });
  assert.equal(parquetMetadata(arrayOf(bytes)).num_rows, 0n);
});

test('what a file would keep less of is refused, or told where that is allowed', () => {
  const cases: [Column, string, string, string][] = [
    [{ name: 'a', type: 'DateTime' }, '2024-01-01T00:00:00.1234567', '2024-01-01T00:00:00.1234560', 'microsecond'],
    [
      { name: 'a', type: 'DateTimeOffset' },
      '2024-01-01T00:00:00.0000000+01:00',
      '2023-12-31T23:00:00.0000000+00:00',
      'offset',
    ],
    [{ name: 'a', type: 'Decimal' }, '0.1234567890123456789', '0.123456789012345678', 'decimal places'],
    [{ name: 'a', type: 'Decimal', precision: 4, scale: 0 }, '-12.5', '-12', 'decimal places'],
    [{ name: 'a', type: 'Decimal', precision: 4, scale: 2 }, '-0.001', '0', 'decimal places'],
  ];
  for (const [column, value, kept, why] of cases) {
    assert.throws(() => fit(column, plainConversion)!(value), { message: new RegExp(why) });
    let told = 0;
    const allowed: ConversionSettings = {
      ...plainConversion,
      onTruncation: () => {
        told += 1;
      },
    };
    assert.deepEqual([fit(column, allowed)!(value), told], [kept, 1]);
    assert.equal(fit(column, plainConversion)!(kept), kept);
    assert.equal(fit(column, plainConversion)!(null), null);
  }
  assert.throws(() => fit({ name: 'a', type: 'Decimal' }, plainConversion)!('123456789012345678901'), {
    message: /20 digits before the point/,
  });
  assert.throws(
    () =>
      fit({ name: 'a', type: 'DateTimeOffset' }, { ...plainConversion, onTruncation: () => {} })!(
        '0001-01-01T00:00:00.0000000+01:00',
      ),
    { message: /year/ },
  );
});

/** A file of one column of INT96, as older writers make it: one page, plain, uncompressed. */
const int96File = (values: [day: number, nanos: bigint][], claimedBytes = 0): Buffer => {
  const int = (value: number) => ({ type: 5, value });
  const long = (value: number) => ({ type: 6, value: BigInt(value) });
  const text = (value: string) => ({ type: 8, value: Buffer.from(value) });
  const struct = (fields: readonly (readonly [number, Field])[]) => ({ type: 12, value: new Map(fields) });
  const list = (of: number, items: FieldValue[]) => ({ type: 9, value: { of, items } });
  const data = Buffer.concat(
    values.map(([day, nanos]) => {
      const value = Buffer.alloc(12);
      value.writeBigInt64LE(nanos);
      value.writeInt32LE(day, 8);
      return value;
    }),
  );
  const page = struct([
    [1, int(values.length)],
    [2, int(0)],
    [3, int(3)],
    [4, int(3)],
  ]);
  const header = writeStruct(
    new Map<number, Field>([
      [1, int(0)],
      [2, int(data.length)],
      [3, int(data.length)],
      [5, page],
    ]),
  );
  const size = header.length + data.length;
  const meta = struct([
    [1, int(3)],
    [2, list(5, [0])],
    [3, list(8, [Buffer.from('t')])],
    [4, int(0)],
    [5, long(values.length)],
    [6, long(size)],
    [7, long(claimedBytes || size)],
    [9, long(4)],
  ]);
  const schema = [
    struct([
      [4, text('root')],
      [5, int(1)],
    ]),
    struct([
      [1, int(3)],
      [3, int(0)],
      [4, text('t')],
    ]),
  ];
  const chunk = struct([
    [2, long(4)],
    [3, meta],
  ]);
  const group = struct([
    [1, list(12, [chunk.value])],
    [2, long(size)],
    [3, long(values.length)],
  ]);
  const footer = writeStruct(
    new Map<number, Field>([
      [1, int(1)],
      [
        2,
        list(
          12,
          schema.map(({ value }) => value),
        ),
      ],
      [3, long(values.length)],
      [4, list(12, [group.value])],
    ]),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), header, data, footer, length, Buffer.from('PAR1')]);
};

test('timestamps of twelve bytes keep their hundreds of nanoseconds; finer ones are refused', async () => {
  const bytes = int96File([
    [2_440_588, 100n],
    [2_451_545, 86_399_999_999_900n],
    [1_721_426, 0n],
  ]);
  const { columns, rows } = await read(bytes);
  assert.deepEqual(columns, [{ name: 't', type: 'DateTime' }]);
  assert.deepEqual(rows, [
    ['1970-01-01T00:00:00.0000001'],
    ['2000-01-01T23:59:59.9999999'],
    ['0001-01-01T00:00:00.0000000'],
  ]);
  const [, second] = await parquetReadObjects({ file: arrayOf(bytes) });
  assert.equal((second!.t as Date).toISOString(), '2000-01-01T23:59:59.999Z');
  const finer = int96File([
    [2_440_588, 150n],
    [2_440_588, 100n],
  ]);
  await assert.rejects(read(finer), {
    errorCode: 'TypeConversionFailure',
    message: /'t' in row 1 .*hundred nanoseconds/,
  });
  const told: string[] = [];
  const rest = await read(finer, { onBadRow: ({ errorCode }) => told.push(errorCode) });
  assert.deepEqual([told, rest.rows], [['TypeConversionFailure'], [['1970-01-01T00:00:00.0000001']]]);
});

/** A file as DuckDB itself writes it, with all that this program's writer leaves out. */
const fromDuck = async (select: string, options = '') => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-duck-'));
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    await connection.run(`COPY (${select}) TO '${folder}/a.parquet' (FORMAT parquet${options})`);
    return await readFile(join(folder, 'a.parquet'));
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
};

test('types that only others write have a type here that loses nothing', async () => {
  const values: [sql: string, type: Column['type'], value: Value][] = [
    ['(-128)::TINYINT', 'Int16', -128],
    ['65535::USMALLINT', 'Int32', 65535],
    ['4294967295::UINTEGER', 'Int64', 4294967295n],
    ['18446744073709551615::UBIGINT', 'Decimal', '18446744073709551615'],
    ["DATE '1600-02-29'", 'DateTime', '1600-02-29T00:00:00.0000000'],
    ["TIMESTAMP_NS '1969-12-31 23:59:59.9999999'", 'DateTime', '1969-12-31T23:59:59.9999999'],
    ["TIMESTAMP_MS '2024-02-29 12:00:00.123'", 'DateTime', '2024-02-29T12:00:00.1230000'],
    ["TIMESTAMPTZ '2024-02-29 12:00:00+02'", 'DateTimeOffset', '2024-02-29T10:00:00.0000000+00:00'],
    ["TIME '23:59:59.000001'", 'TimeSpan', '23:59:59.0000010'],
    ["'b'::ENUM ('a', 'b')", 'String', 'b'],
    [
      "{'a': [1, NULL], 'd': 12345678901234567890.123456789012345678::DECIMAL(38, 18)}",
      'String',
      '{"a":[1,null],"d":12345678901234567890.123456789012345678}',
    ],
    ["MAP {'k': 'v'}", 'String', '{"k":"v"}'],
    ['\'{"a": 1.50}\'::JSON', 'String', '{"a": 1.50}'],
    ["'\\x00\\xFF'::BLOB", 'Binary', Buffer.from([0, 255])],
  ];
  const select = `SELECT ${values.map(([sql], at) => `${sql} AS v${at}`).join(', ')}`;
  const bytes = await fromDuck(`${select} FROM range(20000)`, ', WRITE_BLOOM_FILTER true, ROW_GROUP_SIZE 10000');
  const { columns, rows } = await read(bytes);
  assert.equal(rows.length, 20_000);
  for (const [at, [sql, type, value]] of values.entries()) {
    assert.equal(columns[at]!.type, type, sql);
    assert.deepEqual(rows.at(-1)![at], value, sql);
  }
  const infinite = await fromDuck("SELECT TIMESTAMP 'infinity' AS t");
  await assert.rejects(read(infinite), { errorCode: 'TypeConversionFailure', message: /year/ });
});

test('long values that a small file holds many times come a few at a time; a row that is too long is refused', async () => {
  const million = await fromDuck("SELECT repeat('a', 1000000) AS t, encode(repeat('é', 10)) AS b FROM range(200)");
  assert.ok(million.length < 2 ** 20, `${million.length}`);
  const ranges = {
    size: million.length,
    read: async (offset: number, into: Buffer) => void million.copy(into, 0, offset),
  };
  let rows = 0;
  let most = 0;
  for await (const batch of openReader()(never, 'a.parquet', { ranges })) {
    rows += batch.rows.length;
    most = Math.max(most, batch.rows.length);
  }
  assert.deepEqual([rows, most], [200, 5]);
  const long = await fromDuck("SELECT repeat('a', 40 * 1024 * 1024) AS t");
  await assert.rejects(read(long), { errorCode: 'ParquetInvalidFile', message: /row 1 is longer than 32 MiB/ });
});

test('text that looks like what stands for null, and a row that is too long to write', async () => {
  const columns: Column[] = [{ name: 'a', type: 'String' }];
  const rows: Value[][] = [['N'], [null], ['"N"'], [''], ['a,b\r\nc"'], ['\\N']];
  assert.deepEqual((await read(await write(columns, rows))).rows, rows);
  // Longer than DuckDB takes a line to be, but not than there is room for.
  const long = [['x'.repeat(5_000_000)], ['é'.repeat(2_000_000)]];
  assert.deepEqual((await read(await write(columns, long))).rows, long);
  await assert.rejects(write(columns, [['x'.repeat(30_000_000)]]), {
    errorCode: 'ParquetRowTooLarge',
    message: /16 MiB/,
  });
});

test('a row group that does not fit a worker is refused, and what would fit of it is named', async () => {
  const claimed = 2 ** 30;
  const small = int96File([[2_440_588, 100n]], claimed);
  const ranges = {
    size: small.length + claimed,
    read: async (offset: number, into: Buffer) => void small.copy(into, 0, offset - claimed),
  };
  await assert.rejects(read(Buffer.alloc(0), { ranges }), {
    errorCode: 'ParquetRowGroupTooLarge',
    message: /1026 MiB .*Map fewer columns/,
  });
});

test('what is no Parquet, cut off or damaged is refused, and never read beyond', async () => {
  const good = await write(everyType, extremes);
  const refused = { errorCode: 'ParquetInvalidFile' };
  await assert.rejects(read(Buffer.alloc(0)), refused);
  await assert.rejects(read(Buffer.from('a,b\n1,2\n3,4\n')), { ...refused, message: /no Parquet file/ });
  await assert.rejects(read(good.subarray(0, -1)), refused);
  await assert.rejects(read(Buffer.concat([good.subarray(0, -4), Buffer.from('PARE')])), {
    ...refused,
    message: /encrypted/,
  });
  const huge = Buffer.from(good);
  huge.writeUInt32LE(0xffffffff, good.length - 8);
  await assert.rejects(read(huge), refused);
  // One byte at a time is wrong in the footer: an error that says so, or other values, but nothing else.
  const footerAt = good.length - 8 - good.readUInt32LE(good.length - 8);
  const codes = new Set<string>();
  for (let at = footerAt; at < good.length - 8; at += 29) {
    const damaged = Buffer.from(good);
    damaged[at] = damaged[at]! ^ 0x55;
    await read(damaged).catch((error) => codes.add(error.errorCode ?? `${error.name}: ${error.message}`));
  }
  assert.deepEqual(
    [...codes].sort().filter((code) => !['ParquetInvalidFile', 'TypeConversionFailure'].includes(code)),
    [],
  );
});

test('a tree of Thrift is read as it was written', () => {
  const value = fc.letrec((tie) => ({
    struct: fc
      .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 500 }), tie('field')), { selector: ([id]) => id, maxLength: 6 })
      .map((fields) => new Map(fields as never)),
    field: fc.oneof(
      { depthSize: 'small' },
      fc.maxSafeInteger().map((number) => ({ type: 6, value: BigInt(number) })),
      fc.integer().map((number) => ({ type: 5, value: number })),
      fc.boolean().map((flag) => ({ type: 1, value: flag })),
      fc.uint8Array().map((bytes) => ({ type: 8, value: Buffer.from(bytes) })),
      fc.double({ noNaN: true }).map((number) => ({ type: 7, value: number })),
      fc.array(fc.integer(), { maxLength: 20 }).map((items) => ({ type: 9, value: { of: 5, items } })),
      tie('struct').map((inner) => ({ type: 12, value: inner })),
    ),
  })).struct;
  fc.assert(
    fc.property(value, (tree) => {
      const sorted = (each: unknown): unknown =>
        each instanceof Map
          ? [...each].sort(([a], [b]) => a - b).map(([id, { type, value: inner }]) => [id, type, sorted(inner)])
          : each;
      assert.deepEqual(sorted(readStruct(writeStruct(tree as never))), sorted(tree));
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        readStruct(Buffer.from(bytes));
      } catch (error) {
        assert.equal((error as Error).constructor.name, 'BadThrift');
      }
    }),
    { numRuns: 2000 },
  );
});
