// Copies into a dedicated SQL pool whose sink asks for COPY or PolyBase: loaded by the worker, to the same result.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { contentOf, copyJob, dataset, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import { rowJob } from '../../../test/copy/table.ts';
import { openSqlStage } from '../../../test/target/sql-stage.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ResolvedDataset } from '../../connectors/resolved.ts';
import type { ActivityJob } from '../job.ts';

const openAll = () => Promise.all([openStage(), openSqlStage()]);
let opened: Awaited<ReturnType<typeof openAll>>;
const accounts = () => opened[0];
const sql = () => opened[1];
const query = (text: string) => sql().queryPool(text);
before(async () => {
  opened = await openAll();
  await fill(accounts().sink, 'staging', {});
});
after(() => Promise.all(opened?.map((one) => one.close()) ?? []));

/** A file of delimited text with a header. */
const text = async (name: string, content: string): Promise<ResolvedDataset> => {
  await fill(accounts().source, 'given', { [`${name}/rows.csv`]: content });
  const location = { container: 'given', folderPath: name };
  return dataset('DelimitedText', linkedService(accounts().source), location, { firstRowAsHeader: true });
};
const staging: JsonObject = {
  enableStaging: true,
  stagingSettings: { linkedServiceName: { referenceName: 'Between', type: 'LinkedServiceReference' }, path: 'staging' },
};
const load = (from: ResolvedDataset, table: string, sink: JsonObject, more: JsonObject = {}): ActivityJob => ({
  ...rowJob(from, sql().poolTable(table), {
    source: {
      type: from.type === 'AzureSqlDWTable' ? 'SqlDWSource' : `${from.type}Source`,
      ...(from.type === 'AzureSqlDWTable' ? {} : { storeSettings: { type: 'AzureBlobStorageReadSettings' } }),
    },
    sink: { type: 'SqlDWSink', ...sink },
    more,
  }),
  linkedServices: { between: { ...linkedService(accounts().sink), name: 'Between' } },
});
const copyCommand = (copyCommandSettings: JsonObject = {}): JsonObject => ({
  allowCopyCommand: true,
  copyCommandSettings,
});
const polyBase = (polyBaseSettings: JsonObject = {}): JsonObject => ({ allowPolyBase: true, polyBaseSettings });

test('COPY and PolyBase are taken, with a store between and without; the output says what was done in their place', async () => {
  await query('CREATE TABLE plain (id int, word nvarchar(20)) WITH (DISTRIBUTION = ROUND_ROBIN, HEAP)');
  const from = await text('plain', 'id,word\n1,one\n2,東京\n');
  for (const sink of [copyCommand(), polyBase({ rejectType: 'value', rejectValue: 0, useTypeDefault: false })])
    for (const more of [{}, staging]) {
      const output = await runJob(load(from, 'plain', { ...sink, preCopyScript: 'TRUNCATE TABLE plain' }, more));
      assert.deepEqual([output.rowsCopied, output.sqlDwPolyBase, output.sqlDwCopyMethod], [2, false, 'BulkInsert']);
      assert.equal((output.executionDetails as JsonObject[]).length, more === staging ? 2 : 1);
      assert.equal(output.rowsSkipped, undefined);
      assert.deepEqual(await query('SELECT * FROM plain ORDER BY id'), [
        { id: 1, word: 'one' },
        { id: 2, word: '東京' },
      ]);
    }
  assert.deepEqual(await contentOf(accounts().sink, 'staging'), {});
  const upsert = { ...copyCommand(), writeBehavior: 'Upsert', upsertSettings: { keys: ['id'] } };
  assert.equal((await runJob(load(from, 'plain', upsert))).sqlDwCopyMethod, 'Upsert');
  assert.deepEqual(await query('SELECT COUNT(*) AS n FROM plain'), [{ n: 2 }]);
});

test('a file is stored as a whole or not at all, as one statement of the pool would; without, by writeBatchSize', async () => {
  await query('CREATE TABLE whole (id int NOT NULL)');
  const from = await text('whole', 'id\n1\n2\n""\n');
  const loads = [copyCommand(), polyBase(), {}].map((sink) => load(from, 'whole', { ...sink, writeBatchSize: 1 }));
  for (const [at, one] of loads.entries()) {
    await assert.rejects(runJob(one), { errorCode: 'SqlOperationFailed', message: /SqlErrorNumber=515/ });
    assert.deepEqual(await query('SELECT COUNT(*) AS n FROM whole'), [{ n: at === 2 ? 2 : 0 }]);
  }
});

