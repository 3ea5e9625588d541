import type { FlowRecord } from '../policy/model.ts';

/** Records on their way to the control plane, in batches. */
export type Outbox = {
  put(record: FlowRecord): void;
  /** Sends what is waiting, now. */
  flush(): void;
};

const batchMs = 50;
const batchSize = 256;

/** Hands records to `send` in batches of at most 256, no later than 50 ms after they were put. */
export const createOutbox = (send: (records: FlowRecord[]) => void): Outbox => {
  let waiting: FlowRecord[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    send(batch);
  };
  return {
    put: (record) => {
      // A copy: the record goes on changing while its flow lives.
      waiting.push({ ...record });
      if (waiting.length >= batchSize) flush();
      else timer ??= setTimeout(flush, batchMs).unref();
    },
    flush,
  };
};
