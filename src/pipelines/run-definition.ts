import type { JsonObject } from '../base/json.ts';
import type { Database, Tx } from '../database/database.ts';
import { type Definition, propertiesOf } from './definition.ts';

/** The pipeline that a run of a factory runs, as it was when the run was asked for; undefined where there is no such run. */
export const findRunDefinition = async (
  db: Database | Tx,
  factoryKey: string,
  runId: string,
): Promise<{ name: string; properties: JsonObject } | undefined> => {
  const row = await db
    .selectFrom('pipeline_run')
    .select('definition')
    .where('run_id', '=', runId)
    .where('factory_key', '=', factoryKey)
    .executeTakeFirst();
  if (!row) return undefined;
  const { pipeline } = JSON.parse(row.definition) as Definition;
  return { name: pipeline.name, properties: propertiesOf(pipeline) };
};
