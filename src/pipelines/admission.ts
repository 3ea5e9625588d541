// How many runs of one pipeline are under way at once (`concurrency`). What is over the limit waits its turn.

/** A run that wants to begin: `group` is its pipeline, `limit` the pipeline's concurrency. */
export type Entrant = { runId: string; group: string; limit: number };

/** Keeps the turns; `begin` is called for each run when it may begin, in order of entering. */
export const createAdmission = (begin: (runId: string) => void) => {
  const inside = new Map<string, Set<string>>();
  const waiting = new Map<string, Entrant[]>();

  const admit = (group: string) => {
    const queue = waiting.get(group) ?? [];
    const within = inside.get(group) ?? new Set();
    while (queue[0] && within.size < queue[0].limit) {
      const { runId } = queue.shift()!;
      within.add(runId);
      inside.set(group, within);
      begin(runId);
    }
    if (queue.length === 0) waiting.delete(group);
    if (within.size === 0) inside.delete(group);
  };

  return {
    enter: (entrant: Entrant): void => {
      const queue = waiting.get(entrant.group) ?? [];
      queue.push(entrant);
      waiting.set(entrant.group, queue);
      admit(entrant.group);
    },
    /** Takes a run out, from within or from the queue; the next may begin. */
    leave: (runId: string): void => {
      const within = [...inside].find(([, runs]) => runs.delete(runId));
      const queued = [...waiting].find(([, queue]) => queue.some((entrant) => entrant.runId === runId));
      if (queued)
        waiting.set(
          queued[0],
          queued[1].filter((entrant) => entrant.runId !== runId),
        );
      const group = within?.[0] ?? queued?.[0];
      if (group !== undefined) admit(group);
    },
  };
};
