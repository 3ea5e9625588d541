// A child commits and says so; it is killed without warning; what it said is there.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { lockDataFolder } from './data-folder.ts';
import { openDatabase } from './database.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'postern-durability-'));
const file = path.join(folder, 'postern.db');
after(() => rmSync(folder, { recursive: true, force: true }));

const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);

const writer = `
  import { lockDataFolder } from ${here('./data-folder.ts')};
  import { openDatabase } from ${here('./database.ts')};
  const [, folder, file, round] = process.argv;
  lockDataFolder(folder);
  const db = await openDatabase(file, { machines: [] });
  for (let number = 0; ; number += 1) {
    const address = round + '.' + number;
    await db.transaction().execute(async (tx) => {
      await tx.insertInto('address').values({ network_key: 'n', address, endpoint_key: address }).execute();
      await tx.insertInto('address').values({ network_key: 'twin', address, endpoint_key: 'twin' + address }).execute();
    });
    process.stdout.write(address + '\\n');
  }`;

/** Runs a writer until it has acknowledged `count` commits, and kills it in the midst of the next. */
const round = async (name: string, count: number) => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', writer, folder, file, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  assert.equal(await exited, 'SIGKILL');
  return acknowledged;
};

test('20 times killed, nothing acknowledged is lost and nothing is half-written', async () => {
  const acknowledged: string[] = [];
  for (let number = 0; number < 20; number += 1) acknowledged.push(...(await round(`${number}`, 1 + (number % 7))));
  lockDataFolder(folder).release();
  const db = await openDatabase(file, { machines: [] });
  const rows = await db.selectFrom('address').select(['network_key', 'address']).execute();
  const of = (network: string) => new Set(rows.filter((row) => row.network_key === network).map((row) => row.address));
  const kept = of('n');
  assert.deepEqual(
    acknowledged.filter((address) => !kept.has(address)),
    [],
  );
  assert.deepEqual(of('twin'), kept);
  await db.destroy();
});

test('a folder in use is refused with the name of the process, and free again once that is killed', async (t) => {
  const child = spawn(
    process.execPath,
    [
      '--expose-gc',
      '--input-type=module',
      '--eval',
      `import { setImmediate } from 'node:timers/promises';
       import { lockDataFolder } from ${here('./data-folder.ts')};
       lockDataFolder(process.argv[1]);
       // Nothing refers to what it returned: it holds all the same.
       for (let turn = 0; turn < 5; turn += 1) { gc(); await setImmediate(); }
       console.log('held'); setInterval(() => {}, 1000);`,
      folder,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  assert.throws(() => lockDataFolder(folder), { code: 'DataFolderInUse', pid: child.pid, folder });
  child.kill('SIGKILL');
  await exited;
  const lock = lockDataFolder(folder);
  assert.throws(() => lockDataFolder(folder), { code: 'DataFolderInUse', pid: process.pid });
  // A try of our own must not have let go of what we hold: POSIX locks end when any handle on the file is closed.
  const second = spawnSync(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { lockDataFolder } from ${here('./data-folder.ts')};
     try { lockDataFolder(process.argv[1]); } catch (error) { console.log(error.code, error.pid); }`,
    folder,
  ]);
  assert.equal(second.stdout.toString(), `DataFolderInUse ${process.pid}\n`);
  lock.release();
  lockDataFolder(folder).release();
});
