// What a login must not reach, what a client may stop, and what bytes must not do.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { TYPES } from 'tedious';
import { openDatabaseFile } from '../../src/sandbox/sql-server/engine/database-file.ts';
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

test('no statement reaches a file, an extension, a setting or what is the server’s own', async () => {
  const target = path.join(stage.folder, 'stolen');
  const attacks: [string, number][] = [
    ["SELECT * FROM read_csv('/etc/passwd')", 40517],
    ["SELECT * FROM read_text('/etc/passwd')", 40517],
    ["SELECT * FROM '/etc/passwd'", 102],
    ['SELECT * FROM [/etc/passwd]', 208],
    ['SELECT * FROM "/etc/passwd"', 208],
    ["SELECT * FROM OPENROWSET(BULK '/etc/passwd', SINGLE_CLOB) AS x", 40517],
    [`COPY (SELECT 1) TO '${target}'`, 40517],
    [`COPY INTO dbo.x FROM '${target}'`, 40517],
    [`BULK INSERT dbo.x FROM '${target}'`, 40517],
    [`BACKUP DATABASE sales TO DISK = '${target}'`, 40517],
    [`ATTACH '${target}'`, 2812],
    ['INSTALL httpfs', 102],
    ['LOAD httpfs', 102],
    ['SET enable_external_access = 1', 102],
    ['PRAGMA version', 102],
    ['EXPORT DATABASE x', 102],
    ["SELECT getenv('HOME')", 195],
    ["SELECT error('x')", 195],
    ['SELECT __postern.divisor(1)', 40517],
    ['SELECT * FROM __postern.module', 208],
    ['SELECT * FROM duckdb_settings()', 40517],
    ['SELECT * FROM main.sqlite_master', 208],
    ['SELECT * FROM pg_catalog.pg_class', 208],
    ['CREATE SCHEMA __postern', 2714],
    ['CREATE TABLE __postern.x (a int)', 2760],
    ['CREATE TABLE main.x (a int)', 2760],
    ['DROP SCHEMA __postern', 3701],
    ["EXEC xp_cmdshell 'id'", 40517],
    ["EXEC sp_configure 'show advanced options', 1", 40517],
    ["EXEC sp_executesql N'SELECT * FROM read_csv(''/etc/passwd'')'", 40517],
    ["EXEC ('SELECT * FROM __postern.module')", 208],
  ];
  for (const [sql, number] of attacks) assert.deepEqual([sql, (await client.batch(sql)).errors], [sql, [number]]);
  assert.equal(existsSync(target), false);
});

test('names, texts and parameters never become part of a statement', async () => {
  const odd = `a"]; DROP TABLE dbo.kept; --'`;
  const named = `[${odd.replaceAll(']', ']]')}]`;
  await client.batch(
    `CREATE TABLE dbo.kept (id int); CREATE TABLE dbo.${named} (${named} nvarchar(100) DEFAULT N'it''s "')`,
  );
  await client.batch(`INSERT INTO dbo.${named} DEFAULT VALUES`);
  const value = `'; DROP TABLE dbo.kept; SELECT '\0$1 \\`;
  const written = await client.run(`INSERT INTO dbo.${named} VALUES (@v)`, [
    { name: 'v', type: TYPES.NVarChar, value },
  ]);
  assert.equal(written.message, '');
  const { rows, sets } = await client.run(`SELECT * FROM dbo.${named} WHERE ${named} = @v`, [
    { name: 'v', type: TYPES.NVarChar, value },
  ]);
  assert.deepEqual([rows, sets[0]!.columns], [[[value]], [odd]]);
  assert.deepEqual((await client.batch("SELECT OBJECT_ID('dbo.kept')")).rows[0]![0] !== null, true);
});

