// The sandbox's side of a store process: starts it, starts it again when it ends by itself, and gives the new one the
// stores of the old one, at the ports they had.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { compiledCode } from '../base/compiled-code.ts';
import { messageOf } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import { type AnswerStore, openStoreChannel, type StoreCall, type StoreChannel } from './store-channel.ts';
import type { StoreOrder } from './store-message.ts';

/** A store process that is kept running. */
export type StoreProcess<Order extends StoreOrder> = {
  /** Serves the store, or gives a served one its new order. Resolves to its ports once they accept connections. */
  start(order: Order): Promise<Order['ports']>;
  stop(name: string): Promise<void>;
  /** Whether it serves the store, or will again once it has started. */
  serves(name: string): boolean;
  /** Ends the process and does not start it again. */
  close(): Promise<void>;
};

const callDeadlineMs = 30_000;
const closeDeadlineMs = 5_000;
const steadyMs = 60_000;
const portTries = 50;

/** Starts a store process: `program` with `folder` as its working folder. `answer` is for what it asks. */
export const keepStoreProcess = <Order extends StoreOrder>(options: {
  program: string;
  folder: string;
  log: Log;
  answer?: AnswerStore;
}): StoreProcess<Order> => {
  const { program, folder, log, answer = () => Promise.reject(new Error('Nothing is answered here.')) } = options;
  const orders = new Map<string, Order>();
  let closing = false;
  let quickEnds = 0;
  let child: ChildProcess | undefined;

  const launch = async (): Promise<StoreChannel<Order>> => {
    const startedAt = performance.now();
    const started = forkStore(program, folder);
    child = started;
    const { pid } = started;
    const onTrouble = (message: string) => log.error({ pid }, `A sandbox store has trouble: ${message}`);
    const channel = openStoreChannel<Order>(started, onTrouble, answer);
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log.warn({ pid }, `Sandbox store: ${text.trimEnd().slice(0, 2000)}`);
    });
    void once(started, 'exit').then(([code, signal]) => {
      if (closing) return;
      quickEnds = performance.now() - startedAt < steadyMs ? quickEnds + 1 : 0;
      log.error({ pid, code, signal }, 'A sandbox store process ended by itself and is started again.');
      current = relaunch();
      current.catch(() => {});
    });
    await channel.ready;
    await Promise.all([...orders.values()].map((order) => restore(channel, order)));
    return channel;
  };

  const relaunch = async (): Promise<StoreChannel<Order>> => {
    // At once the first time; then slower, so that a store that cannot start does not occupy the machine.
    if (quickEnds > 1) await delay(Math.min(100 * 2 ** quickEnds, 10_000), undefined, { ref: false });
    if (closing) throw new Error('The sandbox is closing.');
    return launch();
  };

  const restore = async (channel: StoreChannel<Order>, order: Order): Promise<void> => {
    for (let tries = 1; ; tries++)
      try {
        await channel.call({ kind: 'start', order });
        return;
      } catch (error) {
        // The next process serves it.
        if (channel.ended()) return;
        // Its port may be taken for a moment, by a connection that goes out.
        if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && tries < portTries) await delay(100);
        else {
          log.error(`The sandbox store '${order.name}' did not start again: ${messageOf(error)}`);
          orders.delete(order.name);
          return;
        }
      }
  };

  let current = launch();
  current.catch(() => {});

  const call = async (request: StoreCall<Order>): Promise<Order['ports'] | undefined> => {
    const deadline = AbortSignal.timeout(callDeadlineMs);
    for (;;) {
      const channel = await current.catch(() => undefined);
      if (channel)
        try {
          return await channel.call(request);
        } catch (error) {
          // The process ended under this call: the next one serves it.
          if (!channel.ended()) throw error;
        }
      if (closing) throw new Error('The sandbox is closing.');
      if (deadline.aborted)
        throw new Error(`The sandbox store process has not started for ${callDeadlineMs / 1000} s; its log says why.`);
      await delay(20);
    }
  };

  return {
    start: async (order) => {
      const known = orders.get(order.name);
      const ports = await call({ kind: 'start', order: known ? { ...order, ports: known.ports } : order });
      if (!ports) throw new Error(`The sandbox store '${order.name}' started without ports.`);
      orders.set(order.name, { ...order, ports });
      return ports;
    },
    stop: async (name) => {
      orders.delete(name);
      await call({ kind: 'stop', name });
    },
    serves: (name) => orders.has(name),
    close: async () => {
      closing = true;
      // Also where it has not come to its first word.
      const late = setTimeout(() => child?.kill('SIGKILL'), closeDeadlineMs);
      const channel = await current.catch(() => undefined);
      await channel?.call({ kind: 'close' }).catch(() => {});
      await channel?.exited;
      clearTimeout(late);
    },
  };
};

const forkStore = (program: string, folder: string): ChildProcess =>
  fork(program, [], {
    // Node's permission model would fit well here, but it forbids fdatasync, and so a durable acknowledgement.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Hostile workers speak to these servers: nothing of ours is in their environment but the place of compiled code.
    env: compiledCode(),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
