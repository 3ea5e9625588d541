// How fast flows move: what came between two answers, over the time between them.
import { useRef } from 'react';
import type { Flow } from './shape.ts';

type Seen = { at: number; moved: ReadonlyMap<string, number>; rates: ReadonlyMap<string, number> };

/** Two answers closer than this (ms) say too little. */
const least = 400;

const movedBy = ({ bytesSent, bytesReceived }: Flow) => bytesSent + bytesReceived;

/** Bytes per second of each flow that lives, by its id. `at` is when the flows were told. */
export const useRates = (flows: readonly Flow[], at: number): ReadonlyMap<string, number> => {
  const seen = useRef<Seen>({ at: 0, moved: new Map(), rates: new Map() });
  const before = seen.current;
  if (at - before.at < least) return before.rates;
  const live = flows.filter(({ endedAt }) => endedAt === null);
  const seconds = (at - before.at) / 1000;
  seen.current = {
    at,
    moved: new Map(live.map((flow) => [flow.id, movedBy(flow)])),
    rates: new Map(
      live.flatMap((flow) => {
        const earlier = before.moved.get(flow.id);
        return earlier === undefined ? [] : [[flow.id, Math.max(0, movedBy(flow) - earlier) / seconds] as const];
      }),
    ),
  };
  return seen.current.rates;
};
