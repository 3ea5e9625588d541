import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assembleLauncher, launcherRefused } from './launcher.ts';

let folder: string;
let launcher: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-launcher-'));
  launcher = join(folder, 'launcher');
  writeFileSync(launcher, assembleLauncher(process.arch), { mode: 0o755 });
});
after(() => rmSync(folder, { recursive: true }));

const launch = (...command: string[]) =>
  spawnSync('setpriv', ['--no-new-privs', launcher, ...command], { encoding: 'utf8', env: { GREETING: 'hello' } });

test('the program runs filtered, with its arguments and environment', () => {
  const program =
    'console.log(process.env.GREETING, process.argv[1], fs.readFileSync("/proc/self/status", "utf8").match(/Seccomp:.*/)[0])';
  const { stdout, status } = launch(process.execPath, '-e', program, 'argument');
  assert.equal(stdout, 'hello argument Seccomp:\t2\n');
  assert.equal(status, 0);
});

test('libuv holds no io_uring under it, as it does without', () => {
  const program =
    'console.log(fs.readdirSync("/proc/self/fd").some((fd) => { try { return fs.readlinkSync("/proc/self/fd/" + fd).includes("io_uring") } catch { return false } }))';
  assert.equal(launch(process.execPath, '-e', program).stdout, 'false\n');
  assert.equal(spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stdout, 'true\n');
});

test('where the filter cannot be put on, no program runs', () => {
  const asUser = process.getuid!() === 0 ? ['--bounding-set=-all', '--inh-caps=-all', '--securebits=+noroot'] : [];
  const { stdout, stderr, status } = spawnSync('setpriv', [...asUser, launcher, '/bin/echo', 'ran'], {
    encoding: 'utf8',
  });
  assert.equal(stdout, '');
  assert.match(stderr, /^postern: the session keyring, the seccomp filter or the program was refused/);
  assert.equal(status, launcherRefused);
});

test('a program that is not there is told', () => {
  assert.equal(launch('/nothing').status, launcherRefused);
});

test('both machines have a launcher whose code lies within its segment', () => {
  for (const [architecture, machine] of [
    ['x64', 62],
    ['arm64', 183],
  ] as const) {
    const file = assembleLauncher(architecture);
    assert.equal(file.toString('latin1', 1, 4), 'ELF');
    assert.equal(file.readUInt16LE(18), machine);
    assert.equal(file.readBigUInt64LE(64 + 32), BigInt(file.length));
  }
});
