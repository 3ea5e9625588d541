import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabaseFile } from '../engine/database-file.ts';
import type { SessionFacts } from '../translate/context.ts';
import { Session } from './session.ts';

test('a statement that goes on for 15 s after it was stopped is stuck; one that ends before is not', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-session-'));
  const file = await openDatabaseFile(join(folder, 'one.db'));
  const connection = await file.connect();
  context.after(async () => {
    connection.close();
    file.close();
    await rm(folder, { recursive: true });
  });
  let stuck = 0;
  const session = new Session(file, connection, {} as SessionFacts, () => {
    stuck += 1;
  });
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });

  session.cancel();
  assert.equal(session.isCancelled, true);
  context.mock.timers.tick(14_999);
  session.settle();
  context.mock.timers.tick(60_000);
  assert.equal(stuck, 0);

  session.cancel();
  context.mock.timers.tick(14_999);
  // Told twice, it has no longer.
  session.cancel();
  assert.equal(stuck, 0);
  context.mock.timers.tick(1);
  assert.equal(stuck, 1);
});
