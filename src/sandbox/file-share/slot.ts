/** Runs steps, so many at once; others wait for their turn, in order. */
export type Slots = <Result>(step: () => Promise<Result>) => Promise<Result>;

/** `count` slots. */
export const createSlots = (count: number): Slots => {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (step) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await step();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
};
