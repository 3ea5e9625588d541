import { copy } from './copy/definition.ts';
import type { ActivityDefinition } from './definition.ts';
import { helloWorld } from './hello-world/definition.ts';

/** Every activity that a worker runs, in order of reading. What only steers a pipeline is in `src/pipelines/`. */
export const activities: readonly ActivityDefinition[] = [copy, helloWorld];
