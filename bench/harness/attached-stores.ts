import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';
import { owning } from './owned.ts';
import { startProgram } from './program.ts';

/** A blob at a bare store: what the clients of the measures are told. */
export type StorePlace = { account: string; port: number; container: string };

/** Two bare stores with certificates of the control plane's authority, and the SDK's client to fill and copy them. */
export type AttachedStores = {
  from: StorePlace;
  to: StorePlace;
  /** Puts `bytes` bytes into a blob of `from`; with `files`, into each of so many blobs of that folder. */
  fill(path: string, bytes: number, files?: number): Promise<void>;
  /** Copies a blob, or all blobs of a folder, with the SDK alone; resolves to ms. */
  copy(blob: string): Promise<number>;
  copyFolder(folder: string): Promise<number>;
  clientPid: number;
  close(): Promise<void>;
};

/** A key that bare stores take, as any other. */
export const bareKey = Buffer.alloc(64, 1).toString('base64');

const beside = (file: string): string => join(import.meta.dirname, '..', 'store', file);

/** Starts the stores and the client, each in a process of its own. */
export const startAttachedStores = ({ authority }: ControlPlane): Promise<AttachedStores> =>
  owning(async (owned) => {
    const start = async (account: string): Promise<StorePlace> => {
      const issued = await authority.issue([`${account}.blob.core.windows.net`, 'localhost', '127.0.0.1']);
      const store = await owned.add(startProgram(beside('bare-store.ts'), [], [{ name: account, ...issued }]));
      return { account, port: (store.ready as Record<string, number>)[account]!, container: 'data' };
    };
    const [from, to] = await Promise.all([start('benchfrom'), start('benchto')]);
    const options = ['--ca', authority.caFile, '--key', bareKey];
    const client = await owned.add(startProgram(beside('direct-copy.ts'), options));
    const copy = async (asked: object): Promise<number> =>
      ((await client.ask({ from, to, ...asked })) as { elapsedMs: number }).elapsedMs;
    return {
      from,
      to,
      fill: async (path: string, bytes: number, files?: number) =>
        void (await client.ask({ to: from, bytes, ...(files ? { folder: path, files } : { blob: path }) })),
      copy: (blob: string) => copy({ blob }),
      copyFolder: (folder: string) => copy({ folder }),
      clientPid: client.child.pid!,
    };
  });
