// Node spends most of a cold start on stripping types and compiling. A first jail, like all others but with a writable
// cache, does that once; what it leaves is read-only for every worker. The code in it is what workers run, and as
// little trusted as they are: it never runs outside of a jail.
import { globSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { startHolder } from './holder.ts';
import { launchWorker } from './launch.ts';
import { programFolder } from './root-plan.ts';
import type { Jailed, Seal } from './seal.ts';
import type { Tools } from './tool.ts';

/** Fills the cache with the modules of the given folders, in the background. */
export const warmCache = (
  seal: Seal,
  tools: Tools,
  projectRoot: string,
  folders: readonly string[],
): { done: Promise<void>; stop(): void } => {
  let stopped = false;
  let jailed: Jailed | undefined;
  const run = async () => {
    const identity = seal.identity ? [] : ['--preserve-credentials'];
    const enter = [tools.nsenter, `--user=${seal.userNamespace}`, ...identity, '--'];
    const holder = await startHolder('warm', [
      ...enter,
      tools.unshare,
      '--net',
      tools.sh,
      '-c',
      'echo ready; read -r _',
    ]);
    try {
      if (stopped) return;
      // The maker's root is the workers' with a cache that can be written.
      const writable = { ...seal, mountNamespace: seal.makerMountNamespace };
      jailed = await launchWorker(writable, `/proc/${holder.pid}/ns/net`, {
        module: `${programFolder}/src/network/namespace/warm.ts`,
        arguments: modulesOf(projectRoot, folders),
      });
      // What it forks from now on inherits this: a start must not wait for a cache that only later ones need.
      setPriority(jailed.pid, constants.priority.PRIORITY_LOW);
      if (stopped) jailed.kill();
      await jailed.exited;
    } finally {
      await holder.release();
    }
  };
  return {
    done: run().catch(() => {}),
    stop: () => {
      stopped = true;
      jailed?.kill();
    },
  };
};

const modulesOf = (projectRoot: string, folders: readonly string[]): string[] =>
  folders
    .filter((folder) => folder.startsWith('src/') && folder !== 'src/network/namespace')
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: projectRoot }))
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => `${programFolder}/${file}`);
