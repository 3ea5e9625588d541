// What TLS clients say first: that of the real one, and one made by hand.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';

/** The first bytes of Node's own TLS client; no server name where `servername` is empty. */
export const realHello = async (servername: string): Promise<Buffer> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', servername }).on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
};

const vector = (sizeBytes: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const size = Buffer.alloc(sizeBytes);
  size.writeUIntBE(content.length, 0, sizeBytes);
  return Buffer.concat([size, content]);
};

/** Bytes as records of `type`, each with no more than `each` bytes. */
export const inRecords = (bytes: Uint8Array, each = 16384, type = 22): Buffer => {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += each)
    records.push(Buffer.from([type, 3, 1]), vector(2, bytes.subarray(at, at + each)));
  return Buffer.concat(records);
};

/** An entry of the server name list. */
export const nameEntry = (name: string | Uint8Array, type = 0): Buffer =>
  Buffer.concat([Buffer.from([type]), vector(2, Buffer.from(name as string))]);

/** An extension of `type`. */
export const extension = (type: number, ...content: Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([type >> 8, type & 255]), vector(2, ...content)]);

/** The server name extension with these entries. */
export const nameExtension = (...entries: Uint8Array[]): Buffer => extension(0, vector(2, ...entries));

const x25519 = Buffer.from([0, 29]);

/** What a server asks of TLS 1.3, behind the server name; without a key of its own it is asked to say hello again. */
export const modernExtensions = (key: 'with a key' | 'without a key'): Buffer[] => [
  extension(43, vector(1, Buffer.from([3, 4]))),
  extension(10, vector(2, x25519)),
  extension(13, vector(2, Buffer.from([4, 3, 8, 4, 4, 1]))),
  extension(
    51,
    vector(2, key === 'with a key' ? Buffer.concat([x25519, vector(2, Buffer.alloc(32, 9))]) : Buffer.alloc(0)),
  ),
];

/** A ClientHello message with these extensions, without records. */
export const helloMessage = (...extensions: Uint8Array[]): Buffer =>
  Buffer.concat([
    Buffer.from([1]),
    vector(
      3,
      Buffer.from([3, 3]),
      Buffer.alloc(32, 9),
      vector(1, Buffer.alloc(32, 8)),
      vector(2, Buffer.from([0x13, 0x01])),
      vector(1, Buffer.from([0])),
      vector(2, ...extensions),
    ),
  ]);

/** The random of a host that wants the hello again (RFC 8446, section 4.1.3). */
export const helloAgain = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/** A ServerHello as a host says it, as far as it is read here. */
export const serverHello = (random: Uint8Array = Buffer.alloc(32, 7)): Buffer =>
  inRecords(
    Buffer.concat([
      Buffer.from([2]),
      vector(3, Buffer.from([3, 3]), random, vector(1), Buffer.from([0x13, 0x01, 0]), vector(2)),
    ]),
  );
