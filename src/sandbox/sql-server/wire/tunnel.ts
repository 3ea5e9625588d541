// TLS as TDS 7 has it: the handshake travels inside packets of type 0x12, and what follows it does not.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { ProtocolError, packetBytes, packetType } from './packet.ts';

const headerBytes = 8;
const longestHandshake = 64 * 1024;

/**
 * A stream for `node:tls` over a socket whose client wraps its handshake. The client speaks first after the handshake, so
 * its first record outside of a packet is when this side stops wrapping too.
 */
export const createTunnel = (socket: Socket, early: Buffer): Duplex => {
  let isRaw = false;
  let held: Buffer = Buffer.alloc(0);
  const tunnel: Duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(isRaw ? chunk : packetBytes(packetType.prelogin, chunk, true, 1), done);
    },
    final: (done) => void socket.end(() => done()),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  const give = (data: Buffer) => {
    if (!tunnel.push(data)) socket.pause();
  };
  const take = (chunk: Buffer) => {
    if (isRaw) return give(chunk);
    held = Buffer.concat([held, chunk]);
    while (held.length >= headerBytes && !isRaw) {
      if (held[0] !== packetType.prelogin) {
        isRaw = true;
        give(held);
        return;
      }
      const length = held.readUInt16BE(2);
      if (length < headerBytes || held.length > longestHandshake) {
        tunnel.destroy(new ProtocolError('A handshake packet has no right length.'));
        return;
      }
      if (held.length < length) return;
      give(held.subarray(headerBytes, length));
      held = held.subarray(length);
    }
  };
  socket.on('data', take);
  socket.once('end', () => tunnel.push(null));
  socket.once('error', (error) => tunnel.destroy(error));
  socket.once('close', () => tunnel.destroy());
  if (early.length > 0) take(early);
  return tunnel;
};
