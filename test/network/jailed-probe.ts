// A program for a jail that probes what it is told, one list a line, and says of each probe which address it dialled and
// what came of it: the first words of whoever answered, or how the connection ended.
import { resolve4 } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { createInterface } from 'node:readline';

/** A connection to try: a name or an address, and the server name of the TLS hello that it opens with (null: none). */
export type Probe = { host: string; port: number; serverName: string | null };
/** The address that was dialled (null: the name did not resolve), and what came of it. */
export type Probed = { address: string | null; said: string };

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
const sized = (bytes: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(bytes);
  length.writeUIntBE(body.length, 0, bytes);
  return Buffer.concat([length, body]);
};

/** The least TLS hello that names a host, or none. */
const helloFor = (serverName: string | null): Buffer => {
  const entry = serverName === null ? null : sized(2, Buffer.from([0]), sized(2, Buffer.from(serverName)));
  const extensions = entry === null ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0, 0]), sized(2, entry)]);
  const suites = sized(2, Buffer.from([0x13, 0x01]));
  const parts = [
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    sized(1),
    suites,
    sized(1, Buffer.from([0])),
    sized(2, extensions),
  ];
  return Buffer.concat([Buffer.from([22, 3, 1]), sized(2, Buffer.from([1]), sized(3, ...parts))]);
};

const dial = (host: string, port: number, serverName: string | null): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host, port }, () => socket.write(helloFor(serverName)));
    socket.once('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
    socket.on('error', (error) => resolve(codeOf(error)));
    socket.once('end', () => resolve('end'));
  });

const probe = async ({ host, port, serverName }: Probe): Promise<Probed> => {
  try {
    const address = isIP(host) ? host : (await resolve4(host))[0]!;
    return { address, said: await dial(address, port, serverName) };
  } catch (error) {
    return { address: null, said: codeOf(error) };
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const outcomes: Probed[] = [];
  // One after the other: the order of the gateway's records is then the order of the probes.
  for (const each of JSON.parse(line) as Probe[]) outcomes.push(await probe(each));
  process.stdout.write(`${JSON.stringify(outcomes)}\n`);
}
