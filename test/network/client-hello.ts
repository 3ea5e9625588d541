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

/** The server name extension with these entries. */
export const nameExtension = (...entries: Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([0, 0]), vector(2, vector(2, ...entries))]);

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
