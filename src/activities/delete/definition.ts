import { count, datasetReference, flag, group, text } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

/** Deletes files. */
export const deleteFiles: ActivityDefinition = {
  type: 'Delete',
  summary: 'Deletes a file, the files of a folder, or those that a wildcard means.',
  typeProperties: group(
    {
      dataset: datasetReference,
      storeSettings: group({ type: text, recursive: flag, maxConcurrentConnections: count }),
      recursive: flag,
      maxConcurrentConnections: count,
      enableLogging: flag,
    },
    ['dataset'],
  ),
  run: () => import('./run.ts'),
};
