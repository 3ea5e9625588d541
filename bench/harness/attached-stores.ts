import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';
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

const beside = (file: string): string => join(import.meta.dirname, '..', 'store', file);

/** Starts the stores and the client, each in a process of its own. */
export const startAttachedStores = async ({ authority }: ControlPlane): Promise<AttachedStores> => {
  const start = async (account: string) => {
    const issued = await authority.issue([`${account}.blob.core.windows.net`, 'localhost', '127.0.0.1']);
    const store = await startProgram(beside('bare-store.ts'), [], [{ name: account, ...issued }]);
    const port = (store.ready as Record<string, number>)[account]!;
    return { close: store.close, place: { account, port, container: 'data' } };
  };
  const [from, to] = await Promise.all([start('benchfrom'), start('benchto')]);
  const key = Buffer.alloc(64, 1).toString('base64');
  const client = await startProgram(beside('direct-copy.ts'), ['--ca', authority.caFile, '--key', key]);
  return {
    from: from.place,
    to: to.place,
    fill: async (blob, bytes) => void (await client.ask({ to: from.place, blob, bytes })),
    copy: async (blob) => {
      const answer = await client.ask({ from: from.place, to: to.place, blob });
      return (answer as { megabytesPerSecond: number }).megabytesPerSecond;
    },
    close: async () => void (await Promise.all([client.close(), from.close(), to.close()])),
  };
};
