import { datasetReference, flag, group, text } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

/** Reads rows for the activities that follow. */
export const lookup: ActivityDefinition = {
  type: 'Lookup',
  summary: 'Reads the first row, or up to 5,000 rows and 4 MB, of a file or a table for the activities that follow.',
  typeProperties: group({ source: group({ type: text }, ['type']), dataset: datasetReference, firstRowOnly: flag }, [
    'source',
    'dataset',
  ]),
  run: () => import('./run.ts'),
};
