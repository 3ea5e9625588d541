// Compiled code that outlives a start of Postern, so that the next one need not compile again. It was made in a jail from
// the program alone, before any worker; it goes back into jails only, read-only, and only for the same program and Node.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the cache: its path in it, two names, and what it holds. */
export type CachedFile = { name: string; bytes: Buffer };

/** What is kept for this program and this Node. */
export type KeptCache = {
  /** The folder to fill the workers' cache from; null: nothing is kept yet. */
  folder: string | null;
  /** Keeps these files, all or none, in place of what was kept for others. Throws where a file's name is none of a cache, or there is too much. */
  keep(files: readonly CachedFile[]): void;
};

const nameOfFile = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;
/** The size of the workers' cache, which what is kept must fit. */
const mostBytes = 64 * 1024 * 1024;

/** What changes when Node, a module or a dependency does: Node itself looks at the text of each module too. */
const fingerprint = (projectRoot: string, modules: readonly string[]): string => {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}\n`);
  const lock = join(projectRoot, 'package-lock.json');
  if (existsSync(lock)) hash.update(readFileSync(lock));
  for (const module of modules) {
    const { size, mtimeMs } = statSync(join(projectRoot, module));
    hash.update(`${module} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 32);
};

/** Looks for what is kept in `place` for these modules (paths below the project's root). */
export const openKeptCache = (place: string, projectRoot: string, modules: readonly string[]): KeptCache => {
  const folder = join(place, fingerprint(projectRoot, modules));
  return {
    folder: existsSync(folder) ? folder : null,
    keep: (files) => {
      const wrong = files.find(({ name }) => !nameOfFile.test(name));
      if (wrong) throw new Error(`${JSON.stringify(wrong.name)} is no file of a cache`);
      if (files.reduce((sum, { bytes }) => sum + bytes.length, 0) > mostBytes)
        throw new Error('it is too large to keep');
      mkdirSync(place, { recursive: true, mode: 0o700 });
      for (const old of readdirSync(place)) rmSync(join(place, old), { recursive: true, force: true });
      const draft = `${folder}.new`;
      for (const { name, bytes } of files) {
        mkdirSync(join(draft, name, '..'), { recursive: true, mode: 0o700 });
        writeFileSync(join(draft, name), bytes, { mode: 0o600 });
      }
      // Whole or not at all: a start that is killed here leaves a draft, which the next one removes.
      renameSync(draft, folder);
    },
  };
};
