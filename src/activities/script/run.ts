// The Script activity inside a worker: statements in order, by one connection.
import { ActivityError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { readParameter } from '../../connectors/database/parameter.ts';
import type { Session, Statement } from '../../connectors/database/session.ts';
import { choiceAt, groupAt, groupsAt, type Properties, propertyError, textAt } from '../../connectors/property.ts';
import { timeoutAt } from '../../connectors/timeout.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { oneDatabase } from '../one-database.ts';
import { executionFacts } from '../one-dataset.ts';
import { createResult } from './result.ts';

type Script = { statement: Statement; isQuery: boolean; where: string };

const readScript = (from: Properties): Script => {
  const text = textAt(from, 'text');
  if (!text) throw propertyError(from, 'text', 'must hold the statements');
  const parameters = (groupsAt(from, 'parameters') ?? []).map((one) => {
    const name = textAt(one, 'name');
    if (!name) throw propertyError(one, 'name', 'must be given');
    return readParameter(name, one);
  });
  const isQuery = (choiceAt(from, 'type', ['Query', 'NonQuery']) ?? 'Query') === 'Query';
  return { statement: { text, parameters }, isQuery, where: from.where };
};

const readLogs = (activity: Properties): boolean => {
  const settings = groupAt(activity, 'logSettings');
  const destination = choiceAt(settings, 'logDestination', ['ActivityOutput', 'ExternalStore']);
  if (destination === 'ExternalStore')
    throw propertyError(settings, 'logDestination', 'must be ActivityOutput; a store for logs is not supported');
  return destination === 'ActivityOutput';
};

/** Runs one script; ends it, and the connection, when it takes longer than it may. */
const runOne = async (
  session: Session,
  { statement, where }: Script,
  timeoutMs: number | undefined,
  listener: Parameters<Session['listen']>[1],
  outer: AbortSignal,
) => {
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  try {
    return await session.listen(statement, listener, timeout ? AbortSignal.any([outer, timeout]) : outer);
  } catch (error) {
    if (!timeout?.aborted || outer.aborted) throw error;
    throw new ActivityError(
      'ScriptTimedOut',
      `${where} took longer than scriptBlockExecutionTimeout, ${timeoutMs! / 1000} seconds, and was ended.`,
    );
  }
};

/** Answers with the result sets of its queries and the rows that were written. Errors: `ActivityError`; what earlier statements did stays. */
export const run = async (job: ActivityJob, context: ActivityContext): Promise<JsonObject> => {
  const since = performance.now();
  const activity = { values: job.typeProperties, where: `Activity '${job.name}'.typeProperties` };
  const scripts = (groupsAt(activity, 'scripts') ?? []).map(readScript);
  if (scripts.length === 0) throw propertyError(activity, 'scripts', 'must hold at least one script');
  const timeoutMs = timeoutAt(activity, 'scriptBlockExecutionTimeout');
  const result = createResult(readLogs(activity));
  const database = await oneDatabase(job);
  const session = await database.connect(context.signal);
  try {
    for (const script of scripts)
      result.add(await runOne(session, script, timeoutMs, result.listener(script.isQuery), context.signal));
  } finally {
    await session.close();
  }
  return { ...result.output(), ...executionFacts(job, since) };
};
