// Tells what is in the folder of compiled code, one file a line, in a jail like any other; then says that this was all.
import { readdirSync, readFileSync } from 'node:fs';
import { cacheFolder } from './root-plan.ts';

for (const entry of readdirSync(cacheFolder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = `${entry.parentPath}/${entry.name}`;
  const told = { name: file.slice(cacheFolder.length + 1), content: readFileSync(file, 'base64') };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
process.stdout.write('"end"\n');
