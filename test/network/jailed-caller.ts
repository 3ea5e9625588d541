// What the network's tests run in a jail: does what each line of its input asks for, and answers with a line of JSON.
import { resolve4 } from 'node:dns/promises';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

type Call = {
  kind: 'resolve' | 'https' | 'dial' | 'flood';
  host: string;
  port: number;
  /** TLS server name, if not the host; empty: none. */
  serverName?: string;
  /** Sends TLS in pieces of so many bytes, each in a segment of its own. */
  pieceBytes?: number;
  /** What `dial` and `flood` send first, base64. */
  opening?: string;
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/** A connection that sends in pieces. */
const dialInPieces = (host: string, port: number, bytes: number): Duplex => {
  const socket = connect({ host, port, noDelay: true });
  const duplex: Duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      for (let at = 0; at < chunk.length; at += bytes) socket.write(chunk.subarray(at, at + bytes));
      done();
    },
    final: (done) => socket.end(done),
  });
  socket.on('data', (chunk) => duplex.push(chunk));
  socket.on('end', () => duplex.push(null));
  socket.on('error', (error) => duplex.destroy(error));
  return duplex;
};

/** An HTTPS request by hand; the certificate is checked. Resolves to the body or an error code. */
const askHttps = ({ host, port, serverName = host, pieceBytes }: Call): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    const way = pieceBytes ? { socket: dialInPieces(host, port, pieceBytes) } : { host, port };
    const socket = connectTls({ ...way, servername: serverName }, () =>
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    socket.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
    });
    // A reset during the TLS hello shows as an end first, then as the error.
    socket.on('error', (error) => resolve(codeOf(error)));
    const finish = () => resolve(said.slice(said.indexOf('\r\n\r\n') + 4));
    socket.on('end', () => {
      if (said !== '') finish();
    });
    socket.on('close', finish);
  });

/** Resolves to how a plain connection ends, or to its first bytes. */
const dial = ({ host, port, opening }: Call): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    if (opening) socket.write(Buffer.from(opening, 'base64'));
    socket.once('data', (bytes) => resolve(bytes.toString()));
    socket.once('error', (error) => resolve(codeOf(error)));
    socket.once('end', () => resolve('end'));
  });

/** Writes as fast as it can until the connection ends; resolves to how. */
const flood = ({ host, port, opening }: Call): Promise<string> =>
  new Promise((resolve) => {
    const block = Buffer.alloc(256 * 1024, 7);
    const socket = connect({ host, port });
    if (opening) socket.write(Buffer.from(opening, 'base64'));
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
