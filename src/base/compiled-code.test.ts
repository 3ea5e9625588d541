import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const module = JSON.stringify(new URL('./compiled-code.ts', import.meta.url).href);
const program = `
import { execFileSync } from 'node:child_process';
import { compiledCode } from ${module};
process.stdout.write(JSON.stringify(compiledCode()) + '\\n');
if (process.argv[1] !== 'below')
  execFileSync(process.execPath, ['--input-type=module', '--eval', process.env.PROGRAM, 'below'], { env: compiledCode(), stdio: 'inherit' });`;
const told = (environment: Record<string, string>) =>
  String(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      env: { PROGRAM: program, ...environment },
    }),
  )
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('a process and those below it use one folder of compiled code, or none', (context) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-compiled-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.deepEqual(told({}), [{}, {}]);
  assert.deepEqual(readdirSync(folder), []);
  const chosen = { NODE_COMPILE_CACHE: folder };
  assert.deepEqual(told(chosen), [chosen, chosen]);
  assert.equal(readdirSync(folder).length, 1);
  assert.deepEqual(told({ ...chosen, NODE_DISABLE_COMPILE_CACHE: '1' }), [{}, {}]);
});
