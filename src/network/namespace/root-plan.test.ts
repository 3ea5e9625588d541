import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programFolder, rootPlan, rootPlanLines } from './root-plan.ts';
import { parseLibraries } from './tool.ts';

const parts = {
  programs: { node: '/usr/bin/node' },
  libraries: ['/lib/x86_64-linux-gnu/libc.so.6'],
  projectRoot: '/home/ann/my project',
  projectFiles: ['package.json'],
  projectFolders: ['src/worker'],
  authority: '/home/ann/data/ca.pem',
};

test('every parent is made before what lies in it', () => {
  const made = new Set(['/']);
  for (const entry of rootPlan(parts)) {
    const parent = entry.target.slice(0, entry.target.lastIndexOf('/')) || '/';
    if (entry.kind !== 'directory') assert.ok(made.has(parent), `${entry.target} has no parent yet`);
    made.add(entry.target);
  }
});

test('of the host, only what the parts name and five devices', () => {
  const sources = rootPlan(parts).flatMap((entry) =>
    entry.kind === 'file' || entry.kind === 'folder' ? [entry.source] : [],
  );
  assert.deepEqual(sources.sort(), [
    '/dev/full',
    '/dev/null',
    '/dev/random',
    '/dev/urandom',
    '/dev/zero',
    '/home/ann/data/ca.pem',
    '/home/ann/my project/package.json',
    '/home/ann/my project/src/worker',
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/usr/bin/node',
  ]);
});

test('the plan as lines: one thing a line, texts escaped, then the end', () => {
  const lines = rootPlanLines(rootPlan(parts)).split('\n');
  assert.ok(lines.includes(`folder\t${programFolder}/src/worker\t/home/ann/my project/src/worker`));
  assert.ok(lines.includes('text\t/etc/hosts\t127.0.0.1 localhost\\n::1 localhost\\n'));
  assert.deepEqual(lines.slice(-2), ['end', '']);
});

test('a path that a line cannot hold is refused', () => {
  for (const projectRoot of ['/home/a\nb', '/home/a\tb'])
    assert.throws(() => rootPlanLines(rootPlan({ ...parts, projectRoot })), /tab or a line break/);
});

test('libraries and the loader are read from what ldd says', () => {
  const output = `/usr/bin/node:
\tlinux-vdso.so.1 (0x00007ffd)
\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f51)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f50)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f52)
/usr/bin/ip:
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f50)
`;
  assert.deepEqual(parseLibraries(output), [
    '/lib/x86_64-linux-gnu/libdl.so.2',
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});
