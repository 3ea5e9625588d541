/**
 * Works on items, at most `limit` at once, each in a lane (0 to `limit` - 1) of its own. The first failure aborts the
 * others by their signal, and is thrown once all have ended.
 */
export const forEachConcurrently = async <Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  outer: AbortSignal,
  work: (item: Item, signal: AbortSignal, lane: number) => Promise<void>,
): Promise<void> => {
  const scope = new AbortController();
  const signal = AbortSignal.any([outer, scope.signal]);
  const failures: unknown[] = [];
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  // One `next` at a time: not every iterator bears more.
  let turn: Promise<unknown> = Promise.resolve();
  const next = () => {
    const result = turn.then(() => iterator.next());
    turn = result.catch(() => {});
    return result;
  };
  const runLane = async (lane: number) => {
    try {
      for (;;) {
        const { value, done } = await next();
        if (done) return;
        signal.throwIfAborted();
        await work(value, signal, lane);
      }
    } catch (error) {
      failures.push(error);
      scope.abort(error);
    }
  };
  await Promise.all(Array.from({ length: limit }, (_, lane) => runLane(lane)));
  if (failures.length > 0) {
    await iterator.return?.();
    outer.throwIfAborted();
    throw failures[0];
  }
};
