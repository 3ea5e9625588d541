import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, type FailedStep, type MachineFacts } from './diagnose.ts';

const sound: MachineFacts = {
  platform: 'linux',
  architecture: 'x64',
  kernel: '6.8.0-generic',
  missingTools: [],
  userNamespaceSwitch: null,
  maxUserNamespaces: 15000,
  appArmorRestriction: null,
  container: null,
  filtered: false,
  processesMasked: false,
  root: false,
};
const refused: FailedStep = { step: 'mount', said: 'unshare: unshare failed: Operation not permitted' };

const cases: [what: string, facts: Partial<MachineFacts>, failed: FailedStep, remedy: RegExp | null][] = [
  ['not Linux', { platform: 'darwin' }, refused, /needs Linux/],
  ['another processor', { architecture: 'riscv64' }, refused, /x64 and arm64; this Node is built for riscv64/],
  ['WSL1', { kernel: '4.4.0-19041-Microsoft' }, refused, /wsl --set-version/],
  ['no ip', { missingTools: ['ip'] }, refused, /Install ip: sudo apt-get install iproute2 /],
  ['no util-linux', { missingTools: ['nsenter', 'unshare'] }, refused, /apt-get install util-linux /],
  ['switched off', { userNamespaceSwitch: 0 }, refused, /sysctl -w kernel\.unprivileged_userns_clone=1/],
  ['none allowed', { maxUserNamespaces: 0 }, refused, /sysctl -w user\.max_user_namespaces=15000/],
  ['none allowed, as root', { maxUserNamespaces: 0, root: true }, refused, /sysctl -w user\.max_user_namespaces/],
  ['used up', {}, { step: 'user', said: 'unshare failed: No space left on device' }, /user\.max_user_namespaces/],
  ['AppArmor', { appArmorRestriction: 1 }, refused, /apparmor_parser -r .*apparmor_restrict_unprivileged_userns=0/],
  ['Docker', { container: 'docker' }, refused, /--security-opt systempaths=unconfined/],
  ['Docker on Ubuntu', { container: 'docker', appArmorRestriction: 1 }, refused, /--security-opt/],
  ['Docker, as root', { container: 'docker', root: true }, refused, /seccomp profile/],
  ['Podman', { container: 'podman' }, { step: 'proc', said: 'mount failed' }, /unmask=ALL/],
  ['Kubernetes', { container: 'kubernetes' }, refused, /procMount: Unmasked/],
  ['masked /proc', { processesMasked: true }, { step: 'proc', said: 'mount failed' }, /unmask \/proc/],
  ['a systemd unit', { filtered: true }, refused, /RestrictNamespaces/],
  ['unreadable files', { root: true }, { step: 'jail', said: 'Permission denied' }, /chmod -R o\+rX/],
  ['nothing known', {}, refused, null],
];

for (const [what, facts, failed, remedy] of cases)
  test(`${what}: ${remedy ? 'the exact remedy' : 'no remedy is made up'}`, () => {
    const said = diagnose({ ...sound, ...facts }, failed);
    if (remedy) assert.match(said ?? '', remedy);
    else assert.equal(said, null);
  });

test('root needs no switch for ordinary users', () => {
  const closed = { ...sound, root: true, userNamespaceSwitch: 0, appArmorRestriction: 1 };
  assert.equal(diagnose(closed, refused), null);
});
