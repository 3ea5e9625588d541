import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('docs/dependencies.md gives a reason and a replacement for each run-time dependency, and names no other', () => {
  const rows = read('docs/dependencies.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  assert.deepEqual(
    rows.map(([name]) => name!.replaceAll('`', '')),
    Object.keys(dependencies).sort(),
  );
  for (const [name, ...cells] of rows) {
    assert.equal(cells.length, 2, `${name}: why it, and what would replace it`);
    for (const cell of cells) assert.ok(cell.length > 10, `${name}: a cell says nothing`);
  }
});

test('each run-time dependency is held at one exact version', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  for (const [name, version] of Object.entries(dependencies)) assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
});
