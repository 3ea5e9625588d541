// Reading a socket into one buffer that is used again and again, instead of a new one per read: 1.5 to 2 times the
// throughput of `pipe`. Node offers it (`onread`) for sockets that dial; for accepted ones the handle is moved into a new
// socket, which is no public interface, so it is tried at start-up and `data` events take its place where it fails.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';

/** Takes bytes that were read; they are its own only until it returns true or until `resume()`. False: pause. */
export type Take = (bytes: Uint8Array) => boolean;

const bufferBytes = 256 * 1024;
/** A stream that has shown itself to be bulk reads into more at a time, which costs a third less; as many as memory is set aside for. */
const bulkBytes = 1024 * 1024;
const bulkAfterBytes = 2 * 1024 * 1024;
let bulkBuffersLeft = 64;

const onread = (take: Take) => {
  // Pages that are never written to cost nothing: an idle flow holds no 256 KiB.
  let buffer = Buffer.allocUnsafeSlow(bufferBytes);
  let received = 0;
  return {
    buffer: () => buffer,
    callback: (length: number) => {
      received += length;
      const goOn = take(buffer.subarray(0, length));
      if (buffer.length === bufferBytes && received > bulkAfterBytes && bulkBuffersLeft > 0) {
        bulkBuffersLeft -= 1;
        buffer = Buffer.allocUnsafeSlow(bulkBytes);
      }
      return goOn;
    },
    release: () => {
      if (buffer.length === bulkBytes) bulkBuffersLeft += 1;
    },
  };
};

const takeData = (socket: Socket, take: Take): Socket => {
  socket.on('data', (bytes) => {
    if (!take(bytes as Buffer)) socket.pause();
  });
  return socket.pause();
};

let mayMoveHandles = false;

type WithHandle = { _handle: unknown };

const moveHandle = (accepted: Socket, take: Take): Socket => {
  const shell = accepted as unknown as WithHandle;
  const reading = onread(take);
  const options = { handle: shell._handle, allowHalfOpen: true, pauseOnCreate: true, onread: reading };
  const socket = new Socket(options as object).once('close', reading.release);
  shell._handle = null;
  accepted.destroy();
  return socket;
};

/** The same connection as `accepted` (paused, never read), as a socket whose bytes go to `take` once it is resumed. */
export const readAccepted = (accepted: Socket, take: Take): Socket =>
  mayMoveHandles ? moveHandle(accepted, take) : takeData(accepted, take);

/** Dials; the bytes that come go to `take`. Half-open, without delay, kept alive. */
export const dial = (backend: { address: string; port: number }, take: Take): Socket => {
  const reading = onread(take);
  return connect({
    host: backend.address,
    port: backend.port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    onread: reading,
  }).once('close', reading.release);
};

/** Tries on a loopback connection whether accepted sockets can be read into buffers; from then on they are, or not. Resolves to which. */
export const chooseReading = async (): Promise<'buffer' | 'data'> => {
  mayMoveHandles = await canMoveHandles();
  return mayMoveHandles ? 'buffer' : 'data';
};

const canMoveHandles = async (): Promise<boolean> => {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  const timeout = AbortSignal.timeout(2000);
  let moved: Socket | undefined;
  try {
    const [accepted] = (await once(server, 'connection', { signal: timeout })) as [Socket];
    let said = '';
    moved = moveHandle(accepted, (bytes) => {
      said += Buffer.from(bytes).toString();
      return true;
    });
    const ended = once(moved, 'end', { signal: timeout });
    client.end('a few bytes');
    moved.resume();
    await ended;
    return said === 'a few bytes' && moved.localAddress === '127.0.0.1';
  } catch {
    return false;
  } finally {
    moved?.destroy();
    client.destroy();
    server.close();
  }
};
