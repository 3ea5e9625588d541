// What the network's tests run in a jail: does what each line of its input asks for, and answers with a line of JSON.
import { resolve4 } from 'node:dns/promises';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';

type Call = { kind: 'resolve' | 'https' | 'dial' | 'flood'; host: string; port: number };

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/** An HTTPS request by hand; the certificate is checked. Resolves to the body or an error code. */
const askHttps = ({ host, port }: Call): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    const socket = connectTls({ host, port, servername: host }, () =>
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    socket.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
    });
    // A reset during the TLS hello shows as an end first, then as the error.
    socket.on('error', (error) => resolve(codeOf(error)));
    socket.on('close', () => resolve(said.slice(said.indexOf('\r\n\r\n') + 4)));
  });

/** Resolves to how a plain connection ends, or to its first bytes. */
const dial = ({ host, port }: Call): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('data', (bytes) => resolve(bytes.toString()));
    socket.once('error', (error) => resolve(codeOf(error)));
    socket.once('end', () => resolve('end'));
  });

/** Writes as fast as it can until the connection ends; resolves to how. */
const flood = ({ host, port }: Call): Promise<string> =>
  new Promise((resolve) => {
    const block = Buffer.alloc(256 * 1024, 7);
    const socket = connect({ host, port });
    const write = () => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', write).once('connect', write);
    socket.once('error', (error) => resolve(codeOf(error)));
  });

const answer = (call: Call): Promise<string> => {
  switch (call.kind) {
    case 'resolve':
      return resolve4(call.host).then((addresses) => addresses.join(), codeOf);
    case 'https':
      return askHttps(call);
    case 'dial':
      return dial(call);
    case 'flood':
      return flood(call);
  }
};

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
