import { group } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

/** Tries what a network should let pass, and what it should not, from inside a worker of it. */
export const probe: ActivityDefinition = {
  type: 'PosternProbe',
  summary: 'Tries connections, datagrams and names from inside the worker and tells what came of each.',
  typeProperties: group({ attempts: { type: 'array' } }, ['attempts']),
  run: () => import('./run.ts'),
};
