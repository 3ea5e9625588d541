import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

test('every attempt of the table has its test, and there are at least forty', () => {
  const rows = [...read('README.md').matchAll(/^\| .+ \| .+ \| `([a-z]+\.test\.ts)`: (.+?) *\|$/gm)];
  for (const [, file, title] of rows) assert.ok(read(file!).includes(title!), `${file}: ${title}`);
  assert.ok(rows.length >= 40, `${rows.length}`);
});
