import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { allowedMoves, defineMachine } from '../base/state-machine.ts';
import { connectionMachine } from '../private-link/connection.ts';
import { type Database, openDatabase } from './database.ts';
import { transition } from './transition.ts';

const at = '2026-01-01T00:00:00.000Z';
const cause = { at, by: { objectId: 'o', name: 'n' }, reason: 'because' };
const foreignKey = { errcode: 787 };
const trigger = { errcode: 1811 };

const open = () => openDatabase(':memory:', { machines: [connectionMachine] });

const row = (id: string, state: string, prior = '') => ({
  id,
  name: id,
  target_key: 't',
  group_id: 'blob',
  endpoint_key: id,
  private_endpoint_id: 'p',
  request_message: '',
  prior_state: prior,
  state,
  version: 1,
  description: '',
  actions_required: '',
  created_at: at,
  updated_at: at,
});

/** Brings a connection into a state the legal way. */
const bring = async (db: Database, id: string, state: string) => {
  await db.insertInto('connection').values(row(id, 'Pending')).execute();
  const events = { Pending: [], Approved: ['Approve'], Rejected: ['Reject'], Disconnected: ['Disconnect'] } as const;
  let version = 1;
  for (const event of events[state as keyof typeof events]) {
    await db.transaction().execute((tx) => transition(tx, connectionMachine, 'connection', id, version, event, cause));
    version += 1;
  }
  return version;
};

const states = ['Pending', 'Approved', 'Rejected', 'Disconnected'];
const legal = new Set(allowedMoves(connectionMachine).map(({ from, to }) => `${from}>${to}`));
const forbidden = states
  .flatMap((from) => states.map((to) => [from, to] as const))
  .filter(([f, t]) => !legal.has(`${f}>${t}`));

for (const [from, to] of forbidden)
  test(`the database refuses ${from} -> ${to}`, async () => {
    const db = await open();
    const version = await bring(db, 'a', from);
    const move = db.updateTable('connection').where('id', '=', 'a');
    await assert.rejects(move.set({ prior_state: from, state: to, version: version + 1 }).execute(), foreignKey);
    // A lie about where the row comes from does not help: the trigger knows.
    for (const lie of states.filter((state) => state !== from && from !== to && legal.has(`${state}>${to}`)))
      await assert.rejects(move.set({ prior_state: lie, state: to, version: version + 1 }).execute(), trigger);
    if (to !== from)
      await assert.rejects(move.set({ prior_state: '', state: to, version: version + 1 }).execute(), trigger);
    const { state } = await db.selectFrom('connection').select('state').executeTakeFirstOrThrow();
    assert.equal(state, from);
    await db.destroy();
  });

test('a row starts from nothing, in an initial state', async () => {
  const db = await open();
  for (const state of states.filter((one) => one !== 'Pending'))
    await assert.rejects(db.insertInto('connection').values(row('a', state)).execute(), foreignKey);
  await assert.rejects(
    db
      .insertInto('connection')
      .values(row('a', 'Approved', 'Pending'))
      .execute(),
    trigger,
  );
  await assert.rejects(
    db
      .insertInto('connection')
      .values({ ...row('a', 'Pending'), machine: 'other' })
      .execute(),
    { errcode: 275 },
  );
  await db.destroy();
});

test('a move bumps the version by one, and the audit trail is append-only', async () => {
  const db = await open();
  await bring(db, 'a', 'Approved');
  const set = db.updateTable('connection').where('id', '=', 'a');
  await assert.rejects(set.set({ prior_state: 'Approved', state: 'Rejected' }).execute(), trigger);
  await assert.rejects(set.set({ version: 7 }).execute(), trigger);
  await assert.rejects(db.deleteFrom('event').execute(), trigger);
  await assert.rejects(db.updateTable('event').set({ reason: 'other' }).execute(), trigger);
  const events = await db
    .selectFrom('event')
    .select(['from_state', 'to_state', 'event', 'by_name', 'reason'])
    .execute();
  assert.deepEqual(
    events.map((event) => ({ ...event })),
    [{ from_state: 'Pending', to_state: 'Approved', event: 'Approve', by_name: 'n', reason: 'because' }],
  );
  await db.destroy();
});

test('transition refuses an illegal move, a stale version and a missing row, and writes nothing then', async () => {
  const db = await open();
  const version = await bring(db, 'a', 'Disconnected');
  const move = (id: string, expected: number) =>
    db.transaction().execute((tx) => transition(tx, connectionMachine, 'connection', id, expected, 'Approve', cause));
  await assert.rejects(move('a', version), { code: 'IllegalMove', status: 409 });
  await assert.rejects(move('a', version - 1), { code: 'StaleVersion', status: 409 });
  await assert.rejects(move('b', 1), { code: 'NotFound', status: 404 });
  const events = await db.selectFrom('event').select('event').execute();
  assert.deepEqual(
    events.map(({ event }) => event),
    ['Disconnect'],
  );
  await db.destroy();
});

test('a machine without a table of its name is refused', async () => {
  const machine = defineMachine({ name: 'nothing', initial: ['A'], moves: { go: [['A', 'B']] } });
  await assert.rejects(openDatabase(':memory:', { machines: [machine] }), /no table of that name/);
});

test('a statement outside a transaction waits for it and never joins it', async () => {
  const db = await open();
  const order: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let entered = () => {};
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const failing = db.transaction().execute(async (tx) => {
    await tx.insertInto('address').values({ network_key: 'n', address: '1', endpoint_key: 'e' }).execute();
    entered();
    await held;
    order.push('transaction');
    throw new Error('rolled back');
  });
  await inside;
  const outside = db
    .insertInto('address')
    .values({ network_key: 'n', address: '2', endpoint_key: 'f' })
    .execute()
    .then(() => order.push('outside'));
  release();
  await assert.rejects(failing, /rolled back/);
  await outside;
  assert.deepEqual(order, ['transaction', 'outside']);
  const rows = await db.selectFrom('address').select('address').execute();
  assert.deepEqual(
    rows.map(({ address }) => address),
    ['2'],
  );
  await db.destroy();
});

test('a commit is on the disk before it is acknowledged, and only its owner reads it there', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-database-'));
  const db = await openDatabase(path.join(folder, 'postern.db'), { machines: [connectionMachine] });
  const pragma = async (name: string) => {
    const { rows } = await sql.raw<Record<string, unknown>>(`PRAGMA ${name}`).execute(db);
    return Object.values(rows[0]!)[0];
  };
  const full = 2;
  assert.deepEqual([await pragma('journal_mode'), await pragma('synchronous')], ['wal', full]);
  for (const name of readdirSync(folder)) assert.equal(statSync(path.join(folder, name)).mode & 0o077, 0, name);
  await db.destroy();
  rmSync(folder, { recursive: true });
});
