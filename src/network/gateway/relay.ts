// Two sockets, bytes from each to the other: half-close, back-pressure, errors, and an end without a byte too many.
import type { Socket } from 'node:net';
import type { Take } from './buffered-socket.ts';

/** One way of a relay. `take` is for the source's bytes. */
type Way = {
  take: Take;
  sourceEnded(): void;
  /** Bytes handed on so far. */
  bytes: number;
};

/** Bytes from `source()` to `target()`, no more than one read at a time unwritten. */
const createWay = (source: () => Socket, target: () => Socket): Way => {
  let written = 0;
  let awaited = 0;
  let ended = false;
  const way: Way = {
    bytes: 0,
    take: (bytes) => {
      const to = target();
      if (to.destroyed || to.writableEnded) return false;
      way.bytes += bytes.length;
      written += 1;
      const mine = written;
      to.write(bytes, () => {
        if (awaited !== mine) return;
        awaited = 0;
        if (ended) to.end();
        else source().resume();
      });
      // `drain` does not fire for small writes that wait, so wait for the write's own callback.
      if (to.writableLength === 0) return true;
      awaited = mine;
      return false;
    },
    sourceEnded: () => {
      ended = true;
      // Ending only when nothing waits keeps a socket resettable: one that is shutting down cannot be reset.
      if (awaited === 0 && !target().destroyed) target().end();
    },
  };
  return way;
};

/** Ends a connection with a reset, dropping whatever has not left. Resolves once the kernel's socket is closed. */
export const reset = async (socket: Socket): Promise<void> => {
  if (socket.destroyed) return;
  // A reset while connecting would wait for the connection; nothing has been sent, so there is nothing to drop.
  if (socket.connecting) {
    socket.destroy();
    return;
  }
  if (socket.writableEnded && !socket.writableFinished) {
    // Its end is on the way to the kernel, which takes one turn of the loop; until then it cannot be reset.
    await new Promise<void>((resolve) => {
      socket.once('finish', resolve).once('close', resolve);
    });
    if (socket.destroyed) return;
  }
  socket.resetAndDestroy();
};

/** A relay between two sockets that are made around it. */
export type Relay = {
  /** For the bytes of the client and of the upstream socket. */
  fromClient: Take;
  fromUpstream: Take;
  /**
   * Starts relaying between the two, which are connected. `opening`, small, is what was read of the client already: the
   * client then stays paused until the caller resumes it.
   */
  join(opening?: Uint8Array): void;
  /** Bytes handed on to the upstream socket, and to the client. */
  sent(): number;
  received(): number;
};

/** Makes a relay. `closed` is called once, when both sockets are closed. */
export const createRelay = (sockets: { client(): Socket; upstream(): Socket; closed(): void }): Relay => {
  const up = createWay(sockets.client, sockets.upstream);
  const down = createWay(sockets.upstream, sockets.client);
  let open = 2;
  const watch = (socket: Socket, peer: Socket, way: Way) => {
    socket.on('end', way.sourceEnded);
    // A socket that closes before it ended was reset: so is its peer. One that ended leaves its peer time to flush.
    socket.on('close', (hadError) => {
      if (hadError || !socket.readableEnded) void reset(peer);
      open -= 1;
      if (open === 0) sockets.closed();
    });
  };
  return {
    fromClient: up.take,
    fromUpstream: down.take,
    join: (opening) => {
      const client = sockets.client();
      const upstream = sockets.upstream();
      watch(client, upstream, up);
      watch(upstream, client, down);
      if (opening === undefined) client.resume();
      else {
        up.bytes += opening.length;
        upstream.write(opening);
      }
    },
    sent: () => up.bytes,
    received: () => down.bytes,
  };
};
