import { group, text } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

/** The living template of an activity: answers with a greeting. */
export const helloWorld: ActivityDefinition = {
  type: 'HelloWorld',
  summary: 'Greets from inside the worker: proves that a pipeline runs, without any store.',
  typeProperties: group({ name: text }),
  run: () => import('./run.ts'),
};