test('a default value stands where the source has null, in the type of its column, and nowhere else', async () => {
  await query(
    "CREATE TABLE filled (id int NOT NULL, word nvarchar(20) DEFAULT 'of the table', price decimal(20,4), cash money, at datetime2(3), yes bit, own uniqueidentifier, clock time(0))",
  );
  const header = 'ID,word,price,cash,at,Yes,own,clock\n';
  const from = await text(
    'filled',
    `${header}1,,,,,,,\n2,given,1.5,2,2024-02-29,false,A6F7B1F0-0000-4000-8000-00000000000A,23:00\n3,,,,,,,\n`,
  );
  const given: Record<string, string | number | boolean> = {
    WORD: "o'Default",
    price: '1234567890123456.0001',
    cash: -2.5,
    at: '1900-01-01',
    yes: 1,
    own: '00000000-0000-0000-0000-000000000001',
    clock: '12:30:00',
  };
  const defaultValues = Object.entries(given).map(([columnName, defaultValue]) => ({ columnName, defaultValue }));
  const shown =
    'SELECT id, word, CONVERT(varchar(30), price) AS price, CONVERT(varchar(30), cash, 2) AS cash, CONVERT(varchar(30), at, 121) AS at, yes, own, CONVERT(varchar(20), clock) AS clock FROM filled ORDER BY id';
  for (const more of [{}, staging]) {
    const output = await runJob(
      load(from, 'filled', { ...copyCommand({ defaultValues }), preCopyScript: 'TRUNCATE TABLE filled' }, more),
    );
    assert.equal(output.rowsCopied, 3);
    const [first, second, third] = await query(shown);
    assert.deepEqual(first, {
      id: 1,
      word: "o'Default",
      price: '1234567890123456.0001',
      cash: '-2.5000',
      at: '1900-01-01 00:00:00.000',
      yes: true,
      own: '00000000-0000-0000-0000-000000000001',
      clock: '12:30:00',
    });
    assert.deepEqual(third, { ...first, id: 3 });
    assert.deepEqual([second!.word, second!.price, second!.yes, second!.clock], ['given', '1.5000', false, '23:00:00']);
  }
});

test('a default value that cannot be is refused before anything is stored', async () => {
  await query('CREATE TABLE picky (id int IDENTITY(1,1), n int, bytes varbinary(10), word varchar(3) NOT NULL)');
  const from = await text('picky', 'n,bytes,word\n,,abc\n');
  const refuses = async (columnName: string, defaultValue: string, message: RegExp) => {
    const job = load(from, 'picky', copyCommand({ defaultValues: [{ columnName, defaultValue }] }));
    await assert.rejects(runJob(job), { errorCode: 'UserErrorInvalidProperty', message });
  };
  await refuses('n', 'many', /defaultValues\[0\]\.defaultValue cannot be a value of the column 'n', .* type Int32/);
  await refuses('n', '2147483648', /cannot be a value of the column 'n'/);
  await refuses('bytes', '0x00', /cannot be a value of the column 'bytes', .* type Binary/);
  await refuses('id', '1', /columnName names 'id', which is no column of the table that can be written/);
  await refuses('nothing', '1', /names 'nothing', which is no column/);
  const narrow = { ...from, name: 'narrow' };
  await fill(accounts().source, 'given', { 'picky/rows.csv': 'word\nabc\n' });
  const job = load(narrow, 'picky', copyCommand({ defaultValues: [{ columnName: 'n', defaultValue: 1 }] }));
  await assert.rejects(runJob(job), {
    errorCode: 'UserErrorInvalidProperty',
    message: /names 'n', to which no column of the source goes: .*additionalColumns/,
  });
  assert.deepEqual(await query('SELECT COUNT(*) AS n FROM picky'), [{ n: 0 }]);
});

const bad = 'id,word,n\n1,one,1\n2,,2\n3,three,x\n4,much too long,4\n5,five,5,5\n6,six,99999999999\n7,seven,7\n';

