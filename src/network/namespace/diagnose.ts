// From what a machine says of itself and the step that failed, to what its owner must change. Pure.

/** What a machine says of itself. `null`: it has no such setting. */
export type MachineFacts = {
  platform: string;
  architecture: string;
  kernel: string;
  missingTools: readonly string[];
  /** kernel.unprivileged_userns_clone */
  userNamespaceSwitch: number | null;
  /** user.max_user_namespaces */
  maxUserNamespaces: number | null;
  /** kernel.apparmor_restrict_unprivileged_userns */
  appArmorRestriction: number | null;
  /** A container by its marks, or none. */
  container: 'docker' | 'podman' | 'kubernetes' | null;
  /** This process already has a seccomp filter. */
  filtered: boolean;
  /** Something is mounted over parts of /proc. */
  processesMasked: boolean;
  root: boolean;
};

/** The step that failed and what the tool said. */
export type FailedStep = { step: string; said: string };

const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  ldd: 'libc-bin',
  mkdir: 'coreutils',
  ln: 'coreutils',
  sh: 'dash',
};

const containerRemedies = {
  docker:
    "Start the container with a seccomp profile that adds unshare, setns, clone, clone3, mount, umount2 and pivot_root to Docker's default, with --security-opt apparmor=unconfined (or a profile that allows mounts) and with --security-opt systempaths=unconfined. It needs neither --privileged nor NET_ADMIN.",
  podman: 'Start the container with --security-opt unmask=ALL.',
  kubernetes:
    'Give the pod hostUsers: false, procMount: Unmasked, and a Localhost seccomp profile (and AppArmor profile, where nodes have it) that allows unshare, setns, clone, mount, umount2 and pivot_root.',
} as const;

/** What to change so that the failed step works, as one instruction; null when the facts do not tell. */
export const diagnose = (facts: MachineFacts, failed: FailedStep): string | null => {
  if (facts.platform !== 'linux')
    return 'A sealed network needs Linux: run Postern on a Linux machine, in a Linux virtual machine, or in WSL2.';
  if (facts.architecture !== 'x64' && facts.architecture !== 'arm64')
    return `Postern seals workers on x64 and arm64; this Node is built for ${facts.architecture}.`;
  if (/microsoft/i.test(facts.kernel) && !/wsl2|standard/i.test(facts.kernel))
    return 'WSL1 has no namespaces: convert the distribution with `wsl --set-version <name> 2`.';
  if (facts.missingTools.length > 0) return installTools(facts.missingTools);
  return facts.root ? blockedRemedy(facts, failed) : (switchRemedy(facts, failed) ?? blockedRemedy(facts, failed));
};

const installTools = (missing: readonly string[]): string => {
  const names = [...new Set(missing.map((tool) => packages[tool] ?? 'util-linux'))].sort();
  return `Install ${missing.join(', ')}: sudo apt-get install ${names.join(' ')} (or the same packages by your distribution's means).`;
};

/** Switches that close user namespaces to ordinary users. */
const switchRemedy = (facts: MachineFacts, failed: FailedStep): string | null => {
  if (facts.userNamespaceSwitch === 0)
    return 'User namespaces are off for ordinary users: sudo sysctl -w kernel.unprivileged_userns_clone=1 (and put it in /etc/sysctl.d/ to keep it), or start Postern as root, which gives workers another identity.';
  if (facts.appArmorRestriction === 1 && !facts.container)
    return 'AppArmor restricts user namespaces of ordinary users (Ubuntu 23.10 and later). Write /etc/apparmor.d/postern with `abi <abi/4.0>, include <tunables/global> profile postern-unshare /usr/bin/unshare flags=(unconfined) { userns, }`, then sudo apparmor_parser -r /etc/apparmor.d/postern; or, for the whole machine, sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0; or start Postern as root.';
  return maxRemedy(facts, failed);
};

const maxRemedy = (facts: MachineFacts, failed: FailedStep): string | null =>
  facts.maxUserNamespaces === 0 || /No space left/.test(failed.said)
    ? 'The machine allows no (more) user namespaces: sudo sysctl -w user.max_user_namespaces=15000, and put it in /etc/sysctl.d/ to keep it.'
    : null;

/** What stands in the way of root as well. */
const blockedRemedy = (facts: MachineFacts, failed: FailedStep): string | null => {
  const limit = maxRemedy(facts, failed);
  if (limit) return limit;
  if (facts.container) return containerRemedies[facts.container];
  if (failed.step === 'proc' && facts.processesMasked)
    return 'Something is mounted over parts of /proc, so a worker cannot have a /proc of its own: unmask /proc (in a container: --security-opt systempaths=unconfined), or unmount what lies over it.';
  if (facts.filtered)
    return 'A seccomp filter is on this process: start Postern outside that sandbox, or (systemd) without RestrictNamespaces=, SystemCallFilter= and RestrictAddressFamilies= without AF_NETLINK.';
  if (/[Pp]ermission denied/.test(failed.said) && failed.step === 'jail')
    return 'A worker could not read the program: make the files of Postern, node_modules and Node readable for all (chmod -R o+rX).';
  return null;
};
