// The stored procedure activity inside a worker. What the procedure selects is nobody's, as in Azure.
import type { JsonObject } from '../../base/json.ts';
import { readParameters } from '../../connectors/database/parameter.ts';
import { groupAt, propertyError, textAt } from '../../connectors/property.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { oneDatabase } from '../one-database.ts';
import { executionFacts } from '../one-dataset.ts';

const nothing = { resultSet: () => {}, row: () => {}, message: () => {} };

/** Calls it and waits for its end. Errors: `ActivityError` with SQL's own number. */
export const run = async (job: ActivityJob, context: ActivityContext): Promise<JsonObject> => {
  const since = performance.now();
  const activity = { values: job.typeProperties, where: `Activity '${job.name}'.typeProperties` };
  const name = textAt(activity, 'storedProcedureName');
  if (!name) throw propertyError(activity, 'storedProcedureName', 'must name a stored procedure');
  const parameters = readParameters(groupAt(activity, 'storedProcedureParameters'));
  const database = await oneDatabase(job);
  const session = await database.connect(context.signal);
  try {
    await session.listen({ text: name, isProcedure: true, parameters }, nothing, context.signal);
  } finally {
    await session.close();
  }
  return executionFacts(job, since);
};
