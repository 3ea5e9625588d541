/** What is to be done once a transaction is committed. */
export type AfterCommit = {
  add(step: () => Promise<unknown>): void;
  /** Does every step, in order. One that fails keeps no other from being done; the first failure is thrown at the end. */
  run(): Promise<void>;
};

/** Collects the steps of one transaction. */
export const createAfterCommit = (): AfterCommit => {
  const steps: (() => Promise<unknown>)[] = [];
  return {
    add: (step) => void steps.push(step),
    run: async () => {
      const failures: unknown[] = [];
      for (const step of steps)
        try {
          await step();
        } catch (error) {
          failures.push(error);
        }
      if (failures.length > 0) throw failures[0];
    },
  };
};
