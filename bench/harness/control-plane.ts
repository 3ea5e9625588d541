import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Client, connect, readConnection } from '../../src/cli/client.ts';
import { type CertificateAuthority, openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';

/** A Postern of its own, on a free port and a temporary folder, as its administrator. */
export type ControlPlane = {
  client: Client;
  subscription: string;
  authority: CertificateAuthority;
  /** Gateways and workers run below it. */
  pid: number;
  close(): Promise<void>;
};

const program = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

/** Starts `postern up` in a process of its own. Stores on loopback may be attached to it. */
export const startControlPlane = async (): Promise<ControlPlane> => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));
  const args = [program, 'up', '--data', folder, '--port', '0', '--attachable', '127.0.0.0/8'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(late);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const ended = gone.then(() => Promise.reject(new Error('postern up ended before it served.')));
    // It speaks first once it serves, and the connection file is there by then.
    await Promise.race([once(child.stdout, 'data'), ended]);
    ended.catch(() => {});
    child.stdout.resume();
    const client = await connect(await readConnection(folder));
    return {
      client,
      subscription: `/subscriptions/${client.connection.subscriptionId}`,
      pid: child.pid!,
      authority: await openCertificateAuthority(dirname(client.connection.caFile)),
      close: async () => {
        client.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};