test('the engine itself is locked, whatever a translation might let through', async () => {
  const file = await openDatabaseFile(path.join(stage.folder, 'locked.duckdb'));
  const connection = await file.connect();
  const target = path.join(stage.folder, 'out.csv');
  const attacks = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/*')",
    `COPY (SELECT 1) TO '${target}'`,
    `ATTACH '${target}'`,
    `EXPORT DATABASE '${target}'`,
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    'SET lock_configuration = false',
    "SET temp_directory = '/tmp'",
  ];
  for (const sql of attacks)
    await assert.rejects(connection.all(sql), sql.includes("FROM '") ? { number: 208 } : { number: 40517 }, sql);
  assert.equal(existsSync(target), false);
  connection.close();
  file.close();
});

test('a client may stop what it asked for, and ask again', async () => {
  await client.batch(
    'WITH c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 5000) SELECT n INTO dbo.numbers FROM c',
  );
  const begun = client.run(
    'SELECT COUNT_BIG(*) FROM dbo.numbers a CROSS JOIN dbo.numbers b CROSS JOIN dbo.numbers c WHERE a.n + b.n + c.n = 7',
  );
  setImmediate(() => client.raw.cancel());
  assert.match((await begun).message, /ECANCEL|Canceled/);
  assert.deepEqual((await client.run('SELECT COUNT(*) FROM dbo.numbers')).rows, [[5000]]);
});

test('two that change the same row: one of them is told to try again', async () => {
  const other = await stage.connect();
  await client.batch('CREATE TABLE dbo.contended (id int, n int); INSERT INTO dbo.contended VALUES (1, 0)');
  await client.batch('BEGIN TRAN; UPDATE dbo.contended SET n = 1 WHERE id = 1');
  assert.deepEqual((await other.batch('UPDATE dbo.contended SET n = 2 WHERE id = 1')).errors, [1205]);
  await client.batch('COMMIT');
  assert.deepEqual((await other.batch('UPDATE dbo.contended SET n = 2 WHERE id = 1')).errors, []);
  await other.close();
});

test('a statement of too many parts is refused, and the connection stays', async () => {
  const long = await client.batch(`SELECT 1${' + 1'.repeat(40_000)}`);
  assert.equal(long.errors.length, 1);
  assert.ok([8631, 40517].includes(long.errors[0]!), String(long.errors));
  assert.deepEqual((await client.batch('SELECT 1')).rows, [[1]]);
});

test('a connection that is taken again is as new', async () => {
  const again = await stage.connect();
  await again.batch('CREATE TABLE #own (id int); BEGIN TRAN; SET NOCOUNT ON; INSERT INTO #own VALUES (1)');
  await new Promise<void>((resolve, reject) => again.raw.reset((error) => (error ? reject(error) : resolve())));
  assert.deepEqual((await again.batch('SELECT @@TRANCOUNT')).rows, [[0]]);
  assert.deepEqual((await again.batch('SELECT * FROM #own')).errors, [208]);
  await again.close();
});

/** Sends bytes and resolves when the server has closed the connection. */
const sendRaw = async (bytes: Buffer): Promise<void> => {
  const socket = net.connect(stage.server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.end(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
};

test('bytes that are no TDS end their connection and nothing else', async () => {
  const prelogin = Buffer.from('1201002f00000100000015000601001b000102001c000103001d0000ff0000000000000102', 'hex');
  const lots = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(100_000, 0xff),
    Buffer.from('12010000', 'hex'),
    Buffer.from('1201000700000100', 'hex'),
    Buffer.from('160301020001', 'hex'),
    prelogin,
    Buffer.concat([prelogin, Buffer.from('1201ffff00000100', 'hex'), randomBytes(70_000)]),
    Buffer.concat([prelogin, Buffer.from('1001000900000100ff', 'hex')]),
    ...Array.from({ length: 40 }, () => randomBytes(300)),
    ...Array.from({ length: 40 }, () => Buffer.concat([Buffer.from('120100', 'hex'), randomBytes(200)])),
  ];
  for (const bytes of lots) await sendRaw(bytes);
  assert.deepEqual((await client.batch('SELECT 1')).rows, [[1]]);
});

test('who does not log in is let go, and those who do are not disturbed', async (context) => {
  // Long enough for a login on a busy machine.
  const hasty = await openStage({ loginDeadlineMs: 2000 });
  context.after(() => hasty.close());
  const logged = await hasty.connect();
  const silent = net.connect(hasty.server.port, '127.0.0.1');
  const half = net.connect(hasty.server.port, '127.0.0.1');
  half.write(Buffer.from('1201', 'hex'));
  await Promise.all([silent, half].map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))));
  assert.deepEqual((await logged.batch('SELECT 1')).rows, [[1]]);
  await logged.close();
});

