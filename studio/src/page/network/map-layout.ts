// Where things stand on the map. Places follow from the order of things, so that it stays as it is while states and flows
// change. Pure.

/** From the left edge, and how wide: percent of the map's width. */
type Column = { left: number; width: number };

/** The places of a map with so many runtimes inside, gates, things outside and runtimes outside. */
export type MapLayout = {
  isNarrow: boolean;
  height: number;
  /** The sealed network's box. */
  wall: { top: number; width: number; height: number };
  /** The public network's box. */
  open: { top: number; height: number };
  runtime: Column;
  gate: Column;
  store: Column;
  insideAt(index: number): number;
  openAt(index: number): number;
  /** Gates and what they lead to; the door is the one after the last. */
  rowAt(index: number): number;
};

/** The height of whatever stands on the map, px. */
export const nodeHeight = 66;
const row = nodeHeight + 12;
const head = 60;
const apart = 56;

type Counts = { inside: number; gates: number; outsides: number; open: number };

/** Beside each other: runtimes, gates, stores. Where that has no room, runtimes stand above. */
export const layOutMap = ({ inside, gates, outsides, open }: Counts, isNarrow: boolean): MapLayout => {
  const first = head + (isNarrow ? inside * row + (inside > 0 ? 12 : 0) : 0);
  const rows = Math.max(gates, outsides, isNarrow ? 0 : inside) + 1;
  const wallHeight = first + rows * row - 8;
  const openTop = wallHeight + 28;
  const openHeight = open === 0 ? 0 : head - 16 + open * row;
  return {
    isNarrow,
    height: openTop + openHeight + (open === 0 ? 0 : 12),
    wall: { top: 12, width: isNarrow ? 52 : 48.5, height: wallHeight },
    open: { top: openTop, height: openHeight },
    runtime: isNarrow ? { left: 6, width: 43 } : { left: 3, width: 18 },
    gate: isNarrow ? { left: 6, width: 43 } : { left: 36, width: 25 },
    store: isNarrow ? { left: 57, width: 41 } : { left: 75, width: 23 },
    insideAt: (index) => head + index * row,
    openAt: (index) => openTop + apart - 16 + index * row,
    rowAt: (index) => first + index * row,
  };
};
