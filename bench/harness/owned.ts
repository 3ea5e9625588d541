// What a measure starts it must end, also where its preparation fails half-way.

type Closable = { close(): Promise<void> };

/** Gathers what is started. */
export type Owned = {
  /** Waits for it, and ends it after everything that was started later. */
  add<One extends Closable>(starting: Promise<One>): Promise<One>;
};

/** Runs `prepare`; what it has gathered is ended by the `close` of the result, or at once where it fails. */
export const owning = async <Result extends object>(
  prepare: (owned: Owned) => Promise<Result>,
): Promise<Result & Closable> => {
  await using stack = new AsyncDisposableStack();
  const owned: Owned = {
    add: async (starting) => {
      const one = await starting;
      stack.defer(() => one.close());
      return one;
    },
  };
  const result = await prepare(owned);
  const kept = stack.move();
  return { ...result, close: () => kept.disposeAsync() };
};
