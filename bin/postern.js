#!/usr/bin/env node
// Starts the `postern` command on the Node that the project brings, whatever Node the machine has (20 or newer).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const main = new URL('../src/cli/main.ts', import.meta.url);
// Half of a start is stripping types and compiling. What Node has compiled stays beside the packages that it runs from: who
// can write there can change the program itself. Where it cannot be written, a start takes longer.
const compiled = fileURLToPath(new URL('../node_modules/.cache/postern', import.meta.url));
if (Number(process.versions.node.split('.')[0]) >= 24) {
  module.enableCompileCache(compiled);
  await import(main.href);
} else {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (!existsSync(node)) {
    process.stderr.write('postern: Node 24 is missing from node_modules. Run `npm ci` in the project folder first.\n');
    process.exit(1);
  }
  // The ipc channel tells the command that its launcher has gone, whatever ended it.
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { NODE_COMPILE_CACHE: compiled, ...process.env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
