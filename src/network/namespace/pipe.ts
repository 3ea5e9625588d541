// Real pipes for a worker's standard streams. Node's own are Unix stream sockets: over those a worker could queue
// descriptors, ask for its peer's process descriptor, or try to aim them elsewhere. A pipe does none of that.
import { closeSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { systemCall, trySystemCall } from './native.ts';

const closeOnExec = 0o2000000;
const pipe2 = process.arch === 'x64' ? 293 : 59;
const fcntl = process.arch === 'x64' ? 72 : 25;
const closeRange = 436;

/** The two ends of a new pipe, as descriptors that no child inherits unless it is given them. */
export const openPipe = (): { reading: number; writing: number } => {
  const ends = Buffer.alloc(8);
  systemCall('pipe2', pipe2, ends, closeOnExec);
  return { reading: ends.readInt32LE(0), writing: ends.readInt32LE(4) };
};

/** Our end of a pipe as a stream, which closes the descriptor when it ends. */
export const pipeStream = (descriptor: number, direction: 'readable' | 'writable'): Socket =>
  new Socket({ fd: descriptor, readable: direction === 'readable', writable: direction === 'writable' });

/** Closes a descriptor that a child has got. */
export const closeEnd = (descriptor: number): void => closeSync(descriptor);

/**
 * Marks every descriptor above standard error as not to be inherited, also those that this process itself was started
 * with. Node does so only for the first few.
 */
export const inheritNothing = (): void => {
  const closeRangeCloseOnExec = 4;
  if (trySystemCall(closeRange, 3, 0xffffffff, closeRangeCloseOnExec) >= 0) return;
  // Kernels before 5.11.
  for (const name of readdirSync('/proc/self/fd'))
    if (Number(name) > 2) trySystemCall(fcntl, Number(name), 2 /* F_SETFD */, 1 /* FD_CLOEXEC */);
};
