const longestWaitMs = 20_000;

/** Lets one holder in at a time, in order of asking. */
export type Turn = { take(): Promise<void>; give(): void };

/**
 * Makes a turn. Waiting longer than 20 s is an error: in practice it means that a transaction waits for a statement
 * outside of it, and so for itself.
 */
export const createTurn = (waitMs = longestWaitMs): Turn => {
  let taken = false;
  const waiting = new Set<() => void>();
  return {
    take: () => {
      if (!taken) {
        taken = true;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(enter);
          const hint = 'Does a transaction use the database instead of its own `tx`?';
          reject(new Error(`The database was held by one transaction for ${waitMs} ms. ${hint}`));
        }, waitMs);
        const enter = () => {
          clearTimeout(timer);
          resolve();
        };
        waiting.add(enter);
      });
    },
    give: () => {
      const [next] = waiting;
      if (!next) {
        taken = false;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
};
