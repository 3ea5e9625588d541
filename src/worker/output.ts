import type { Writable } from 'node:stream';
import { maxLineBytes, type WorkerMessage } from './protocol.ts';

/** The worker's voice: one JSON message a line. */
export type Output = {
  send(message: WorkerMessage): void;
  /** False while earlier lines still wait for their reader. */
  isFree(): boolean;
  /** Resolves once everything said is on its way. */
  flushed(): Promise<void>;
};

/** Speaks over `stream`. A message that is longer than a line may be becomes a failure that says so. */
export const createOutput = (stream: Writable): Output => {
  let last: Promise<void> = Promise.resolve();
  const write = (line: string) => {
    last = new Promise((resolve) => stream.write(line, () => resolve()));
  };
  return {
    send: (message) => {
      const line = `${JSON.stringify(message)}\n`;
      if (Buffer.byteLength(line) <= maxLineBytes) return write(line);
      if (message.kind !== 'done') return;
      const failure = {
        errorCode: 'ActivityOutputTooLarge',
        message: `The activity's output is larger than ${maxLineBytes} bytes.`,
        failureType: 'UserError' as const,
        target: '',
        details: [],
      };
      write(`${JSON.stringify({ kind: 'failed', jobId: message.jobId, failure } satisfies WorkerMessage)}\n`);
    },
    isFree: () => !stream.writableNeedDrain,
    flushed: () => last,
  };
};
