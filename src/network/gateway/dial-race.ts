// Dialling a host that has several addresses (RFC 8305): one after the other, each with a head start; the first that
// answers carries the flow.
import type { Socket } from 'node:net';
import type { Backend } from '../policy/model.ts';
import { dial, type Take } from './buffered-socket.ts';

/** How much later the next address is tried while the one before has neither answered nor refused. */
const headStartMs = 250;

/** Attempts under way. */
export type DialRace = {
  /** Ends all attempts at once; neither callback is called any more. */
  cancel(): void;
};

/**
 * Dials `candidates`, which are dialled as they stand, in their order. Calls `connected` once, in the turn in which the first
 * answers, and from then on hands its bytes to `take`; or `failed` once, when all have failed, with the last error's code.
 */
export const startDialRace = (
  candidates: readonly Backend[],
  told: { take: Take; connected(socket: Socket): void; failed(code: string): void },
): DialRace => {
  const attempts = new Set<Socket>();
  let next = 0;
  let isOver = false;
  let winner: Socket | undefined;
  let reason = 'no address';
  let timer: NodeJS.Timeout | undefined;

  const finish = () => {
    isOver = true;
    clearTimeout(timer);
    for (const socket of attempts) if (socket !== winner) socket.destroy();
    attempts.clear();
  };
  const startNext = () => {
    clearTimeout(timer);
    const candidate = candidates[next];
    if (candidate === undefined) {
      if (attempts.size > 0) return;
      finish();
      return told.failed(reason);
    }
    next += 1;
    const socket = dial(candidate, (bytes) => socket === winner && told.take(bytes));
    attempts.add(socket);
    // Every socket needs a listener for as long as it lives; what an error means to a winner is told by `close`.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    socket.once('close', () => {
      attempts.delete(socket);
      if (!isOver) startNext();
    });
    socket.once('connect', () => {
      if (isOver) return;
      winner = socket;
      finish();
      told.connected(socket);
    });
    if (next < candidates.length) timer = setTimeout(startNext, headStartMs);
  };
  startNext();
  return {
    cancel: () => {
      if (!isOver) finish();
    },
  };
};
