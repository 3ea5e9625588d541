// What npm runs after an install: builds the Studio where its build tools are; an install without them is the server alone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const vite = path.join(root, 'node_modules/vite/bin/vite.js');
if (existsSync(vite)) {
  const { status } = spawnSync(process.execPath, [vite, 'build', 'studio'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else process.stdout.write('The build tools of the Studio are not installed, so it is not built.\n');
