// `debugRun`: a pipeline as it is on somebody's screen, run as a saved one would be.
import { Type } from 'typebox';
import type { ActionType } from '../../arm/resource-type.ts';
import { checkName } from '../../arm/validation.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { Pipelines } from '../../pipelines/pipelines.ts';
import { partAuthored } from '../data-factory/authoring.ts';
import { requireOneNetworkPerCopy } from '../data-factory/copy-side.ts';
import { knownTypes } from '../data-factory/known-type.ts';
import { authoringName } from '../data-factory/name.ts';
import { checkPipeline } from '../data-factory/pipeline.ts';
import { findReferenced, keyOf } from '../data-factory/reference.ts';
import { refusedAt } from '../data-factory/schema.ts';

const Ask = Type.Object({
  pipeline: Type.Object({ name: Type.String({ minLength: 1, maxLength: 260 }), properties: Type.Object({}) }),
  parameters: Type.Optional(Type.Object({})),
});

type Tx = Parameters<ActionType['run']>[0]['tx'];

/** The body as a run keeps it. */
const readPipeline = async (tx: Tx, factoryKey: string, name: string, body: JsonObject): Promise<JsonObject> => {
  checkName(authoringName, name, 'Pipeline');
  checkPipeline(knownTypes, body);
  const existing = await findReferenced(tx, factoryKey, 'PipelineReference', name);
  const known = [keyOf(factoryKey, 'PipelineReference', name)];
  const parted = await partAuthored(tx, 'Pipeline', { factoryKey, known, name, body, existing });
  const [secret] = [...parted.secrets.keys(), ...parted.kept];
  if (secret !== undefined)
    throw new ServiceError(
      400,
      'SecretInUnsavedPipeline',
      `'${secret}' holds a secret, and a run keeps its pipeline. Save the pipeline and run it, or make the secret a parameter of type SecureString.`,
      { target: secret },
    );
  await requireOneNetworkPerCopy(tx, factoryKey, parted.body);
  return parted.body;
};

/** `POST {factory}/providers/Postern.Authoring/debugRun`: answers `{ runId }` of a run that says it is a debug run. */
export const debugRunAction = (pipelines: Pipelines, permissions: string): ActionType => ({
  path: 'providers/Postern.Authoring/debugRun',
  method: 'POST',
  permission: `${permissions}/debugRun/action`,
  body: Ask,
  run: async ({ tx, body, caller, afterCommit }, factory) => {
    const { pipeline, parameters } = body;
    const { name, properties } = pipeline as { name: string; properties: JsonObject };
    let unsaved: JsonObject;
    try {
      unsaved = await readPipeline(tx, factory.key, name, { properties });
    } catch (error) {
      throw refusedAt('pipeline', error);
    }
    const run = await pipelines.createRun(tx, {
      factoryKey: factory.key,
      pipelineName: name,
      unsaved,
      parameters: isJsonObject(parameters) ? parameters : {},
      invokedBy: { id: caller.objectId, name: caller.name, invokedByType: 'Manual' },
    });
    afterCommit(async () => run.afterCommit());
    return { body: { runId: run.runId } };
  },
});
