import { datasetReference, group, list, text } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

/** Tells what a dataset is, without its data. */
export const getMetadata: ActivityDefinition = {
  type: 'GetMetadata',
  summary: 'Tells the name, size, times, children, columns or existence of a file, a folder or a table.',
  typeProperties: group(
    {
      dataset: datasetReference,
      fieldList: list,
      storeSettings: group({ type: text }),
      formatSettings: group({ type: text }),
    },
    ['dataset'],
  ),
  run: () => import('./run.ts'),
};
