// Transact-SQL as activities and people write it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStage, type SqlClient, type SqlStage } from './client.ts';

let stage: SqlStage;
let client: SqlClient;
before(async () => {
  stage = await openStage();
  client = await stage.connect({ options: { useUTC: true } });
  await client.batch(`
    CREATE TABLE dbo.item (id int IDENTITY(1,1) PRIMARY KEY, name nvarchar(40) NOT NULL, price money, made datetime, kind char(3) DEFAULT 'std');
    INSERT INTO dbo.item (name, price, made) VALUES (N'Lamp', 19.5, '20240229 10:00'), (N'desk', 120, '2024-03-01'), (N'Chair', NULL, NULL);`);
});
after(async () => {
  await client?.close();
  await stage?.close();
  assert.deepEqual(stage?.troubles, []);
});

const rowsOf = async (sql: string): Promise<unknown[][]> => {
  const answer = await client.batch(sql);
  assert.deepEqual([sql, answer.message], [sql, '']);
  return answer.rows.map((row) => row.map((value) => (value instanceof Date ? value.toISOString() : value)));
};

const queries: [sql: string, rows: unknown[][]][] = [
  ["SELECT TOP (1) [name] FROM [dbo].[item] WITH (NOLOCK) WHERE name = 'LAMP'", [['Lamp']]],
  ['SELECT name FROM item ORDER BY name', [['Chair'], ['desk'], ['Lamp']]],
  ['SELECT name FROM item ORDER BY price', [['Chair'], ['Lamp'], ['desk']]],
  ['SELECT id FROM item ORDER BY id OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY', [[2]]],
  ["SELECT name + N'!' + CAST(id AS varchar(10)) FROM item WHERE id = 1", [['Lamp!1']]],
  ["SELECT CONCAT(name, NULL, '-', price) FROM item WHERE id = 1", [['Lamp-19.50']]],
  [
    "SELECT ISNULL(price, 0), COALESCE(NULL, price, 1), NULLIF(1, 1), IIF(price > 20, 'dear', 'cheap') FROM item WHERE id = 2",
    [[120, 120, null, 'dear']],
  ],
  ['SELECT 7 / 2, 7 % 2, 7.0 / 2, -7 / 2, CAST(2.9 AS int), CAST(-2.9 AS int)', [[3, 1, 3.5, -3, 2, -2]]],
  [
    "SELECT LEN('ab  '), DATALENGTH(N'ab'), LEFT('abc', 2), SUBSTRING('abcdef', 2, 3), CHARINDEX('C', 'abc'), REPLACE('aXa', 'X', '-'), STUFF('abc', 2, 1, 'ZZ'), REVERSE('abc'), UPPER('ü'), LTRIM('  a'), SPACE(2) + 'x'",
    [[2, 4, 'ab', 'bcd', 3, 'a-a', 'aZZc', 'cba', 'Ü', 'a', '  x']],
  ],
  [
    'SELECT CONVERT(varchar(10), made, 120), CONVERT(varchar(8), made, 112), CONVERT(varchar(10), made, 103), CONVERT(varchar(30), made, 126), CONVERT(varchar(20), made) FROM item WHERE id = 1',
    [['2024-02-29', '20240229', '29/02/2024', '2024-02-29T10:00:00.000', 'Feb 29 2024 10:00AM']],
  ],
  [
    "SELECT DATEADD(month, 1, '2024-01-31'), DATEDIFF(day, '2024-02-28', '2024-03-01'), DATEDIFF(year, '2023-12-31', '2024-01-01'), YEAR('2024-02-29'), DATEPART(weekday, '2024-02-29'), DATENAME(month, '2024-02-29'), EOMONTH('2024-02-01')",
    [['2024-02-29T00:00:00.000Z', 2, 1, 2024, 5, 'February', '2024-02-29T00:00:00.000Z']],
  ],
  [
    "SELECT TRY_CAST('x' AS int), TRY_CONVERT(date, 'x'), TRY_CAST('5' AS int), CAST('true' AS bit), CONVERT(datetime, '29/02/2024', 103), CAST(0x6162 AS varchar(2)), CONVERT(varchar(10), 0xAB, 1)",
    [[null, null, 5, true, '2024-02-29T00:00:00.000Z', 'ab', '0xAB']],
  ],
  [
    'SELECT COUNT(*), SUM(price), AVG(price), MIN(name), COUNT(DISTINCT kind), AVG(id), MAX(id) FROM item',
    [[3, 139.5, 69.75, 'Chair', 1, 2, 3]],
  ],
  [
    "SELECT kind, STRING_AGG(name, ',') WITHIN GROUP (ORDER BY id) FROM item GROUP BY kind HAVING COUNT(*) > 2",
    [['std', 'Lamp,desk,Chair']],
  ],
  [
    'SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC), LAG(id) OVER (ORDER BY id) FROM item ORDER BY id',
    [
      [1, '3', null],
      [2, '2', 1],
      [3, '1', 2],
    ],
  ],
  ['WITH c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 4) SELECT SUM(n) FROM c', [[10]]],
  ['SELECT a.id FROM item a JOIN (SELECT MAX(id) AS top_id FROM item) b ON a.id = b.top_id', [[3]]],
  ['SELECT i.id, x.n FROM item i CROSS APPLY (SELECT i.id * 2 AS n) x WHERE i.id = 2', [[2, 4]]],
  ["SELECT v.a FROM (VALUES (1, 'x'), (2, 'y')) AS v(a, b) WHERE v.b = 'Y'", [[2]]],
  ['SELECT 1 UNION SELECT 1 UNION ALL SELECT 2 ORDER BY 1', [[1], [2]]],
  ["SELECT id FROM item WHERE name LIKE '[a-c]%' OR name LIKE 'l_m%'", [[1], [3]]],
  [
    'SELECT id FROM item WHERE id IN (SELECT id FROM item WHERE price IS NULL) AND NOT EXISTS (SELECT 1 FROM item WHERE id > 9)',
    [[3]],
  ],
  [
    "SELECT CASE id WHEN 1 THEN 'one' ELSE 'more' END FROM item WHERE id BETWEEN 1 AND 2 ORDER BY id",
    [['one'], ['more']],
  ],
  ["SELECT 1 WHERE '5' = 5 AND CAST(1 AS bit) = 1 AND '2024-02-29' = CAST('2024-02-29' AS date)", [[1]]],
  ["SELECT '1' + 1, '5' * 2, CASE WHEN CAST(1 AS bit) = 'true' THEN 1 END", [[2, 10, 1]]],
  ["SELECT kind + '|' FROM item WHERE kind = 'std' AND id = 1", [['std|']]],
  [
    "SELECT OBJECT_ID('dbo.absent'), SCHEMA_NAME(), DB_ID() - DB_ID(), SERVERPROPERTY('EngineEdition'), @@ROWCOUNT - @@ROWCOUNT",
    [[null, 'dbo', 0, '5', 0]],
  ],
];

