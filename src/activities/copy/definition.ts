import { count, flag, group, text } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

const storeSettings = group({ type: text, recursive: flag, maxConcurrentConnections: count }, ['type']);
const side = group({ type: text, storeSettings, formatSettings: group({ type: text }), writeBatchSize: count }, [
  'type',
]);

/** Copies files or tables from one store to another, as bytes or as rows. */
export const copy: ActivityDefinition = {
  type: 'Copy',
  summary: 'Copies files or tables from one store to another, as bytes or as rows.',
  typeProperties: group(
    {
      source: side,
      sink: side,
      translator: group({ type: text }),
      parallelCopies: count,
      dataIntegrationUnits: count,
      validateDataConsistency: flag,
    },
    ['source', 'sink'],
  ),
  run: () => import('./run.ts'),
};