test('rows that the table has no place for are left out up to MAXERRORS or rejectValue, counted and told of; one more, and nothing is stored', async () => {
  await query('CREATE TABLE mostly (id int, word nvarchar(5) NOT NULL, n int)');
  const from = await text('bad', bad);
  const place = { linkedServiceName: { referenceName: 'Between', type: 'LinkedServiceReference' }, path: 'logs' };
  const logSettings = { enableCopyActivityLog: true, copyActivityLogSettings: {}, logLocationSettings: place };
  await fill(accounts().sink, 'logs', {});
  const limited = (most: number): [JsonObject, string][] => [
    [
      copyCommand({ additionalOptions: { MAXERRORS: `${most}`, DATEFORMAT: "'ymd'" } }),
      'UserErrorSqlDWCopyCommandError',
    ],
    [polyBase({ rejectValue: most }), 'FailedDbOperation'],
  ];
  for (const more of [{}, staging]) {
    for (const [sink] of limited(5)) {
      const output = await runJob(load(from, 'mostly', sink, { ...more, logSettings }));
      assert.deepEqual([output.rowsRead, output.rowsCopied, output.rowsSkipped], [7, 2, 5]);
      assert.deepEqual(await query('SELECT id FROM mostly ORDER BY id'), [{ id: 1 }, { id: 7 }]);
      const path = String(output.logFilePath);
      const log = String((await contentOf(accounts().sink, 'logs'))[path.slice('logs/'.length)]);
      assert.equal(log.trim().split('\r\n').length, 6);
      for (const why of [
        'is null, and the column takes none',
        'longer than the 5',
        'not a whole number',
        'not between',
      ])
        assert.match(log, new RegExp(why));
      await query('TRUNCATE TABLE mostly');
    }
    for (const [sink, errorCode] of limited(4)) {
      // The limit counts also where rows may be skipped anyhow.
      const skipping = { ...more, enableSkipIncompatibleRow: true };
      await assert.rejects(runJob(load(from, 'mostly', sink, skipping)), {
        errorCode,
        message: /5 rows were rejected/,
      });
      assert.deepEqual(await query('SELECT COUNT(*) AS n FROM mostly'), [{ n: 0 }]);
    }
  }
  assert.deepEqual(await contentOf(accounts().sink, 'staging'), {});
  await assert.rejects(runJob(load(from, 'mostly', polyBase({ rejectValue: 0 }))), {
    errorCode: 'DelimitedTextMoreColumnsThanDefined',
  });
});

test('rows that may be skipped are those that a column has no place for, at every database', async () => {
  await sql().query('CREATE TABLE skipping (id int, word nvarchar(5) NOT NULL, n int)');
  const given = load(await text('skipped', bad), 'unused', {}, { enableSkipIncompatibleRow: true });
  const sink = { type: 'AzureSqlSink' };
  const job = { ...given, outputs: [sql().table('skipping')], typeProperties: { ...given.typeProperties, sink } };
  const output = await runJob(job);
  assert.deepEqual([output.rowsRead, output.rowsCopied, output.rowsSkipped], [7, 2, 5]);
  assert.deepEqual([output.sqlDwPolyBase, output.sqlDwCopyMethod], [undefined, undefined]);
  assert.deepEqual(await sql().query('SELECT id FROM skipping ORDER BY id'), [{ id: 1 }, { id: 7 }]);
});

test('DATEFORMAT says in which order dates of text have their numbers; a pattern of the mapping says more', async () => {
  await query('CREATE TABLE dated (id int, at datetime2(0))');
  const from = await text('dated', 'id,At\n1,31/01/2024 08:00\n2,1.2.2024\n3,2024-03-01T00:00:00\n');
  const byDay = copyCommand({ additionalOptions: { DATEFORMAT: "'dmy'" } });
  await runJob(load(from, 'dated', byDay));
  assert.deepEqual(await query('SELECT id, CONVERT(varchar(16), at, 120) AS at FROM dated ORDER BY id'), [
    { id: 1, at: '2024-01-31 08:00' },
    { id: 2, at: '2024-02-01 00:00' },
    { id: 3, at: '2024-03-01 00:00' },
  ]);
  const byMonth = copyCommand({ additionalOptions: { DATEFORMAT: "'mdy'" } });
  await assert.rejects(runJob(load(from, 'dated', byMonth)), {
    errorCode: 'TypeConversionFailure',
    message: /'At' in row 1 .*in the order mdy/,
  });
  const typeConversionSettings = { dateTimeFormat: 'dd/MM/yyyy HH:mm' };
  const translator = { type: 'TabularTranslator', typeConversion: true, typeConversionSettings };
  await assert.rejects(runJob(load(from, 'dated', byDay, { translator })), { message: /'At' in row 2 / });
});