test('queries answer as SQL Server does', async () => {
  for (const [sql, rows] of queries) assert.deepEqual([sql, await rowsOf(sql)], [sql, rows]);
});

test('batches branch, repeat, catch and call', async () => {
  const answer = await client.batch(`
    DECLARE @i int = 0, @text nvarchar(100) = N'';
    WHILE 1 = 1
    BEGIN
      SET @i += 1;
      IF @i = 2 CONTINUE;
      IF @i > 3 BREAK
      ELSE SET @text = @text + CAST(@i AS nvarchar(10)) + ';';
    END;
    BEGIN TRY
      PRINT 'before';
      RAISERROR (N'number %d of %s', 16, 1, 7, 'ten');
      PRINT 'never';
    END TRY
    BEGIN CATCH
      SELECT ERROR_NUMBER(), ERROR_MESSAGE(), ERROR_SEVERITY(), @text;
    END CATCH;
    BEGIN TRY
      BEGIN TRY
        SELECT 1 / 0;
      END TRY
      BEGIN CATCH
        THROW;
      END CATCH
    END TRY
    BEGIN CATCH
      SELECT ERROR_NUMBER(), @@TRANCOUNT;
    END CATCH
    SELECT @i = MAX(id), @text = MAX(name) FROM dbo.item;
    SELECT @i, @text, @@ROWCOUNT;`);
  assert.deepEqual([answer.message, answer.infos], ['', ['before']]);
  assert.deepEqual(
    answer.rows,
    [
      [50000, 'number 7 of ten', 16, '1;3;'],
      [8134, 0],
      [3, 'Lamp', 0],
    ].map((row, index) => (index === 2 ? [3, 'Lamp', 1] : row)),
  );
});

