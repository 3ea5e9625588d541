import type { ChildProcess } from 'node:child_process';
import { messageOf } from '../base/error.ts';
import type { StoreOrder, StorePorts, StoreReply, StoreRequest } from './store-message.ts';

type WithoutId<Request> = Request extends { id: number } ? Omit<Request, 'id'> : never;

/** What the sandbox asks of a store process. */
export type StoreCall<Order extends StoreOrder> = WithoutId<Exclude<StoreRequest<Order>, { kind: 'answer' }>>;

/** Answers what a store process asks of the sandbox; a rejection is no answer, and the store refuses what hung on it. */
export type AnswerStore = (question: unknown) => Promise<unknown>;

/** Questions to one store process and their answers. */
export type StoreChannel<Order extends StoreOrder> = {
  /** Resolves when the process can take requests; rejects where it ends before. */
  ready: Promise<void>;
  /** Rejects with the process's own reason, or when it ends before it answers. */
  call(request: StoreCall<Order>): Promise<StorePorts | undefined>;
  ended(): boolean;
  /** Resolves when the process is gone. */
  exited: Promise<void>;
};

/** Opens the channel to a process forked with `main.ts`. */
export const openStoreChannel = <Order extends StoreOrder>(
  child: ChildProcess,
  onTrouble: (message: string) => void,
  answer: AnswerStore,
): StoreChannel<Order> => {
  const waiting = new Map<number, { resolve: (ports?: StorePorts) => void; reject: (error: Error) => void }>();
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();
  let nextId = 1;
  let isOver = false;

  const end = (): void => {
    isOver = true;
    const gone = new Error('The sandbox store process ended.');
    ready.reject(gone);
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };
  ready.promise.catch(() => {});
  const send = (request: StoreRequest<Order>): void => {
    child.send(request, () => {});
  };
  const respond = async (id: number, question: unknown): Promise<void> => {
    const words = await answer(question).catch((error: unknown) => {
      onTrouble(messageOf(error));
      return null;
    });
    if (!isOver && child.connected) send({ id, kind: 'answer', answer: words });
  };
  child.once('exit', () => {
    end();
    exited.resolve();
  });
  // Raised where it could not be started or told something; what waits must not wait forever.
  child.on('error', (error) => {
    onTrouble(error.message);
    if (child.pid === undefined) {
      end();
      exited.resolve();
    }
  });
  child.on('message', (reply: StoreReply) => {
    if (reply.kind === 'ready') ready.resolve();
    else if (reply.kind === 'trouble') onTrouble(reply.message);
    else if (reply.kind === 'ask') void respond(reply.id, reply.question);
    else {
      const asked = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.kind === 'done') asked?.resolve(reply.ports);
      else asked?.reject(Object.assign(new Error(reply.message), { code: reply.code }));
    }
  });

  return {
    ready: ready.promise,
    call: (request) =>
      new Promise((resolve, reject) => {
        if (isOver) {
          reject(new Error('The sandbox store process ended.'));
          return;
        }
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        // What could not be sent was for a process that is ending, of which its end will tell.
        send({ ...request, id } as StoreRequest<Order>);
      }),
    ended: () => isOver,
    exited: exited.promise,
  };
};
