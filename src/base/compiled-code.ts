// The folder where Node keeps compiled code is chosen once, for the process that starts all others.
import { getCompileCacheDir } from 'node:module';
import path from 'node:path';

/** The part of a trusted process's environment by which it uses the compiled code that this process uses; empty where there is none. */
export const compiledCode = (): Record<string, string> => {
  // Node names the folder of its own version in the one that it was given.
  const own = getCompileCacheDir();
  return own === undefined ? {} : { NODE_COMPILE_CACHE: path.dirname(own) };
};
