import type { ChildProcess } from 'node:child_process';
import type { ServicePorts, StoreReply, StoreRequest } from './message.ts';

type WithoutId<Request> = Request extends StoreRequest ? Omit<Request, 'id'> : never;

/** Questions to one store process and their answers. */
export type StoreChannel = {
  /** Resolves when the process can take requests; rejects where it ends before. */
  ready: Promise<void>;
  /** Rejects with the process's own reason, or when it ends before it answers. */
  call(request: WithoutId<StoreRequest>): Promise<ServicePorts | undefined>;
  ended(): boolean;
  /** Resolves when the process is gone. */
  exited: Promise<void>;
};

/** Opens the channel to a process forked with `main.ts`. */
export const openStoreChannel = (child: ChildProcess, onTrouble: (message: string) => void): StoreChannel => {
  const waiting = new Map<number, { resolve: (ports?: ServicePorts) => void; reject: (error: Error) => void }>();
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
        child.send({ ...request, id } as StoreRequest, (error) => {
          if (!error) return;
          waiting.delete(id);
          reject(error);
        });
      }),
    ended: () => isOver,
    exited: exited.promise,
  };
};
