// Between a worker's hello and the answer to it: nothing else of the worker's leaves before the host has answered, and a
// second hello, if the host wants one, only once its name was judged like that of the first.
import { createHelloReader } from './client-hello.ts';
import { createAnswerReader } from './hello-answer.ts';
import type { Relay } from './relay.ts';

/** Both ways through the gate. */
export type HelloGate = Pick<Relay, 'fromClient' | 'fromUpstream'>;

/** A gate before `relay`. `behind` is what was read behind the first hello; the client is paused and `resume`d here. */
export const createHelloGate = (options: {
  relay: HelloGate;
  behind: Uint8Array;
  /** Judges the second name. Where it says no, it ends the flow too. */
  admits(serverName: string | null): boolean;
  resume(): void;
  /** The gate is no longer needed. */
  opened(): void;
}): HelloGate => {
  const { relay, resume } = options;
  const answer = createAnswerReader();
  const again = createHelloReader('again');
  let state: 'unanswered' | 'asked again' | 'done' = 'unanswered';

  const open = (held: Uint8Array): boolean => {
    state = 'done';
    options.opened();
    return held.length === 0 || relay.fromClient(held);
  };
  const hear = (piece: Uint8Array): boolean => {
    const name = again.push(piece);
    if (name === undefined) return true;
    state = 'done';
    return options.admits(name) && open(Buffer.concat([again.hello(), again.behind()]));
  };

  return {
    // Paused until the answer came; nothing is heard before.
    fromClient: (bytes) => state === 'asked again' && hear(bytes),
    fromUpstream: (bytes) => {
      const asksAgain = state === 'unanswered' ? answer(bytes) : undefined;
      // First what the host said: it is paused by whether the worker takes it.
      const goOn = relay.fromUpstream(bytes);
      if (asksAgain === true) state = 'asked again';
      if (asksAgain === true ? hear(options.behind) : asksAgain === false && open(options.behind)) resume();
      return goOn;
    },
  };
};
