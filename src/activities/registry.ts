import { browse, preview, testConnection } from './authoring/definition.ts';
import { copy } from './copy/definition.ts';
import type { ActivityDefinition } from './definition.ts';
import { deleteFiles } from './delete/definition.ts';
import { getMetadata } from './get-metadata/definition.ts';
import { helloWorld } from './hello-world/definition.ts';
import { lookup } from './lookup/definition.ts';
import { probe } from './probe/definition.ts';
import { script } from './script/definition.ts';
import { sqlServerStoredProcedure } from './sql-server-stored-procedure/definition.ts';

/** Every activity that a pipeline may hold and a worker runs, in order of reading. What only steers a pipeline is in `src/pipelines/`. */
export const activities: readonly ActivityDefinition[] = [
  copy,
  lookup,
  getMetadata,
  deleteFiles,
  script,
  sqlServerStoredProcedure,
  helloWorld,
];

/** All that a worker runs: also what Postern itself asks of one, which no pipeline may hold. */
export const workerActivities: readonly ActivityDefinition[] = [...activities, probe, testConnection, browse, preview];
