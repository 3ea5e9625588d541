// The SQL servers of a sandbox: what happens to one is nothing to the others.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createLog } from '../../src/base/log.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { hashPassword } from '../../src/sandbox/sql-server/password.ts';
import { startSqlServers } from '../../src/sandbox/sql-server/start-sql-servers.ts';
import { publicKey, tenantId } from '../identity/token.ts';
import { connectTo, login, password } from './client.ts';

/** The processes of SQL servers that this one has started, oldest first. */
const serverProcesses = (): number[] =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sql-server/main.ts'))
    .map(Number);

test('a server whose process ends takes no other with it, and comes back at its port', async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-sql-'));
  const authority = await openCertificateAuthority(path.join(folder, 'ca'));
  const servers = startSqlServers({ folder: path.join(folder, 'sql'), authority, log: createLog({ level: 'silent' }) });
  context.after(async () => {
    await servers.close();
    await rm(folder, { recursive: true, force: true });
  });
  const ca = readFileSync(authority.caFile, 'utf8');
  const gate = {
    key: publicKey,
    tenantId,
    authority: () => 'https://localhost:1',
    permissionsOf: async () => null,
  };
  const order = {
    login,
    passwordHash: hashPassword(password),
    takesTokensOnly: false,
    gate,
    databases: ['sales'],
    warehouses: [],
  };
  const portOf = async (name: string) =>
    (await servers.ensure({ ...order, host: `${name}.database.windows.net` })).endpoints.tds!.port;
  const connect = (name: string, port: number) => connectTo(port, ca, { server: `${name}.database.windows.net` });

  const first = await portOf('acmeone');
  const [victim] = serverProcesses();
  const second = await portOf('acmetwo');
  assert.equal(serverProcesses().length, 2);
  const [one, other] = [await connect('acmeone', first), await connect('acmetwo', second)];
  assert.deepEqual((await one.batch('CREATE TABLE dbo.kept (id int); INSERT INTO dbo.kept VALUES (7)')).errors, []);
  const ended = new Promise((resolve) => one.raw.once('end', resolve));
  process.kill(victim!, 'SIGKILL');
  await ended;
  assert.deepEqual((await other.batch('SELECT 1')).rows, [[1]]);
  assert.equal(await portOf('acmeone'), first);
  const again = await connect('acmeone', first);
  assert.deepEqual((await again.batch('SELECT id FROM dbo.kept')).rows, [[7]]);
  await Promise.all([again.close(), other.close()]);
  await servers.remove('acmetwo.database.windows.net');
  assert.equal(serverProcesses().length, 1);
});
