// Made once per Postern: the user namespace above all network namespaces, and the workers' root, so that starting a
// worker needs no mount but its own /tmp and /proc.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeAll, type Holder, StepFailure, startHolder } from './holder.ts';
import { isRoot, workerIdentity } from './identity.ts';
import { openKeptCache } from './kept-cache.ts';
import { authorityFile, rootPlan, rootPlanLines } from './root-plan.ts';
import type { Seal } from './seal.ts';
import { assembleLauncher } from './seccomp/launcher.ts';
import { findTools, sharedLibraries, type Tools } from './tool.ts';
import { modulesOf, warmCache } from './warm-cache.ts';

export type SealOptions = {
  /** The project's root: workers see of it what `folders` and `files` name, read-only. */
  projectRoot: string;
  /** Folders below the root that workers need. */
  folders?: readonly string[];
  /** PEM file of the certificate authorities that workers shall trust besides the public ones. */
  authority?: string | null;
  /** Folder where compiled code is kept between starts; workers never see it. Default: it is compiled at each start. */
  cache?: string;
  /** Compile what workers run ahead of the first one, beside everything else. Default true. */
  warm?: boolean;
};

/** A seal, and how to end it: after `close` no new worker starts. Running ones are not touched. */
export type PreparedSeal = {
  seal: Seal;
  /** Resolves when workers start at full speed. Never rejects: a cold cache costs time only. */
  warmed: Promise<void>;
  close(): void;
};

/** What workers see of `src/`: the rooms they run, no more. */
export const workerFolders = [
  'node_modules',
  'src/activities',
  'src/base',
  'src/connectors',
  'src/data-flow',
  'src/expressions',
  'src/network/namespace',
  'src/worker',
] as const;

const script = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** Makes the namespaces that all workers of this process stand on. Throws a StepFailure naming what the machine refused. */
export const prepareSeal = async (options: SealOptions): Promise<PreparedSeal> => {
  const { tools: found, missing } = await findTools();
  if (missing.length > 0) throw new StepFailure('tools', `not installed: ${missing.join(', ')}`);
  const tools = found as Tools;
  const workshop = await mkdtemp(join(tmpdir(), `postern-seal-${process.pid}-`));
  const folders = (options.folders ?? workerFolders).filter((folder) => existsSync(join(options.projectRoot, folder)));
  const holders: Holder[] = [];
  const descriptors: number[] = [];
  const keep = (holder: Holder, kind: string): string => {
    const descriptor = holder.open(kind);
    descriptors.push(descriptor);
    return `/proc/${process.pid}/fd/${descriptor}`;
  };
  const hold = async (step: string, command: readonly string[], input?: string): Promise<Holder> => {
    const holder = await startHolder(step, command, input);
    holders.push(holder);
    return holder;
  };

  try {
    const root = join(workshop, 'root');
    const launcher = join(workshop, 'launcher');
    await mkdir(root);
    await writeFile(launcher, assembleLauncher(process.arch), { mode: 0o755 });
    const plan = rootPlanLines(rootPlan(await rootParts(options, folders, tools, launcher)));
    const modules = modulesOf(options.projectRoot, folders);
    const kept = options.cache === undefined ? null : openKeptCache(options.cache, options.projectRoot, modules);
    const assemble = [tools.sh, '-c', script('assemble-root.sh'), 'assemble-root', root, kept?.folder ?? ''];
    const finish = ['sh', '-c', script('finish-root.sh')];

    const asRoot = isRoot();
    const makerRoot = asRoot
      ? await hold('mount', [tools.unshare, '--mount', ...assemble], plan)
      : await hold('mount', [tools.unshare, '--user', '--map-root-user', '--mount', ...assemble], plan);
    const makerMountNamespace = keep(makerRoot, 'mnt');
    const owner = asRoot ? await hold('user', unprivileged(tools)) : makerRoot;
    if (asRoot) mapIdentity(owner.pid);
    const userNamespace = keep(owner, 'user');

    const enter = asRoot ? [] : [`--user=${userNamespace}`, '--preserve-credentials'];
    const inside = ['unshare', '--mount', '--pid', '--fork', ...finish];
    const workerRoot = await hold('proc', [tools.nsenter, ...enter, `--mount=${makerMountNamespace}`, '--', ...inside]);
    const mountNamespace = keep(workerRoot, 'mnt');

    const identity = asRoot ? workerIdentity : null;
    const authority = options.authority ? authorityFile : null;
    const seal = { userNamespace, mountNamespace, makerMountNamespace, identity, authority };
    const isWarm = options.warm === false || (kept !== null && kept.folder !== null);
    const warming = isWarm ? null : warmCache(seal, tools, modules, kept);
    return {
      seal,
      warmed: warming?.done ?? Promise.resolve(),
      close: () => {
        warming?.stop();
        closeAll(descriptors.splice(0));
      },
    };
  } catch (error) {
    closeAll(descriptors.splice(0));
    throw error;
  } finally {
    await Promise.all(holders.map((holder) => holder.release()));
    await rm(workshop, { recursive: true, force: true });
  }
};

const unprivileged = (tools: Tools): string[] => [
  tools.setpriv,
  `--reuid=${workerIdentity.uid}`,
  `--regid=${workerIdentity.gid}`,
  '--clear-groups',
  tools.unshare,
  '--user',
  tools.sh,
  '-c',
  'echo ready; read -r _',
];

/** Written by real root, so that the namespace holds that one identity and dropping groups stays possible. */
const mapIdentity = (pid: number): void => {
  writeFileSync(`/proc/${pid}/gid_map`, `0 ${workerIdentity.gid} 1\n`);
  writeFileSync(`/proc/${pid}/uid_map`, `0 ${workerIdentity.uid} 1\n`);
};

const rootParts = async (options: SealOptions, folders: readonly string[], tools: Tools, launcher: string) => {
  const { sh, mount, umount, unshare, setpriv, prlimit, ip } = tools;
  const programs = { sh, mount, umount, unshare, setpriv, prlimit, ip, node: process.execPath };
  const libraries = await sharedLibraries(tools.ldd, Object.values(programs));
  if (existsSync('/etc/ld.so.cache')) libraries.push('/etc/ld.so.cache');
  return {
    programs: { ...programs, launcher },
    libraries,
    projectRoot: options.projectRoot,
    projectFiles: ['package.json'],
    projectFolders: folders,
    authority: options.authority ?? null,
  };
};
