// What the workers of a factory tried to reach, and what came of it.
import { useAll } from './query.ts';
import type { Flow } from './shape.ts';

/** The latest flows. Events tell when one begins and ends; while any lives, its bytes are asked for now and then. */
export const useFlows = (factory: string) =>
  useAll<Flow>(`${factory}/providers/Postern.Network/flows?top=1000`, {
    refetchInterval: ({ state }) => (state.data?.some(({ endedAt }) => endedAt === null) ? 2000 : false),
  });
