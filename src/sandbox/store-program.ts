// The frame of a store process: serves stores for the process that forked it, and ends when that process ends, however
// it ends. Acknowledged writes are on disk by then, so there is nothing to tidy up first.
import { messageOf } from '../base/error.ts';
import type { StoreOrder, StoreReply, StoreRequest } from './store-message.ts';

/** One store that is served. */
export type StoreServer<Order extends StoreOrder> = { ports: Order['ports']; close(): Promise<void> };

/** What a store may do beside serving: report trouble, and ask the sandbox. The answer is null where there is none. */
export type StoreFrame = { onTrouble(error: unknown): void; ask(question: unknown): Promise<unknown> };

/** Runs this process as a store process until its parent ends it. */
export const runStoreProgram = <Order extends StoreOrder, Server extends StoreServer<Order>>(program: {
  start(order: Order, frame: StoreFrame): Promise<Server>;
  /** Gives a store that runs its new order. */
  renew(server: Server, order: Order): void;
}): void => {
  process.on('disconnect', () => process.exit(0));
  // A terminal or a supervisor signals the whole group; only the parent decides when stores stop.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

  const say = (message: StoreReply): void => {
    process.send?.(message, () => {});
  };
  const asked = new Map<number, (answer: unknown) => void>();
  let nextId = 1;
  const frame: StoreFrame = {
    onTrouble: (error) => say({ kind: 'trouble', message: messageOf(error) }),
    ask: (question) =>
      new Promise((resolve) => {
        const id = nextId++;
        asked.set(id, resolve);
        say({ kind: 'ask', id, question });
      }),
  };
  const servers = new Map<string, Server>();

  const carryOut = async (
    request: Exclude<StoreRequest<Order>, { kind: 'answer' }>,
  ): Promise<{ ports?: Order['ports'] }> => {
    if (request.kind === 'start') {
      const { order } = request;
      const running = servers.get(order.name);
      if (running) program.renew(running, order);
      else servers.set(order.name, await program.start(order, frame));
      return { ports: servers.get(order.name)!.ports };
    }
    const ended = request.kind === 'stop' ? [request.name] : [...servers.keys()];
    await Promise.all(ended.map((name) => servers.get(name)?.close()));
    for (const name of ended) servers.delete(name);
    return {};
  };

  process.on('message', (request: StoreRequest<Order>) => {
    const { id } = request;
    if (request.kind === 'answer') {
      asked.get(id)?.(request.answer);
      asked.delete(id);
      return;
    }
    carryOut(request).then(
      ({ ports }) => {
        say({ kind: 'done', id, ...(ports ? { ports } : {}) });
        if (request.kind === 'close') process.disconnect();
      },
      (error: NodeJS.ErrnoException) =>
        say({ kind: 'failed', id, message: messageOf(error), ...(error.code ? { code: error.code } : {}) }),
    );
  });

  say({ kind: 'ready' });
};