test('a percentage of rejected rows is looked at after each sample', async () => {
  await query('CREATE TABLE sampled (id int)');
  const rows = Array.from({ length: 30 }, (_, at) => (at < 4 ? 'x' : at));
  const from = await text('sampled', `id\n${rows.join('\n')}\n`);
  const percent = (rejectValue: number, rejectSampleValue: number) =>
    runJob(load(from, 'sampled', polyBase({ rejectType: 'percentage', rejectValue, rejectSampleValue })));
  await assert.rejects(percent(20, 10), { errorCode: 'FailedDbOperation', message: /4 rows .* out of 10 rows/ });
  assert.deepEqual(await query('SELECT COUNT(*) AS n FROM sampled'), [{ n: 0 }]);
  const { rowsCopied, rowsSkipped } = await percent(20, 20);
  assert.deepEqual([rowsCopied, rowsSkipped], [26, 4]);
});

test('useTypeDefault fills what is missing in text, also in that of a staged copy, and a decimal has no default', async () => {
  const columns = 'id int, n bigint, f float, word varchar(10), day date, at datetime2(0)';
  await query(`CREATE TABLE typed (${columns}); CREATE TABLE nulls (${columns}); INSERT INTO nulls (id) VALUES (1)`);
  const filled = { id: 1, n: '0', f: 0, word: '', day: '1900-01-01', at: '1900-01-01 00:00:00' };
  const empty = { id: 1, n: null, f: null, word: null, day: null, at: null };
  const shown =
    'SELECT id, n, f, word, CONVERT(varchar(30), day, 23) AS day, CONVERT(varchar(30), at, 120) AS at FROM typed';
  const fromText = await text('typed', 'id,n,f,word,day,at\n1,,,,,\n');
  const fromTable = sql().poolTable('nulls');
  for (const [from, more, useTypeDefault, expected] of [
    [fromText, {}, true, filled],
    [fromText, {}, false, empty],
    [fromTable, staging, true, filled],
    // Bulk insert: there is no text in which something could be missing.
    [fromTable, {}, true, empty],
  ] as const) {
    const sink = { ...polyBase({ useTypeDefault }), preCopyScript: 'TRUNCATE TABLE typed' };
    await runJob(load(from, 'typed', sink, more));
    assert.deepEqual(await query(shown), [expected]);
  }
  await query('CREATE TABLE priced (id int, price decimal(10,2))');
  const priced = await text('priced', 'id,price\n1,\n2,2.5\n');
  await assert.rejects(runJob(load(priced, 'priced', polyBase({ useTypeDefault: true }))), {
    errorCode: 'TypeConversionFailure',
    message: /'price' in row 1 .*useTypeDefault/,
  });
  const tolerant = await runJob(load(priced, 'priced', polyBase({ useTypeDefault: true, rejectValue: 1 })));
  assert.deepEqual([tolerant.rowsCopied, tolerant.rowsSkipped], [1, 1]);
});

test('COPY and PolyBase are for a dedicated pool alone, and not both', async () => {
  const from = await text('plain', 'id,word\n1,one\n');
  const refused = (job: ActivityJob, message: RegExp) =>
    assert.rejects(runJob(job), { errorCode: 'UserErrorInvalidProperty', message });
  await refused(load(from, 'plain', { allowCopyCommand: true, allowPolyBase: 'true' }), /cannot both be true/);
  const file = copyJob(from, from);
  for (const name of ['allowCopyCommand', 'allowPolyBase']) {
    const rule = new RegExp(`sink\\.${name} is a setting of SqlDWSink`);
    const other = rowJob(from, sql().table('plain'), { sink: { type: 'AzureSqlSink', [name]: true } });
    await refused(other, rule);
    const { sink } = file.typeProperties as { sink: JsonObject };
    await refused({ ...file, typeProperties: { ...file.typeProperties, sink: { ...sink, [name]: true } } }, rule);
  }
});
