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
  /** Puts `bytes` bytes into a blob of `from`. */
  fill(blob: string, bytes: number): Promise<void>;
  /** Copies a blob with the SDK alone; resolves to MB/s. */
  copy(blob: string): Promise<number>;
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
    return {
      from,
      to,
      fill: async (blob: string, bytes: number) => void (await client.ask({ to: from, blob, bytes })),
      copy: async (blob: string) => {
        const answer = await client.ask({ from, to, blob });
        return (answer as { megabytesPerSecond: number }).megabytesPerSecond;
      },
    };
  });
