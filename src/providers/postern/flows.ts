// `flows`: what a network's workers tried, and what came of it.
import type { ActionType, Operation } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Database } from '../../database/database.ts';
import type { FlowRecord } from '../../network/policy/model.ts';
import { readScopeOf } from './place.ts';
import type { NetworkRooms } from './probe.ts';

const mostFlows = 1000;
const usualFlows = 100;

const bad = (name: string, rule: string) =>
  new ServiceError(400, 'InvalidQueryParameter', `The query parameter '${name}' must be ${rule}.`, { target: name });

/** Reads `since` and `top`. */
export const readAsk = ({ query }: Operation): { top: number; changedSince?: string } => {
  const { since, top: written } = query;
  const top = written === undefined ? usualFlows : Number(written);
  if (!Number.isInteger(top) || top < 1 || top > mostFlows) throw bad('top', `a whole number from 1 to ${mostFlows}`);
  if (since === undefined) return { top };
  if (!/^\d{4}-\d\d-\d\d/.test(since) || Number.isNaN(Date.parse(since)))
    throw bad('since', 'an instant in ISO 8601, as 2026-11-01T12:00:00Z');
  return { top, changedSince: since };
};

type Activity = { pipelineRunId: string; activityName: string };

const readActivities = async (database: Database, ids: readonly string[]): Promise<Map<string, Activity>> => {
  if (ids.length === 0) return new Map();
  const rows = await database
    .selectFrom('activity_run')
    .select(['activity_run_id', 'run_id', 'activity_name'])
    .where('activity_run_id', 'in', [...ids])
    .execute();
  return new Map(
    rows.map((row) => [row.activity_run_id, { pipelineRunId: row.run_id, activityName: row.activity_name }]),
  );
};

const show = (flow: FlowRecord, activityRunId: string | null, activity: Activity | undefined): JsonObject => ({
  ...flow,
  durationMs: flow.endedAt === null ? null : Math.max(0, Date.parse(flow.endedAt) - Date.parse(flow.at)),
  activityRunId: activity ? activityRunId : null,
  activityName: activity?.activityName ?? null,
  pipelineRunId: activity?.pipelineRunId ?? null,
});

/** `GET {network or factory}/providers/Postern.Network/flows?since=&top=`: newest first; `since` is when they began or ended. */
export const flowsAction = (rooms: NetworkRooms, permission: string): ActionType => ({
  path: 'providers/Postern.Network/flows',
  method: 'GET',
  permission,
  run: async (operation, resource) => {
    const { top, changedSince } = readAsk(operation);
    const { networks } = await readScopeOf(operation, resource);
    const filter = { limit: top, ...(changedSince !== undefined && { changedSince }) };
    // The gateways are asked for what they have not told yet: nobody waits for them in a transaction.
    const later = async () => {
      const found = await Promise.all(networks.map((network) => rooms.network.flows({ ...filter, network })));
      const flows = found
        .flat()
        .sort((one, other) => other.at.localeCompare(one.at))
        .slice(0, top);
      const jobs = flows.map((flow) => rooms.runtime.jobAt(flow.worker, flow.at));
      const activities = await readActivities(rooms.database, [...new Set(jobs.filter((job) => job !== null))]);
      return { value: flows.map((flow, index) => show(flow, jobs[index]!, activities.get(jobs[index] ?? ''))) };
    };
    return { later };
  },
});