test('the patterns of scripts that may run twice', async () => {
  const script = `
    IF OBJECT_ID('dbo.twice', 'U') IS NULL CREATE TABLE dbo.twice (id int NOT NULL CONSTRAINT PK_twice PRIMARY KEY CLUSTERED, note varchar(20) NULL CONSTRAINT DF_note DEFAULT ('none'));
    IF NOT EXISTS (SELECT 1 FROM sys.columns WHERE object_id = OBJECT_ID('dbo.twice') AND name = 'extra') ALTER TABLE dbo.twice ADD extra int NOT NULL DEFAULT 5;
    IF NOT EXISTS (SELECT * FROM sys.schemas WHERE name = 'staging') EXEC ('CREATE SCHEMA staging');
    DROP TABLE IF EXISTS staging.rows_of_day;
    SELECT id, note INTO staging.rows_of_day FROM dbo.twice;
    MERGE INTO dbo.twice AS t USING (VALUES (1, 'one'), (2, 'two')) AS s (id, note) ON t.id = s.id
      WHEN MATCHED AND t.note <> s.note THEN UPDATE SET t.note = s.note
      WHEN NOT MATCHED BY TARGET THEN INSERT (id, note) VALUES (s.id, s.note)
      WHEN NOT MATCHED BY SOURCE THEN DELETE;
    UPDATE t SET t.note = t.note + '+' FROM dbo.twice AS t INNER JOIN (SELECT 2 AS id) AS s ON s.id = t.id;
    INSERT INTO dbo.twice (id) OUTPUT inserted.id, inserted.note VALUES (3);
    DELETE TOP (1) FROM dbo.twice OUTPUT deleted.id WHERE id = 3;
    SELECT id, note, extra FROM dbo.twice ORDER BY id;`;
  for (const time of [1, 2])
    assert.deepEqual([time, await rowsOf(script)], [time, [[3, 'none'], [3], [1, 'one', 5], [2, 'two+', 5]]]);
  assert.deepEqual(await rowsOf('SELECT COUNT(*) FROM staging.rows_of_day'), [[2]]);
  const identity = await client.batch(
    "SET IDENTITY_INSERT dbo.item ON; INSERT INTO dbo.item (id, name) VALUES (50, N'set'); SET IDENTITY_INSERT dbo.item OFF; INSERT INTO dbo.item (id, name) VALUES (51, N'no')",
  );
  assert.deepEqual(identity.errors, [544]);
  await client.batch('DELETE FROM dbo.item WHERE id = 50');
});

test('clients find tables, columns, keys and procedures', async () => {
  await client.batch(
    'CREATE OR ALTER VIEW dbo.dear (item_name, cost) AS SELECT name, price FROM dbo.item WHERE price > 50',
  );
  await client.batch('CREATE OR ALTER PROCEDURE dbo.listed AS SELECT 1');
  assert.deepEqual(
    await rowsOf(
      "SELECT TABLE_SCHEMA, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME IN ('item', 'dear') ORDER BY TABLE_NAME",
    ),
    [
      ['dbo', 'VIEW'],
      ['dbo', 'BASE TABLE'],
    ],
  );
  assert.deepEqual(
    await rowsOf(
      "SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'item' ORDER BY ORDINAL_POSITION",
    ),
    [
      ['id', 'int', 'NO', null, 10],
      ['name', 'nvarchar', 'NO', 40, null],
      ['price', 'money', 'YES', null, 19],
      ['made', 'datetime', 'YES', null, null],
      ['kind', 'char', 'YES', 3, null],
    ],
  );
  assert.deepEqual(
    await rowsOf(
      "SELECT t.name, c.name, ty.name, c.is_identity FROM sys.tables t JOIN sys.columns c ON c.object_id = t.object_id JOIN sys.types ty ON ty.user_type_id = c.user_type_id JOIN sys.index_columns ic ON ic.object_id = t.object_id AND ic.column_id = c.column_id WHERE t.name = 'item'",
    ),
    [['item', 'id', 'int', true]],
  );
  assert.deepEqual(await rowsOf('SELECT name FROM sys.procedures'), [['listed']]);
  assert.deepEqual(await rowsOf('SELECT item_name, cost FROM dbo.dear'), [['desk', 120]]);
  const described = await client.batch('SELECT TOP 0 * FROM dbo.item');
  assert.deepEqual(described.sets, [
    { columns: ['id', 'name', 'price', 'made', 'kind'], types: ['IntN', 'NVarChar', 'MoneyN', 'DateTimeN', 'Char'] },
  ]);
});
