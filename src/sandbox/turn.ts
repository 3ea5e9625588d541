/** Runs actions one at a time per name, in order of asking. */
export type Turns = <Result>(name: string, action: () => Promise<Result>) => Promise<Result>;

/** Turns of their own. */
export const createTurns = (): Turns => {
  const turns = new Map<string, Promise<unknown>>();
  return (name, action) => {
    const result = (turns.get(name) ?? Promise.resolve()).then(action, action);
    const settled = result
      .catch(() => {})
      .then(() => {
        if (turns.get(name) === settled) turns.delete(name);
      });
    turns.set(name, settled);
    return result;
  };
};
