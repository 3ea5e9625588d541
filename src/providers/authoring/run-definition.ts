import type { ActionType } from '../../arm/resource-type.ts';
import type { Pipelines } from '../../pipelines/pipelines.ts';

/**
 * `GET {factory}/providers/Postern.Authoring/runDefinitions/{runId}`: `{ name, properties }` of the pipeline as it was when
 * the run was asked for, whatever has become of it. Errors: 404 `PipelineRunNotFound`.
 */
export const runDefinitionAction = (pipelines: Pipelines): ActionType => ({
  path: 'providers/Postern.Authoring/runDefinitions/{runId}',
  method: 'GET',
  // What it tells is the pipeline, not how the run went.
  permission: 'Microsoft.DataFactory/factories/pipelines/read',
  run: async ({ tx }, factory, { runId = '' }) => ({ body: await pipelines.getDefinition(tx, factory.key, runId) }),
});