test('messages that lie about themselves after login end their connection and nothing else', async () => {
  const header = (type: number, length: number) => Buffer.from([type, 1, length >> 8, length & 255, 0, 0, 1, 0]);
  const bodies: [number, Buffer][] = [
    [0x01, Buffer.from('ffffffff', 'hex')],
    [0x01, Buffer.from('00', 'hex')],
    [0x03, Buffer.from('04000000ffff6300', 'hex')],
    [0x03, Buffer.from('04000000ffff0a0000000000f0', 'hex')],
    [0x03, Buffer.from('04000000ffff0a0000000000e7ffff0904d00034feffffffffffffffffffff7f', 'hex')],
    [0x07, Buffer.from('81ffff', 'hex')],
    [0x0e, Buffer.from('0400000005', 'hex')],
    [0x55, Buffer.from('00', 'hex')],
    ...Array.from({ length: 30 }, (): [number, Buffer] => [
      [0x01, 0x03, 0x07, 0x0e][randomBytes(1)[0]! & 3]!,
      Buffer.concat([Buffer.from('04000000', 'hex'), randomBytes(60)]),
    ]),
  ];
  for (const [type, body] of bodies) {
    const victim = await stage.connect();
    const socket = (
      victim.raw as unknown as { messageIo: { securePair?: { cleartext: net.Socket }; socket: net.Socket } }
    ).messageIo;
    const stream = socket.securePair?.cleartext ?? socket.socket;
    stream.write(Buffer.concat([header(type, body.length + 8), body]));
    victim.raw.close();
  }
  assert.deepEqual((await client.batch('SELECT 1')).rows, [[1]]);
});

test('a pattern of many parts, on a text that nearly fits, takes no time', async () => {
  const [text, pattern] = ['a'.repeat(80), `${'%a'.repeat(12)}%b`];
  await client.batch(
    `CREATE TABLE dbo.patterns (text nvarchar(100), pattern nvarchar(100)); INSERT INTO dbo.patterns VALUES ('${text}', '${pattern}'), (N'Ça 5% 😀', N'ç%!%_😀%')`,
  );
  assert.deepEqual((await client.batch(`SELECT 1 WHERE '${text}' LIKE '${pattern}'`)).rows, []);
  assert.deepEqual((await client.batch("SELECT text FROM dbo.patterns WHERE text LIKE pattern ESCAPE '!'")).rows, [
    ['Ça 5% 😀'],
  ]);
  assert.deepEqual((await client.batch("SELECT 1 WHERE N'Ça 5% é😀.' LIKE N'[ç]%5!%%_😀.' ESCAPE '!'")).rows, [[1]]);
});

test('a short statement does not become a huge one, nor a short text', async () => {
  const nested = (depth: number, around: (inner: string) => string): string =>
    depth === 0 ? "'abc'" : around(nested(depth - 1, around));
  for (const around of [
    (inner: string) => `STUFF(${inner}, 1, 1, 'b')`,
    (inner: string) => `SUBSTRING('abc', LEN(${inner}), 1)`,
    (inner: string) => `REPLICATE('a', LEN(${inner}))`,
    (inner: string) => `CHAR(LEN(${inner}))`,
    (inner: string) => `CHARINDEX('a', 'abc', LEN(${inner}))`,
    (inner: string) => `NULLIF(${inner}, 'b')`,
    (inner: string) => `1 / (1 / LEN(${inner}))`,
    (inner: string) => `CASE ${inner} WHEN 'a' THEN 'c' WHEN 1 THEN 'b' ELSE 'd' END`,
    (inner: string) => `CHOOSE(LEN(${inner}), 'a', 'b', 'c')`,
    (inner: string) => `IIF(${inner} BETWEEN 'a' AND 'b', 'c', 'd')`,
    (inner: string) => `CONVERT(varchar(40), CONVERT(datetime2, ${inner}))`,
  ])
    assert.deepEqual((await client.batch(`SELECT ${nested(40, around)}`)).errors, [8631], around('...'));
  assert.deepEqual((await client.batch(`SELECT ${nested(30, (inner) => `REPLACE(${inner}, 'c', 'cd')`)}`)).rows, [
    [`abc${'d'.repeat(30)}`],
  ]);
  const long = "REPLICATE(REPLICATE(CAST('a' AS varchar(max)), 8000), 1000)";
  assert.deepEqual((await client.batch(`SELECT LEN(REPLACE(${long}, 'a', REPLICATE('b', 8000)))`)).errors, [701]);
  assert.deepEqual((await client.batch('SELECT LEN(STR(1, 2000000000, 0))')).rows, [[8000]]);
});
