import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openKeptCache } from './kept-cache.ts';

let root: string;
let place: string;
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'postern-kept-'));
  place = path.join(root, 'compiled');
  for (const name of ['one.ts', 'two.ts']) writeFileSync(path.join(root, name), name);
});
after(() => rmSync(root, { recursive: true }));

const open = (modules: readonly string[] = ['one.ts']) => openKeptCache(place, root, modules);
const file = (name: string, text = 'code') => ({ name, bytes: Buffer.from(text) });

test('what was kept is found by the same program, and by no other', () => {
  assert.equal(open().folder, null);
  open().keep([file('v24-x64/0a1b'), file('v24-x64/0a1c', 'more')]);
  const folder = open().folder!;
  assert.deepEqual(readdirSync(path.join(folder, 'v24-x64')).sort(), ['0a1b', '0a1c']);
  assert.equal(readFileSync(path.join(folder, 'v24-x64/0a1c'), 'utf8'), 'more');
  assert.equal(statSync(place).mode & 0o777, 0o700);
  assert.equal(open(['two.ts']).folder, null, 'other modules');
  writeFileSync(path.join(root, 'one.ts'), 'changed text');
  assert.equal(open().folder, null, 'another text');
  open().keep([file('v24-x64/0a1d')]);
  assert.equal(readdirSync(place).length, 1, 'what no program needs any more is gone');
  writeFileSync(path.join(root, 'package-lock.json'), '{}');
  assert.equal(open().folder, null, 'other dependencies');
});

test('names that lead elsewhere are refused before anything is written, and a draft is no cache', () => {
  const before = readdirSync(place);
  for (const name of [
    '../x',
    'a/../../x',
    '/etc/x',
    'a/b/c',
    'a',
    '',
    'a/',
    'a\0/b',
    '../../a/b',
    'a/..',
    './b',
    'a/.b',
  ])
    assert.throws(() => open().keep([file('v24/ok'), file(name)]), /no file of a cache/, JSON.stringify(name));
  assert.throws(() => open().keep([{ name: 'v24/x', bytes: Buffer.alloc(65 * 1024 * 1024) }]), /too large/);
  assert.deepEqual(readdirSync(place), before);
  mkdirSync(path.join(place, 'half.new'));
  assert.equal(open().folder, null);
  open().keep([file('v24/ok')]);
  assert.equal(readdirSync(place).length, 1);
});
