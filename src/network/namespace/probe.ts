// What `doctor` runs in a jail: one allowed dial, and a few things that must be refused. Prints one line of JSON.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { trySystemCall } from './native.ts';

const dial = (port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: '198.18.0.1', port });
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString());
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

const readable = (path: string): string => {
  try {
    readFileSync(path);
    return 'read';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
};

const [listening, closed, file] = process.argv.slice(2);
const newUserNamespace = 0x10000000;
const findings = {
  dialled: await dial(Number(listening)),
  refused: await dial(Number(closed)),
  namespace: trySystemCall(process.arch === 'x64' ? 272 : 97, newUserNamespace),
  file: readable(file!),
};
process.stdout.write(`${JSON.stringify(findings)}\n`);
