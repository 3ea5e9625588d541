// Where activities stand on a canvas: what depends on nothing to the left, each later one to the right. Pure.
import type { Activity } from '../../api/pipeline.ts';

/** Places by the name of the activity, in pixels. */
export type Places = ReadonlyMap<string, { x: number; y: number }>;

/** How far apart activities stand. */
export const spacing = { x: 270, y: 104 } as const;

/** Columns by the longest way from a beginning; activities in a circle stand at the left. */
export const layOut = (activities: readonly Activity[]): Places => {
  const needs = new Map(
    activities.map(({ name, dependsOn }) => [name, (dependsOn ?? []).map(({ activity }) => activity)]),
  );
  const depths = new Map<string, number>();
  const depthOf = (name: string, way: ReadonlySet<string>): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    if (way.has(name)) return 0;
    const before = (needs.get(name) ?? []).filter((one) => needs.has(one));
    const depth = before.length === 0 ? 0 : 1 + Math.max(...before.map((one) => depthOf(one, new Set([...way, name]))));
    depths.set(name, depth);
    return depth;
  };
  const rows = new Map<number, number>();
  return new Map(
    activities.map(({ name }) => {
      const column = depthOf(name, new Set());
      const row = rows.get(column) ?? 0;
      rows.set(column, row + 1);
      return [name, { x: column * spacing.x, y: row * spacing.y }];
    }),
  );
};
