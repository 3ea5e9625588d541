import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { MachineFacts } from './diagnose.ts';
import { isRoot } from './identity.ts';
import { findTools } from './tool.ts';

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

const setting = (name: string): number | null => {
  const text = read(`/proc/sys/${name.replaceAll('.', '/')}`);
  return text === null ? null : Number(text.trim());
};

const container = (): MachineFacts['container'] => {
  if (process.env.KUBERNETES_SERVICE_HOST !== undefined) return 'kubernetes';
  if (existsSync('/run/.containerenv')) return 'podman';
  return existsSync('/.dockerenv') ? 'docker' : null;
};

/** Reads what `diagnose` judges by. */
export const machineFacts = async (): Promise<MachineFacts> => ({
  platform: process.platform,
  architecture: process.arch,
  kernel: release(),
  missingTools: (await findTools()).missing,
  userNamespaceSwitch: setting('kernel.unprivileged_userns_clone'),
  maxUserNamespaces: setting('user.max_user_namespaces'),
  appArmorRestriction: setting('kernel.apparmor_restrict_unprivileged_userns'),
  container: container(),
  filtered: /^Seccomp:\s*2/m.test(read('/proc/self/status') ?? ''),
  processesMasked: /^\S+ \S+ \S+ \S+ \/proc\/(?!sys\/fs\/binfmt_misc)\S+ /m.test(read('/proc/self/mountinfo') ?? ''),
  root: isRoot(),
});
