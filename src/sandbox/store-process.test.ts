import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '../base/log.ts';
import type { StoreOrder } from './store-message.ts';
import { keepStoreProcess } from './store-process.ts';

/** A store program whose port is the number of its process. */
const program = `
import { runStoreProgram } from ${JSON.stringify(new URL('./store-program.ts', import.meta.url).href)};
runStoreProgram({ start: async () => ({ ports: { pid: process.pid }, close: async () => {} }), renew: () => {} });`;

test('a store that dies while it is asked is asked again, also where its death is not known yet', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-store-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'store.mjs');
  await writeFile(file, program);
  const log = createLog({ level: 'silent' });
  const kept = keepStoreProcess<StoreOrder>({ program: file, folder, log });
  context.after(() => kept.close());
  const { pid } = await kept.start({ name: 'one', ports: {} });
  process.kill(pid!, 'SIGKILL');
  // Until its last thread has ended, and with it our channel. No turn of the event loop: nobody here can have heard of it.
  while (
    !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ') ||
    readdirSync(`/proc/${pid}/task`).length > 1
  ) {}
  const { pid: next } = await kept.start({ name: 'two', ports: {} });
  assert.notEqual(next, pid);
});
