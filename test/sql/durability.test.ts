// What the SQL server has acknowledged is there after it was killed, in the program that Postern runs.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { SqlServerOrder } from '../../src/sandbox/sql-server/message.ts';
import { hashPassword } from '../../src/sandbox/sql-server/password.ts';
import { publicKey, tenantId } from '../identity/token.ts';
import { connectTo, login, password } from './client.ts';

const program = path.resolve(import.meta.dirname, '../../src/sandbox/sql-server/main.ts');

let folder: string;
let ca: string;
let order: SqlServerOrder;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-sql-kill-'));
  await mkdir(path.join(folder, 'data'));
  const authority = await openCertificateAuthority(path.join(folder, 'authority'));
  ca = readFileSync(authority.caFile, 'utf8');
  order = {
    name: 'acme',
    host: 'acme.database.windows.net',
    folder: path.join(folder, 'data'),
    certificate: await authority.issue(['acme.database.windows.net']),
    ports: { tds: 0 },
    login,
    passwordHash: hashPassword(password),
    takesTokensOnly: false,
    trust: { key: publicKey, tenantId },
    databases: ['sales'],
    warehouses: [],
  };
});
after(() => rm(folder, { recursive: true, force: true }));

/** Starts the program and gives its port. */
const start = async (): Promise<{ child: ChildProcess; port: number }> => {
  const child = fork(program, [], { env: {}, cwd: folder, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  child.send({ id: 1, kind: 'start', order });
  const [reply] = (await once(child, 'message')) as [{ kind: string; ports?: { tds: number } }];
  assert.equal(reply.kind, 'done');
  return { child, port: reply.ports!.tds };
};
const kill = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL');
  await once(child, 'exit');
};

test('acknowledged rows, transactions and definitions survive kill -9, and what was not committed does not', async () => {
  let { child, port } = await start();
  let acknowledged = 0;
  for (let round = 0; round < 4; round++) {
    const client = await connectTo(port, ca);
    if (round === 0) {
      await client.batch('CREATE TABLE dbo.kept (id int IDENTITY(1,1) PRIMARY KEY, n int, t varchar(20))');
      await client.batch('CREATE PROCEDURE dbo.put_one @n int AS INSERT INTO dbo.kept (n) VALUES (@n)');
    }
    const writing = (async () => {
      for (;;) {
        const answer = await client.batch(`EXEC dbo.put_one ${acknowledged + 1}`);
        if (answer.message !== '') return;
        acknowledged++;
      }
    })();
    const other = await connectTo(port, ca);
    await other.batch("BEGIN TRAN; INSERT INTO dbo.kept (n, t) VALUES (-1, 'never')");
    while (acknowledged < (round + 1) * 15) await new Promise((resolve) => setImmediate(resolve));
    await kill(child);
    await writing;
    ({ child, port } = await start());
    const reader = await connectTo(port, ca);
    const { rows } = await reader.batch(
      "SELECT COUNT(*), MAX(n), COUNT(t), COUNT(DISTINCT id), OBJECT_ID('dbo.put_one', 'P') FROM dbo.kept",
    );
    const [count, most, never, ids, procedure] = rows[0] as number[];
    // One more than was acknowledged may have been on its way.
    assert.ok(most === acknowledged || most === acknowledged + 1, `${most} of ${acknowledged}`);
    assert.deepEqual([count, never, ids], [most, 0, most]);
    assert.notEqual(procedure, null);
    acknowledged = most!;
    await reader.close();
  }
  await kill(child);
});
