// The least hostile program, of one file: it dials, reads and lists what it is told, line by line.
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const codeOf = (thrown: unknown): string => (thrown as NodeJS.ErrnoException).code ?? String(thrown);
const attempt = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (thrown) {
    return codeOf(thrown);
  }
};
const actions: Record<string, (...given: never[]) => unknown> = {
  read: (path: string) => attempt(() => readFileSync(path, 'latin1')),
  list: (path: string) => attempt(() => readdirSync(path)),
  dial: (target: { host: string; port: number }) =>
    new Promise<string>((resolve) => {
      const socket = connect(target);
      socket.once('data', (bytes) => {
        socket.destroy();
        resolve(`answered ${bytes}`);
      });
      socket.once('end', () => resolve('ended'));
      socket.on('error', (error) => resolve(codeOf(error)));
    }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...operands] = JSON.parse(line) as [string, ...never[]];
  process.stdout.write(`${JSON.stringify(await actions[name]!(...operands))}\n`);
}
