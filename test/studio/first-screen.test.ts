// What a browser loads before the first page stands: little, packed, and nothing of the canvas.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { buildStudio } from './browser.ts';
import { openStudio, type StudioStage } from './stage.ts';

let stage: StudioStage;
before(async () => {
  stage = await openStudio();
});
after(() => stage.discard());

test('the first screen is under 200 kB packed, and holds neither the canvas nor anything from outside', async () => {
  const folder = await buildStudio();
  const page = await readFile(path.join(folder, 'index.html'), 'utf8');
  const files = [...new Set([...page.matchAll(/assets\/[^"]+/g)].map(([file]) => file))];
  assert.ok(files.length > 0);
  const contents = await Promise.all(files.map((file) => readFile(path.join(folder, file))));
  const size = contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
  assert.ok(size < 200_000, `${size} bytes by gzip`);
  assert.ok(!contents.some((content) => content.includes('react-flow__')), 'the canvas comes when it is needed');
  assert.ok(![...page.matchAll(/(?:src|href)="([^"]+)"/g)].some(([, address]) => /^(https?:)?\/\//.test(address!)));
});

test('a file that was packed goes out packed to whoever takes it, and plain to others', async () => {
  const file = path.join(stage.folder, 'dist/assets/app-1a2b3c.js');
  await writeFile(`${file}.br`, brotliCompressSync('export {};'));
  const plain = await stage.browse('GET', '/studio/assets/app-1a2b3c.js');
  assert.deepEqual([plain.headers['content-encoding'], plain.text], [undefined, 'export {};']);
  const packed = await stage.browse('HEAD', '/studio/assets/app-1a2b3c.js', { 'accept-encoding': 'gzip, br' });
  assert.equal(packed.headers['content-encoding'], 'br');
  assert.equal(packed.headers['content-type'], plain.headers['content-type']);
  assert.equal(packed.headers.vary, 'accept-encoding');
  assert.equal(brotliDecompressSync(await readFile(`${file}.br`)).toString(), 'export {};');
});
