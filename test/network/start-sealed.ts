// The sealed network as most tests start it: without a word in the log, and one namespace ready in each gateway.
import path from 'node:path';
import { createLog } from '../../src/base/log.ts';
import { type NetworkOptions, startNetwork } from '../../src/network/network.ts';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { compiledIn } from '../compiled.ts';

const projectRoot = path.resolve(import.meta.dirname, '../..');
const quiet = { log: createLog({ level: 'silent' }), ready: 1 };

/** Its workers are Postern's own. What they compile goes into `folder`; they trust the authority of that file. */
export const startForWorkers = async (folder: string, caFile: string): Promise<SealedNetwork> =>
  startNetwork({ ...quiet, seal: { projectRoot, authority: caFile, cache: await compiledIn(folder) } });

/** Its workers are programs of this folder. They trust the authority of that file. */
export const startForCallers = (caFile: string, more: Partial<NetworkOptions> = {}): Promise<SealedNetwork> => {
  const folders = ['src/network/namespace', 'test/network', 'node_modules'];
  return startNetwork({ ...quiet, ...more, seal: { projectRoot, folders, authority: caFile, warm: false } });
};
