// Programs that copy blobs without Postern, where they are installed.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StorePlace } from './attached-stores.ts';
import type { Owned } from './owned.ts';

const execute = promisify(execFile);

/** What is copied, by its path in both containers. */
export type Copied = { path: string; kind: 'blob' | 'folder' };

/** Where from, where to, and whom the peers are to trust. */
export type CopyPlaces = { from: StorePlace; to: StorePlace; caFile: string };

type Peer = { name: string; copy(copied: Copied): Promise<void> };

// By address and with a signature that nobody checks: neither can be told where a host name leads.
const urlOf = ({ account, port }: StorePlace, path = ''): string =>
  `https://127.0.0.1:${port}/${account}${path}?sv=2021-12-02&sig=none`;

/** In blocks of 8 MiB, eight at once; of a folder 16 files at once. */
const rclone = ({ from, to, caFile }: CopyPlaces): Peer => {
  const env = {
    PATH: process.env.PATH,
    RCLONE_CONFIG: '/dev/null',
    SSL_CERT_FILE: caFile,
    RCLONE_CONFIG_FROM_TYPE: 'azureblob',
    RCLONE_CONFIG_FROM_SAS_URL: urlOf(from),
    RCLONE_CONFIG_TO_TYPE: 'azureblob',
    RCLONE_CONFIG_TO_SAS_URL: urlOf(to),
  };
  const tuning = ['--azureblob-chunk-size', '8M', '--azureblob-upload-concurrency', '8', '--transfers', '16'];
  const always = ['--ignore-times', '--retries', '1'];
  return {
    name: 'rclone',
    copy: async ({ path, kind }) => {
      const places = [`from:${from.container}/${path}`, `to:${to.container}/${path}`];
      await execute('rclone', [kind === 'blob' ? 'copyto' : 'copy', ...places, ...tuning, ...always], { env });
    },
  };
};

/** As it copies between accounts: the sink is told to fetch, and no byte comes through the client. */
const azcopy = ({ from, to, caFile }: CopyPlaces, folder: string): Peer => {
  const env = {
    PATH: process.env.PATH,
    LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH,
    HOME: folder,
    SSL_CERT_FILE: caFile,
    AZCOPY_DISABLE_SYSLOG: 'true',
    AZCOPY_LOG_LOCATION: folder,
    AZCOPY_JOB_PLAN_LOCATION: folder,
  };
  const options = ['--from-to', 'BlobBlob', '--log-level', 'NONE', '--s2s-preserve-access-tier=false'];
  return {
    name: 'azcopy, store to store',
    copy: async ({ path, kind }) => {
      const source = urlOf(from, `/${from.container}/${path}${kind === 'folder' ? '/*' : ''}`);
      const sink = urlOf(to, `/${to.container}/${path}`);
      await execute('azcopy', ['copy', source, sink, ...options, ...(kind === 'folder' ? ['--recursive'] : [])], {
        env,
      });
    },
  };
};

const runs = (program: string, argument: string): Promise<boolean> =>
  execute(program, [argument]).then(
    () => true,
    () => false,
  );

/** The peers that are installed. `copy` resolves to ms, start of the program included. `note` says which are missing. */
export const copyPeers = async (
  owned: Owned,
  places: CopyPlaces,
): Promise<{ peers: { name: string; copy(copied: Copied): Promise<number> }[]; note?: string }> => {
  const peers: Peer[] = [];
  const missing: string[] = [];
  if (await runs('rclone', 'version')) peers.push(rclone(places));
  else missing.push('rclone is not installed (`apt install rclone`)');
  if (await runs('azcopy', '--version')) {
    const folder = await mkdtemp(join(tmpdir(), 'postern-azcopy-'));
    await owned.add(Promise.resolve({ close: () => rm(folder, { recursive: true, force: true }) }));
    peers.push(azcopy(places, folder));
  } else missing.push('azcopy is not installed or does not start (docs/bench.md)');
  return {
    peers: peers.map(({ name, copy }) => ({
      name,
      copy: async (copied) => {
        const started = performance.now();
        await copy(copied);
        return performance.now() - started;
      },
    })),
    ...(missing.length > 0 && { note: `${missing.join('; ')}: not compared` }),
  };
};
