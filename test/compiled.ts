// What workers run is compiled once for all tests, in a jail as ever, and not again in each of their data folders.
import { mkdir, readdir, symlink } from 'node:fs/promises';
import path from 'node:path';

/** Where `npm test` has it made, by test/compile.ts. */
export const compiledForTests = path.resolve(import.meta.dirname, '../node_modules/.cache/postern-test');

/** The folder of compiled code below a data folder, as Postern has it there from its second start on. What is made anew stays in it. */
export const compiledIn = async (dataDir: string): Promise<string> => {
  const place = path.join(dataDir, 'compiled');
  await mkdir(place, { recursive: true, mode: 0o700 });
  const made = await readdir(compiledForTests).catch(() => []);
  await Promise.all(made.map((name) => symlink(path.join(compiledForTests, name), path.join(place, name))));
  return place;
};
