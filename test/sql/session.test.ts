// Login, statements, procedures and transactions, by a client that nobody here wrote.
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

test('a login is let in by TDS 7.4 and by TDS 8, and by the right password only', async () => {
  assert.deepEqual((await client.batch('SELECT DB_NAME(), SUSER_SNAME()')).rows, [['sales', 'sqladmin']]);
  const strict = await stage.connect({ options: { encrypt: 'strict' } });
  assert.deepEqual((await strict.run('SELECT 1')).rows, [[1]]);
  await strict.close();
  await assert.rejects(stage.connect({ password: 'wrong' }), { code: 'ELOGIN' });
  await assert.rejects(stage.connect({ user: 'nobody' }), { code: 'ELOGIN' });
  await assert.rejects(stage.connect({ options: { database: 'absent' } }), /Cannot open database "absent"/);
  await assert.rejects(stage.connect({ options: { encrypt: false } }), { code: 'EENCRYPT' });
});

test('the table of the tutorial numbers its rows and keeps them', async () => {
  await client.batch(
    'CREATE TABLE dbo.emp (ID int IDENTITY(1,1) NOT NULL, FirstName varchar(50), LastName varchar(50)); CREATE CLUSTERED INDEX IX_emp_ID ON dbo.emp (ID)',
  );
  const written = await client.run('INSERT INTO dbo.emp (FirstName, LastName) VALUES (@f, @l), (@f2, @l)', [
    { name: 'f', type: TYPES.VarChar, value: 'John' },
    { name: 'f2', type: TYPES.VarChar, value: 'Jane' },
    { name: 'l', type: TYPES.VarChar, value: 'Doe' },
  ]);
  assert.equal(written.count, 2);
  const { rows, sets } = await client.batch('SELECT * FROM [dbo].[emp] WITH (NOLOCK) ORDER BY ID');
  assert.deepEqual(rows, [
    [1, 'John', 'Doe'],
    [2, 'Jane', 'Doe'],
  ]);
  assert.deepEqual(sets, [{ columns: ['ID', 'FirstName', 'LastName'], types: ['IntN', 'VarChar', 'VarChar'] }]);
});

test('each mistake has its number', async () => {
  await client.batch('CREATE TABLE dbo.strict_one (id int PRIMARY KEY, name nvarchar(5) NOT NULL, share decimal(5,2))');
  await client.batch("INSERT INTO dbo.strict_one VALUES (1, N'one', 1)");
  const numbers: [string, number][] = [
    ['SELECT * FROM dbo.absent', 208],
    ['SELECT absent FROM dbo.strict_one', 207],
    ['SELECT 1 +', 102],
    ['SELECT * FROM WHERE', 156],
    ['EXEC dbo.absent', 2812],
    ["INSERT INTO dbo.strict_one VALUES (1, N'two', 1)", 2627],
    ['INSERT INTO dbo.strict_one VALUES (2, NULL, 1)', 515],
    ["INSERT INTO dbo.strict_one VALUES (2, N'longer than five', 1)", 2628],
    ["INSERT INTO dbo.strict_one VALUES ('two', N'two', 1)", 245],
    ["INSERT INTO dbo.strict_one VALUES (2, N'two', 1000)", 8115],
    ['SELECT 1 / 0', 8134],
    ["SELECT CAST('never' AS date)", 241],
    ["SELECT CAST('x' AS uniqueidentifier)", 8169],
    ['CREATE TABLE dbo.strict_one (id int)', 2714],
    ['DROP TABLE dbo.absent', 3701],
    ['SELECT absent(1)', 195],
    ['SELECT @absent', 137],
    ['SELECT * FROM other.dbo.strict_one', 40515],
    ['SELECT a.id FROM dbo.strict_one b', 4104],
    ['COMMIT', 3902],
    ['SELECT * FROM dbo.strict_one FOR XML AUTO', 40517],
    ['CREATE TABLE dbo.x (a xml)', 40517],
    ['WAITFOR DELAY 1', 40517],
  ];
  for (const [sql, number] of numbers) assert.deepEqual([sql, (await client.batch(sql)).errors], [sql, [number]]);
});

test('procedures take and give parameters and a status', async () => {
  await client.batch('CREATE TABLE dbo.counted (id int IDENTITY(10,5), name nvarchar(20))');
  await client.batch(
    'CREATE OR ALTER PROCEDURE dbo.count_one @name nvarchar(20), @id int OUTPUT, @twice bit = 0 AS BEGIN SET NOCOUNT ON; INSERT INTO dbo.counted (name) VALUES (@name); SET @id = SCOPE_IDENTITY(); IF @twice = 1 SELECT @name AS name, @id AS id; RETURN 7; END',
  );
  const called = await client.call('dbo.count_one', [
    { name: 'name', type: TYPES.NVarChar, value: 'ä' },
    { name: 'id', type: TYPES.Int, output: true },
    { name: 'twice', type: TYPES.Bit, value: true },
  ]);
  assert.deepEqual(called.outputs, { id: 10 });
  assert.equal(called.status, 7);
  assert.deepEqual(called.rows, [['ä', 10]]);
  const nested = await client.batch(
    "DECLARE @i int, @r int; EXEC @r = count_one 'b', @id = @i OUTPUT; SELECT @i, @r; EXEC ('SELECT 5')",
  );
  assert.deepEqual(nested.rows, [[15, 7], [5]]);
  assert.deepEqual((await client.call('dbo.count_one', [])).errors, [201]);
});

test('a transaction is whole or not at all', async () => {
  const { raw } = client;
  const step = (name: 'beginTransaction' | 'commitTransaction' | 'rollbackTransaction') =>
    new Promise<void>((resolve, reject) => raw[name]((error) => (error ? reject(error) : resolve())));
  await client.batch('CREATE TABLE dbo.whole (id int PRIMARY KEY)');
  await step('beginTransaction');
  await client.run('INSERT INTO dbo.whole VALUES (1)');
  assert.deepEqual((await client.run('SELECT @@TRANCOUNT, XACT_STATE()')).rows, [[1, 1]]);
  await step('rollbackTransaction');
  await step('beginTransaction');
  await client.run('INSERT INTO dbo.whole VALUES (2)');
  await step('commitTransaction');
  assert.deepEqual((await client.run('SELECT id FROM dbo.whole')).rows, [[2]]);
  // An error of the engine leaves a transaction that can only be rolled back.
  const doomed = await client.batch('BEGIN TRAN; INSERT INTO dbo.whole VALUES (3); INSERT INTO dbo.whole VALUES (2)');
  assert.deepEqual(doomed.errors, [2627]);
  assert.deepEqual((await client.batch('SELECT XACT_STATE(), @@TRANCOUNT')).rows, [[-1, 1]]);
  assert.deepEqual((await client.batch('INSERT INTO dbo.whole VALUES (4)')).errors, [3930]);
  assert.deepEqual((await client.batch('CREATE TABLE dbo.never (id int)')).errors, [3930]);
  assert.deepEqual((await client.batch('COMMIT')).errors, [3930]);
  await client.batch('ROLLBACK');
  assert.deepEqual((await client.run('SELECT id FROM dbo.whole')).rows, [[2]]);
  const caught = await client.batch(
    'BEGIN TRY BEGIN TRAN; INSERT INTO dbo.whole VALUES (5); INSERT INTO dbo.whole VALUES (2); COMMIT; END TRY BEGIN CATCH IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION; SELECT ERROR_NUMBER(), XACT_STATE(); END CATCH; SELECT id FROM dbo.whole',
  );
  assert.deepEqual([caught.errors, caught.rows], [[], [[2627, 0], [2]]]);
});
