import { ActivityError } from '../base/error.ts';
import type { Database } from '../connectors/database/session.ts';
import { connectors } from '../connectors/registry.ts';
import type { ActivityJob } from './job.ts';

/** The database of an activity that runs statements: that of its linked service. Nothing is sent yet. */
export const oneDatabase = async (job: ActivityJob): Promise<Database> => {
  const { linkedService } = job;
  if (!linkedService)
    throw new ActivityError(
      'UserErrorInvalidActivity',
      `Activity '${job.name}' of type ${job.type} must name a database, in linkedServiceName.`,
    );
  const able = connectors.filter(({ statements }) => statements);
  const found = able.find(({ type }) => type === linkedService.type)?.statements;
  if (!found)
    throw new ActivityError(
      'UserErrorUnsupportedStore',
      `Linked service '${linkedService.name}' is of type ${linkedService.type}, which runs no statements. Supported: ${able.map(({ type }) => type).join(', ')}.`,
    );
  const { openDatabase } = await found.open();
  return openDatabase({
    values: linkedService.typeProperties,
    where: `Linked service '${linkedService.name}'.typeProperties`,
  });
};
