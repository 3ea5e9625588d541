import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, test } from 'node:test';
import { migrate } from './migration.ts';

let folder = '';
let file: DatabaseSync;
const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
const tables = () =>
  file
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('a', 'b')")
    .all()
    .map(({ name }) => name);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'postern-migration-'));
  file = new DatabaseSync(':memory:');
});
afterEach(() => {
  file.close();
  rmSync(folder, { recursive: true });
});

test('each migration is applied once, in order', () => {
  write('0001-a.sql', 'CREATE TABLE a (x {{bytes}})');
  migrate(file, folder);
  write('0002-b.sql', 'CREATE TABLE b (x TEXT)');
  migrate(file, folder);
  migrate(file, folder);
  assert.deepEqual(tables(), ['a', 'b']);
});

test('a failing migration leaves nothing behind', () => {
  write('0001-a.sql', 'CREATE TABLE a (x TEXT); CREATE TABLE nonsense');
  assert.throws(() => migrate(file, folder));
  assert.deepEqual(tables(), []);
});

test('an edited history and a newer database are refused', () => {
  write('0001-a.sql', 'CREATE TABLE a (x TEXT)');
  write('0002-b.sql', 'CREATE TABLE b (x TEXT)');
  migrate(file, folder);
  write('0001-a.sql', 'CREATE TABLE a (y TEXT)');
  assert.throws(() => migrate(file, folder), /changed after it was applied/);
  write('0001-a.sql', 'CREATE TABLE a (x TEXT)');
  rmSync(path.join(folder, '0002-b.sql'));
  assert.throws(() => migrate(file, folder), /use a newer Postern/);
});
