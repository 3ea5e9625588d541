import { group, list, text } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

/** Runs statements in a database. */
export const script: ActivityDefinition = {
  type: 'Script',
  summary: 'Runs statements in a database and answers with their result sets, up to 5,000 rows and 4 MB.',
  typeProperties: group({ scripts: list, scriptBlockExecutionTimeout: text }, ['scripts']),
  run: () => import('./run.ts'),
};
