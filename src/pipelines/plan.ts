// What a run does next, from its activities and how far each is. Pure: Azure's rules for dependencies, retries,
// inactive activities and the outcome of a pipeline, and nothing else.
import type { ActivityRunState } from './activity-run.ts';

export type Condition = 'Succeeded' | 'Failed' | 'Skipped' | 'Completed';
export type Outcome = 'Succeeded' | 'Failed' | 'Skipped';

/** An activity, as far as planning goes. */
export type PlannedActivity = {
  name: string;
  /** Conditions on one activity are alternatives; all activities named must meet theirs. */
  dependsOn: readonly { activity: string; conditions: readonly Condition[] }[];
  /** How often it is tried again after a failure, and how long after, milliseconds. */
  retry: number;
  retryIntervalMs: number;
  /** An inactive activity is not run; it counts as this. */
  inactive: Outcome | null;
};

/** The latest attempt at an activity. */
export type Attempt = { attempt: number; state: ActivityRunState; endedAtMs: number | null };

export type Plan = {
  /** Attempts to begin now; the first is 0. */
  start: { activity: string; attempt: number }[];
  /** Activities that reach their end without being run. */
  mark: { activity: string; outcome: Outcome }[];
  /** When the next retry is due, milliseconds since the epoch; null where none waits. */
  retryAtMs: number | null;
  /** How the run ends, once nothing runs, waits or can start. `culprits` are the failed activities that decided it. */
  end: { state: 'Succeeded' | 'Failed'; culprits: string[] } | null;
};

type Standing = { is: 'absent' } | { is: 'open' } | { is: 'due'; atMs: number } | { is: 'ended'; outcome: Outcome };

const standingOf = (activity: PlannedActivity, latest: Attempt | undefined): Standing => {
  switch (latest?.state) {
    case undefined:
      return { is: 'absent' };
    case 'Queued':
    case 'InProgress':
      return { is: 'open' };
    case 'Succeeded':
    case 'Skipped':
      return { is: 'ended', outcome: latest.state };
    case 'Cancelled':
      return { is: 'ended', outcome: 'Failed' };
    case 'Failed':
    case 'TimedOut':
      return activity.inactive === null && latest.attempt < activity.retry
        ? { is: 'due', atMs: (latest.endedAtMs ?? 0) + activity.retryIntervalMs }
        : { is: 'ended', outcome: 'Failed' };
  }
};

const meets = (outcome: Outcome, conditions: readonly Condition[]): boolean =>
  conditions.includes(outcome) || (outcome !== 'Skipped' && conditions.includes('Completed'));

type Readiness = 'ready' | 'never' | 'not yet';

const readinessOf = (activity: PlannedActivity, standings: ReadonlyMap<string, Standing>): Readiness => {
  let readiness: Readiness = 'ready';
  for (const { activity: name, conditions } of activity.dependsOn) {
    const standing = standings.get(name);
    // What is not there never meets a condition.
    if (standing === undefined) return 'never';
    if (standing.is !== 'ended') readiness = 'not yet';
    else if (!meets(standing.outcome, conditions)) return 'never';
  }
  return readiness;
};

/**
 * A pipeline fails if a leaf failed. A skipped leaf says nothing itself: the activities it depends on are asked in its
 * place.
 */
const culpritsOf = (activities: readonly PlannedActivity[], outcomes: ReadonlyMap<string, Outcome>): string[] => {
  const byName = new Map(activities.map((activity) => [activity.name, activity]));
  const parents = new Set(activities.flatMap((activity) => activity.dependsOn.map((on) => on.activity)));
  const asked = new Set<string>();
  const ask = [...byName.keys()].filter((name) => !parents.has(name));
  const culprits: string[] = [];
  for (let name = ask.pop(); name !== undefined; name = ask.pop()) {
    if (asked.has(name)) continue;
    asked.add(name);
    if (outcomes.get(name) === 'Failed') culprits.push(name);
    if (outcomes.get(name) === 'Skipped') ask.push(...(byName.get(name)?.dependsOn.map((on) => on.activity) ?? []));
  }
  return activities.map(({ name }) => name).filter((name) => culprits.includes(name));
};

/** The next steps at `nowMs`, given the latest attempt at each activity that has one. */
export const plan = (
  activities: readonly PlannedActivity[],
  latest: ReadonlyMap<string, Attempt>,
  nowMs: number,
): Plan => {
  const standings = new Map(activities.map((each) => [each.name, standingOf(each, latest.get(each.name))]));
  const found: Plan = { start: [], mark: [], retryAtMs: null, end: null };
  const markAs = (activity: PlannedActivity, outcome: Outcome) => {
    standings.set(activity.name, { is: 'ended', outcome });
    found.mark.push({ activity: activity.name, outcome });
  };
  // Each mark may decide others: until a round decides nothing more.
  for (let decided = -1; decided !== found.mark.length; ) {
    decided = found.mark.length;
    for (const activity of activities) {
      if (standings.get(activity.name)!.is !== 'absent') continue;
      const readiness = readinessOf(activity, standings);
      if (readiness === 'never') markAs(activity, 'Skipped');
      else if (readiness === 'ready' && activity.inactive !== null) markAs(activity, activity.inactive);
    }
  }
  for (const activity of activities) {
    const standing = standings.get(activity.name)!;
    if (standing.is === 'absent' && readinessOf(activity, standings) === 'ready')
      found.start.push({ activity: activity.name, attempt: 0 });
    if (standing.is !== 'due') continue;
    if (standing.atMs <= nowMs)
      found.start.push({ activity: activity.name, attempt: latest.get(activity.name)!.attempt + 1 });
    else found.retryAtMs = Math.min(found.retryAtMs ?? standing.atMs, standing.atMs);
  }
  const isUnderWay = found.start.length > 0 || [...standings.values()].some(({ is }) => is === 'open' || is === 'due');
  if (isUnderWay) return found;
  // Activities in a circle wait for each other for ever. They are refused when written; should one come, it fails.
  const stuck = activities.filter(({ name }) => standings.get(name)!.is === 'absent').map(({ name }) => name);
  const outcomes = new Map<string, Outcome>();
  for (const [name, standing] of standings) if (standing.is === 'ended') outcomes.set(name, standing.outcome);
  const culprits = [...culpritsOf(activities, outcomes), ...stuck];
  found.end = { state: culprits.length === 0 ? 'Succeeded' : 'Failed', culprits };
  return found;
};
