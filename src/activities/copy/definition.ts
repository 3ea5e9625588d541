import { count, flag, group, list, text } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

const storeSettings = group({ type: text, recursive: flag, maxConcurrentConnections: count }, ['type']);
const side = group(
  {
    type: text,
    storeSettings,
    formatSettings: group({
      type: text,
      compressionProperties: group({
        type: text,
        preserveZipFileNameAsFolder: flag,
        preserveCompressionFileNameAsFolder: flag,
      }),
    }),
    writeBatchSize: count,
    partitionOption: text,
    partitionSettings: group({ partitionColumnName: text, partitionNames: list }),
  },
  ['type'],
);

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
      enableStaging: flag,
      stagingSettings: group({ path: text, enableCompression: flag }),
      skipErrorFile: group({ fileMissing: flag, fileForbidden: flag, dataInconsistency: flag, invalidFileName: flag }),
      preserve: list,
    },
    ['source', 'sink'],
  ),
  run: () => import('./run.ts'),
};
