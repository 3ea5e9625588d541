// What the sandbox says to a store process and hears from it, over Node's channel of a forked process.

/** A loopback port by sub-resource. */
export type StorePorts = Readonly<Record<string, number>>;

/** A store to serve. A port of 0 means any. */
export type StoreOrder = { name: string; ports: StorePorts };

/** To the store process. `start` of a store that runs gives it its new order; `answer` is to an `ask`. */
export type StoreRequest<Order extends StoreOrder> =
  | { id: number; kind: 'start'; order: Order }
  | { id: number; kind: 'stop'; name: string }
  | { id: number; kind: 'close' }
  | { id: number; kind: 'answer'; answer: unknown };

/** From the store process: `ready` once, one answer per request, what went wrong in between, and what it must know. */
export type StoreReply =
  | { kind: 'ready' }
  | { kind: 'done'; id: number; ports?: StorePorts }
  | { kind: 'failed'; id: number; message: string; code?: string }
  | { kind: 'trouble'; message: string }
  | { kind: 'ask'; id: number; question: unknown };
