import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/json.ts';
import { readSelection } from './selection.ts';

const select = (location: JsonObject, settings: JsonObject) =>
  readSelection({ values: location, where: 'location' }, { values: settings, where: 'storeSettings' });

const paths = ['top.csv', 'in/a.csv', 'in/b.txt', 'in/2025/c.csv', 'in/2026/d.csv', 'in/2026/05/e.csv', 'inner/f.csv'];
const cases: [string, JsonObject, JsonObject, Record<string, string>][] = [
  [
    'a folder',
    { folderPath: 'in' },
    {},
    {
      'in/a.csv': 'a.csv',
      'in/b.txt': 'b.txt',
      'in/2025/c.csv': '2025/c.csv',
      'in/2026/d.csv': '2026/d.csv',
      'in/2026/05/e.csv': '2026/05/e.csv',
    },
  ],
  ['a folder alone', { folderPath: '/in/' }, { recursive: false }, { 'in/a.csv': 'a.csv', 'in/b.txt': 'b.txt' }],
  ['names', { folderPath: 'in' }, { wildcardFileName: '*.csv', recursive: false }, { 'in/a.csv': 'a.csv' }],
  [
    'names, all the way down',
    { folderPath: 'in' },
    { wildcardFileName: '*.csv' },
    {
      'in/a.csv': 'a.csv',
      'in/2025/c.csv': '2025/c.csv',
      'in/2026/d.csv': '2026/d.csv',
      'in/2026/05/e.csv': '2026/05/e.csv',
    },
  ],
  [
    'folders',
    {},
    { wildcardFolderPath: 'in/20*', wildcardFileName: '*', recursive: false },
    { 'in/2025/c.csv': '2025/c.csv', 'in/2026/d.csv': '2026/d.csv' },
  ],
  [
    'a prefix',
    {},
    { prefix: 'in/202' },
    { 'in/2025/c.csv': '2025/c.csv', 'in/2026/d.csv': '2026/d.csv', 'in/2026/05/e.csv': '2026/05/e.csv' },
  ],
  ['the root', {}, { recursive: false }, { 'top.csv': 'top.csv' }],
];

/** What a store would list. */
const listed = (prefix: string, recursive: boolean) =>
  paths.filter((path) => path.startsWith(prefix) && (recursive || !path.slice(prefix.length).includes('/')));

for (const [what, location, settings, expected] of cases)
  test(`${what}: which files, and where below the sink's folder`, () => {
    const selection = select(location, settings);
    const found = listed(selection.prefix, selection.recursive).filter(selection.matches);
    assert.deepEqual(Object.fromEntries(found.map((path) => [path, selection.relative(path)])), expected);
  });

test('a span of time takes its start and leaves its end', () => {
  const { isInTime } = select(
    {},
    { modifiedDatetimeStart: '2026-01-01T00:00:00', modifiedDatetimeEnd: '2026-02-01T00:00:00Z' },
  );
  const at = (time: string) => isInTime({ path: 'x', size: 0, version: '', modifiedAt: new Date(time) });
  assert.deepEqual(
    ['2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z', '2026-01-31T23:59:59Z', '2026-02-01T00:00:00Z'].map(at),
    [false, true, true, false],
  );
});

test('settings that would change which files are meant, and are not supported, are refused', () => {
  assert.throws(() => select({}, { fileListPath: 'list.txt' }), { errorCode: 'UserErrorInvalidProperty' });
  assert.throws(() => select({}, { prefix: 'a', wildcardFileName: '*' }), { errorCode: 'UserErrorInvalidProperty' });
  assert.throws(() => select({}, { modifiedDatetimeStart: 'yesterday' }), { errorCode: 'UserErrorInvalidProperty' });
});
