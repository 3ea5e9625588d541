// Values go in and come out as they were, by parameters, by literals and by bulk loads.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TYPES } from 'tedious';
import { openStage, type SqlClient, type SqlStage } from './client.ts';

let stage: SqlStage;
let client: SqlClient;
before(async () => {
  stage = await openStage();
  client = await stage.connect();
});
after(async () => {
  await client?.close();
  await stage?.close();
  assert.deepEqual(stage?.troubles, []);
});

/** Each column: its declaration, a literal, and how its text must look when the server converts it. */
const columns: [type: string, literal: string, text: string][] = [
  ['bit', '1', '1'],
  ['tinyint', '255', '255'],
  ['smallint', '-32768', '-32768'],
  ['int', '-2147483648', '-2147483648'],
  ['bigint', '9223372036854775807', '9223372036854775807'],
  ['decimal(38,0)', '99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
  ['decimal(38,38)', "'-0.12345678901234567890123456789012345678'", '-0.12345678901234567890123456789012345678'],
  ['numeric(10,2)', '12345678.99', '12345678.99'],
  ['smallmoney', '-214748.36', '-214748.36'],
  ['real', '1.5', '1.5'],
  ['float', '2.5e-10', '2.5e-10'],
  ['date', "'0001-01-01'", '0001-01-01'],
  ['date', "'9999-12-31'", '9999-12-31'],
  ['time(7)', "'23:59:59.123456'", '23:59:59.1234560'],
  ['time(0)', "'23:59:59'", '23:59:59'],
  ['smalldatetime', "'2024-02-29T12:30:00'", 'Feb 29 2024 12:30PM'],
  ['datetime2(7)', "'2024-02-29T12:30:00.123456'", '2024-02-29 12:30:00.1234560'],
  ['datetime2(3)', "'1000-01-01 00:00:00.001'", '1000-01-01 00:00:00.001'],
  ['datetimeoffset(7)', "'2024-02-29T12:30:00.123456 +05:30'", '2024-02-29 12:30:00.1234560 +05:30'],
  ['char(5)', "'ab'", 'ab'],
  ['varchar(10)', "'grün'", 'grün'],
  ['nchar(3)', "N'ü'", 'ü'],
  ['nvarchar(4)', "N'日本😀'", '日本😀'],
  ['nvarchar(max)', "N'long'", 'long'],
  ['uniqueidentifier', "'6f9619ff-8b86-d011-b42d-00c04fc964ff'", '6F9619FF-8B86-D011-B42D-00C04FC964FF'],
];

test('literals of every type are kept exactly', async () => {
  for (const [index, [type, literal, text]] of columns.entries()) {
    const table = `dbo.literal_${index}`;
    const answer = await client.batch(
      `CREATE TABLE ${table} (v ${type}); INSERT INTO ${table} VALUES (${literal}); SELECT CONVERT(nvarchar(100), v) FROM ${table}`,
    );
    assert.deepEqual([type, answer.message, answer.rows], [type, '', [[text]]]);
  }
});

test('text is cut by whole characters where a cast cuts, and refused where a column would', async () => {
  const cut = await client.batch(
    "DECLARE @b varchar(3) = N'üü'; SELECT CAST(N'日本語' AS varchar(4)), CAST(N'a😀b' AS nvarchar(2)), @b, UPPER('ü'), CONVERT(varchar(2), 'abc')",
  );
  assert.deepEqual(cut.rows, [['日', 'a', 'ü', 'Ü', 'ab']]);
  await client.batch('CREATE TABLE dbo.narrow (v varchar(3), n nvarchar(2), b varbinary(2))');
  for (const values of ["'üü', NULL, NULL", "NULL, N'a😀', NULL", 'NULL, NULL, 0x010203'])
    assert.deepEqual((await client.batch(`INSERT INTO dbo.narrow VALUES (${values})`)).errors, [2628]);
  assert.deepEqual((await client.batch("INSERT INTO dbo.narrow VALUES ('üx', N'😀', 0x0102)")).errors, []);
});

test('a seventh fractional digit is refused, not lost, except where it is kept', async () => {
  const refused = [
    "INSERT INTO dbo.ticks (m) VALUES ('2024-01-01T00:00:00.1234567')",
    "INSERT INTO dbo.ticks (t) VALUES ('00:00:00.1234567')",
    "SELECT CAST('2024-01-01T00:00:00.1234567' AS datetime2)",
    "SELECT TRY_CAST('2024-01-01T00:00:00.1234567' AS datetime2)",
  ];
  await client.batch('CREATE TABLE dbo.ticks (m datetime2(7), t time(7), o datetimeoffset(7))');
  for (const sql of refused) assert.deepEqual([sql, (await client.batch(sql)).errors], [sql, [40517]]);
  const moment = Object.assign(new Date('2024-01-01T10:00:00.123Z'), { nanosecondDelta: 0.0004567 });
  const by = (type: (typeof TYPES)['DateTime2']) => [{ name: 'v', type, value: moment }];
  assert.deepEqual((await client.run('INSERT INTO dbo.ticks (m) VALUES (@v)', by(TYPES.DateTime2))).errors, [40517]);
  assert.deepEqual((await client.run('INSERT INTO dbo.ticks (o) VALUES (@v)', by(TYPES.DateTimeOffset))).errors, []);
  const { rows } = await client.run('SELECT o FROM dbo.ticks');
  assert.equal((rows[0]![0] as Date & { nanosecondsDelta: number }).nanosecondsDelta.toFixed(7), '0.0004567');
});

const given: [name: string, type: (typeof TYPES)[keyof typeof TYPES], column: string, value: unknown][] = [
  ['bit', TYPES.Bit, 'bit', true],
  ['tiny', TYPES.TinyInt, 'tinyint', 7],
  ['small', TYPES.SmallInt, 'smallint', -7],
  ['int', TYPES.Int, 'int', 123456],
  ['big', TYPES.BigInt, 'bigint', '9007199254740993'],
  ['real', TYPES.Real, 'real', 0.5],
  ['float', TYPES.Float, 'float', Math.PI],
  ['money', TYPES.Money, 'money', 1234.5678],
  ['date', TYPES.Date, 'date', new Date('2024-02-29T00:00:00.000Z')],
  ['datetime', TYPES.DateTime, 'datetime', new Date('2024-02-29T12:30:00.123Z')],
  ['small_moment', TYPES.SmallDateTime, 'smalldatetime', new Date('2024-02-29T12:30:00.000Z')],
  ['moment', TYPES.DateTime2, 'datetime2(7)', new Date('2024-02-29T12:30:00.123Z')],
  ['offset', TYPES.DateTimeOffset, 'datetimeoffset(7)', new Date('2024-02-29T12:30:00.123Z')],
  ['varchar', TYPES.VarChar, 'varchar(20)', 'grün'],
  ['nvarchar', TYPES.NVarChar, 'nvarchar(20)', '日本😀'],
  ['long', TYPES.NVarChar, 'nvarchar(max)', 'x'.repeat(100_000)],
  ['binary', TYPES.VarBinary, 'varbinary(20)', Buffer.from([0, 1, 254, 255])],
  ['long_binary', TYPES.VarBinary, 'varbinary(max)', Buffer.alloc(50_000, 7)],
  ['guid', TYPES.UniqueIdentifier, 'uniqueidentifier', '6F9619FF-8B86-D011-B42D-00C04FC964FF'],
];

test('parameters of every type come back as they went, and so does nothing', async () => {
  await client.batch(`CREATE TABLE dbo.given (${given.map(([name, , column]) => `[${name}] ${column}`).join(', ')})`);
  const names = given.map(([name]) => `@${name}`).join(', ');
  const insert = (values: (index: number) => unknown) =>
    client.run(
      `INSERT INTO dbo.given VALUES (${names})`,
      given.map(([name, type], index) => ({ name, type, value: values(index) })),
    );
  assert.equal((await insert((index) => given[index]![3])).message, '');
  assert.equal((await insert(() => null)).message, '');
  const { rows } = await client.run('SELECT * FROM dbo.given ORDER BY [int] DESC');
  const plain = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
  assert.deepEqual(
    rows[0]!.map(plain),
    given.map(([, , , value]) => plain(value)),
  );
  assert.deepEqual(
    rows[1],
    given.map(() => null),
  );
});

test('a bulk load is whole or not at all, numbers its rows, and keeps every value', async () => {
  await client.batch(
    'CREATE TABLE dbo.loaded (id int IDENTITY(1,1), n int NOT NULL UNIQUE, t nvarchar(40), m decimal(20,6), d datetime2, b varbinary(max), made datetime2 DEFAULT SYSUTCDATETIME())',
  );
  const load = (rows: Iterable<unknown[]>) =>
    new Promise<{ error: Error | undefined; count: number | undefined }>((resolve) => {
      const bulk = client.raw.newBulkLoad('dbo.loaded', { keepNulls: true }, (error, count) =>
        resolve({ error: error ?? undefined, count }),
      );
      bulk.addColumn('n', TYPES.Int, { nullable: false });
      bulk.addColumn('t', TYPES.NVarChar, { length: 40, nullable: true });
      bulk.addColumn('m', TYPES.Decimal, { precision: 20, scale: 6, nullable: true });
      bulk.addColumn('d', TYPES.DateTime2, { scale: 7, nullable: true });
      bulk.addColumn('b', TYPES.VarBinary, { length: Number.POSITIVE_INFINITY, nullable: true });
      client.raw.execBulkLoad(bulk, rows as Iterable<unknown[]>);
    });
  const row = (n: number) => [n, `row ${n}`, n / 8, new Date(n * 1000), n % 100 === 0 ? Buffer.alloc(9_000, n) : null];
  const rows = Array.from({ length: 20_000 }, (_none, n) => row(n));
  assert.deepEqual(await load(rows), { error: undefined, count: 20_000 });
  const summed = await client.run(
    'SELECT COUNT(*), MIN(id), MAX(id), SUM(CAST(n AS bigint)), SUM(m), COUNT(b), COUNT(made), MAX(CASE WHEN n = 9 THEN t END) FROM dbo.loaded',
  );
  assert.deepEqual(summed.rows[0]!.map(String), [
    '20000',
    '1',
    '20000',
    '199990000',
    '24998750',
    '200',
    '20000',
    'row 9',
  ]);
  const again = await load([...Array.from({ length: 5000 }, (_none, n) => row(n + 50_000)), row(3)]);
  assert.equal((again.error as { number?: number }).number, 2627);
  assert.deepEqual((await client.run('SELECT COUNT(*) FROM dbo.loaded')).rows, [[20_000]]);
  const brokenOff = await load(
    (function* () {
      for (let n = 70_000; n < 75_000; n++) yield row(n);
      throw new Error('the source broke off');
    })(),
  );
  assert.match(String(brokenOff.error?.message), /broke off/);
  assert.deepEqual((await client.run('SELECT COUNT(*) FROM dbo.loaded')).rows, [[20_000]]);
  const long = await load([[60_000, 'x'.repeat(30), 1, new Date(), null]]);
  assert.equal(long.error, undefined);
  await client.batch('CREATE TABLE dbo.staged (n int); SELECT TOP 0 * INTO #stage FROM dbo.staged');
  const staged = await new Promise<number | undefined>((resolve, reject) => {
    const bulk = client.raw.newBulkLoad('#stage', (error, count) => (error ? reject(error) : resolve(count)));
    bulk.addColumn('n', TYPES.Int, { nullable: true });
    client.raw.execBulkLoad(bulk, [[1], [2], [2]]);
  });
  assert.equal(staged, 3);
  const merged = await client.batch(
    'MERGE INTO dbo.staged AS t USING (SELECT DISTINCT n FROM #stage) AS s ON t.n = s.n WHEN NOT MATCHED THEN INSERT (n) VALUES (s.n); SELECT COUNT(*) FROM dbo.staged',
  );
  assert.deepEqual(merged.rows, [[2]]);
});

test('half of a pair of surrogates is refused by name, for the engine would keep another character', async () => {
  await client.batch('CREATE TABLE dbo.halves (words nvarchar(max))');
  const refused = (error: unknown) => assert.match(String(error), /Half of a pair of surrogates .*not supported/);
  await new Promise<void>((resolve) => {
    const bulk = client.raw.newBulkLoad('dbo.halves', (error) => {
      refused(error);
      resolve();
    });
    bulk.addColumn('words', TYPES.NVarChar, { nullable: true, length: Number.POSITIVE_INFINITY });
    client.raw.execBulkLoad(bulk, [['a\ud83db']]);
  });
  refused((await client.batch("INSERT INTO dbo.halves VALUES (N'\ud83d')")).message);
  assert.deepEqual((await client.run('SELECT COUNT(*) FROM dbo.halves')).rows, [[0]]);
});

test('prepared statements run with other values each time', async () => {
  const { Request } = await import('tedious');
  const rows: unknown[][] = [];
  const request = new Request('SELECT @a + 1, @t', (error) => assert.equal(error, undefined));
  request.addParameter('a', TYPES.Int);
  request.addParameter('t', TYPES.NVarChar);
  request.on('row', (columns: { value: unknown }[]) => rows.push(columns.map(({ value }) => value)));
  const step = (action: () => void) =>
    new Promise<void>((resolve, reject) => {
      request.once('requestCompleted', () => resolve());
      request.once('prepared', () => resolve());
      request.once('error', reject);
      action();
    });
  await step(() => client.raw.prepare(request));
  await step(() => client.raw.execute(request, { a: 1, t: 'one' }));
  await step(() => client.raw.execute(request, { a: 2, t: 'zwö' }));
  await step(() => client.raw.unprepare(request));
  assert.deepEqual(rows, [
    [2, 'one'],
    [3, 'zwö'],
  ]);
});
