// Node spends most of a cold start on stripping types and compiling. A first jail, like all others but with a writable
// cache, does that once; what it leaves is read-only for every worker. The code in it is what workers run, and as
// little trusted as they are: it never runs outside of a jail.
import { globSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { startHolder } from './holder.ts';
import type { CachedFile, KeptCache } from './kept-cache.ts';
import { launchWorker } from './launch.ts';
import { programFolder } from './root-plan.ts';
import type { Jailed, Seal } from './seal.ts';
import type { Tools } from './tool.ts';

/** Fills the cache with these modules (paths below the project's root), in the background, and keeps it where `kept` is given. */
export const warmCache = (
  seal: Seal,
  tools: Tools,
  modules: readonly string[],
  kept: KeptCache | null,
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
      const launch = async (program: string, names: readonly string[]) => {
        jailed = await launchWorker(writable, `/proc/${holder.pid}/ns/net`, {
          module: `${programFolder}/src/network/namespace/${program}`,
          arguments: names.map((name) => `${programFolder}/${name}`),
        });
        // What it forks from now on inherits this: a start must not wait for a cache that only later ones need.
        setPriority(jailed.pid, constants.priority.PRIORITY_LOW);
        if (stopped) jailed.kill();
        return jailed;
      };
      await (await launch('warm.ts', modules)).exited;
      if (stopped || kept === null) return;
      const telling = await launch('tell-cache.ts', []);
      const files = await readFiles(telling);
      await telling.exited;
      if (files) kept.keep(files);
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

/** What the jail tells of its cache; null where it ended before it had told all. */
const readFiles = async ({ stdout }: Jailed): Promise<CachedFile[] | null> => {
  const files: CachedFile[] = [];
  for await (const line of createInterface({ input: stdout })) {
    const told = JSON.parse(line) as 'end' | { name: string; content: string };
    if (told === 'end') return files;
    files.push({ name: String(told.name), bytes: Buffer.from(String(told.content), 'base64') });
  }
  return null;
};

/** The modules of these folders that workers may run. */
export const modulesOf = (projectRoot: string, folders: readonly string[]): string[] =>
  folders
    .filter((folder) => folder.startsWith('src/') && folder !== 'src/network/namespace')
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: projectRoot }))
    .filter((file) => !file.endsWith('.test.ts'))
    .sort();
