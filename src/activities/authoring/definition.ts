// What somebody who writes a pipeline asks of a store. Run in a worker like activities; no pipeline may hold them.
import { group, text } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

/** Proves that the address and the credential of a linked service are right. */
export const testConnection: ActivityDefinition = {
  type: 'TestConnection',
  summary: 'Connects to the store of a linked service and asks for the first thing that it holds.',
  typeProperties: group({}),
  keepsTokens: true,
  run: () => import('./test-connection.ts'),
};

/** Lists what stands at a path of a store. */
export const browse: ActivityDefinition = {
  type: 'Browse',
  summary: 'Lists what stands directly at a path of a store, at most a thousand things.',
  typeProperties: group({ path: text }),
  keepsTokens: true,
  run: () => import('./browse.ts'),
};

/** Reads the first rows of a dataset. */
export const preview: ActivityDefinition = {
  type: 'Preview',
  summary: 'Reads the columns and the first rows of a dataset.',
  typeProperties: group({}),
  run: () => import('./preview.ts'),
};
