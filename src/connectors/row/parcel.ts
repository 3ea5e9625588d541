// How rows reach a store that takes them by the parcel: several parcels under way, none beside one that shares a key with it.
import { type Properties, textAt } from '../property.ts';
import { columnTypeAt } from './column-type.ts';
import type { Column, Value } from './record-batch.ts';
import type { RowWriting } from './row-store.ts';

/** What takes parcels. */
export type ParcelSender = {
  /** Resolves once the parcel is under way; of two with a common key the second begins when the first is stored. Rejects after any failure. */
  send(keys: ReadonlySet<string>, submit: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Resolves once nothing is under way. Rejects with the first failure, which has ended all others. */
  settled(): Promise<void>;
};

export const createParcelSender = (atOnce: number): ParcelSender => {
  const scope = new AbortController();
  const underWay = new Map<Promise<void>, ReadonlySet<string>>();
  const isBusy = (keys: ReadonlySet<string>) => [...underWay.values()].some((other) => !other.isDisjointFrom(keys));
  return {
    send: async (keys, submit, signal) => {
      while (underWay.size >= atOnce || isBusy(keys)) await Promise.race(underWay.keys());
      scope.signal.throwIfAborted();
      const task = submit(AbortSignal.any([signal, scope.signal]))
        .catch((error: unknown) => scope.abort(error))
        .finally(() => underWay.delete(task));
      underWay.set(task, keys);
    },
    settled: async () => {
      await Promise.all(underWay.keys());
      scope.signal.throwIfAborted();
    },
  };
};

/** A writing that puts row by row into parcels, and at its end sends what has not gone yet. When it fails, nothing of it is under way any more. */
export const writingOf = (
  sender: ParcelSender,
  add: (row: readonly Value[], rowNumber: number, signal: AbortSignal) => Promise<void>,
  sendRest: (signal: AbortSignal) => Promise<void>,
): RowWriting => {
  let rowNumber = 0;
  return {
    write: async ({ rows }, signal) => {
      try {
        for (const row of rows) {
          rowNumber += 1;
          await add(row, rowNumber, signal);
        }
      } catch (error) {
        await sender.settled().catch(() => {});
        throw error;
      }
    },
    end: async (signal) => {
      try {
        await sendRest(signal);
      } finally {
        await sender.settled();
      }
    },
  };
};

/** The types that a dataset's schema gives its columns, for a store that has no types of its own for them. */
export const demandsOf = (schema: readonly Properties[]): Column[] =>
  schema.flatMap((column) => {
    const [name, type] = [textAt(column, 'name'), columnTypeAt(column, 'type')];
    return name && type ? [{ name, type }] : [];
  });
