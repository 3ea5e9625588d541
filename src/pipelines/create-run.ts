// A run is asked for: what it refers to is copied, its parameters are bound, its activities are known to run here, and
// all of it is one row before anybody is told its id.
import { randomUUID } from 'node:crypto';
import { messageOf, ServiceError } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { Tx } from '../database/database.ts';
import { putBack, readSecrets, type SecretKey } from '../database/secret.ts';
import { recordStart } from '../database/transition.ts';
import { ExpressionError } from '../expressions/evaluate.ts';
import { bindParameters, ParameterError } from '../expressions/parameter.ts';
import { type Activity, PolicyError, readActivities } from './activity.ts';
import { carryOver } from './carry-over.ts';
import { type Definition, objectOf, readAround, readDefinition } from './definition.ts';
import { type PipelineRunState, pipelineRunMachine } from './pipeline-run.ts';
import type { RunRequest } from './pipelines.ts';
import { declaredParameters, openParameters, scopeOf, sealParameters } from './run-parameter.ts';

const maxQueued = 100;

const refuse = (message: string, target: string, code = 'BadRequest') =>
  new ServiceError(400, code, message, { target });

const requireKnownStart = (request: RunRequest): void => {
  if (request.startActivityName !== undefined)
    throw refuse(
      'A run begins with its first activities, or with what failed in an earlier run (startFromFailure); startActivityName is not supported yet.',
      'startActivityName',
    );
  if (request.startFromFailure && request.referencePipelineRunId === undefined)
    throw refuse(
      'startFromFailure goes on from an earlier run: name it as referencePipelineRunId.',
      'startFromFailure',
    );
};

const requireSupported = (activities: readonly Activity[], types: ReadonlySet<string>): void => {
  const other = activities.find(({ inactive, type }) => inactive === null && !types.has(type));
  if (!other) return;
  throw refuse(
    `The activity ${other.name} is of type ${other.type}, which is not supported yet. Supported: ${[...types].sort().join(', ')}. Set its state to Inactive to run the pipeline without it.`,
    other.name,
    'ActivityTypeNotSupported',
  );
};

/** Parameters of the run that is referred to, and its group. */
const readReferenced = async (tx: Tx, key: SecretKey, factoryKey: string, runId: string) => {
  const run = await tx
    .selectFrom('pipeline_run')
    .select(['run_group_id', 'parameters', 'definition', 'pipeline_name', 'state'])
    .where('run_id', '=', runId)
    .where('factory_key', '=', factoryKey)
    .executeTakeFirst();
  if (!run)
    throw refuse(
      `The run ${runId}, which referencePipelineRunId names, was not found.`,
      'pipelinerun',
      'ReferencedPipelineRunNotFound',
    );
  const definition = JSON.parse(run.definition) as Definition;
  const values = openParameters(key, runId, JSON.parse(run.parameters) as JsonObject, definition.sealedParameters);
  const state = run.state as PipelineRunState;
  return { groupId: run.run_group_id, values, run: { runId, pipelineName: run.pipeline_name, state, definition } };
};

const requireRoom = async (tx: Tx, request: RunRequest, definition: Definition): Promise<void> => {
  const { queued } = await tx
    .selectFrom('pipeline_run')
    .select((row) => row.fn.countAll<number>().as('queued'))
    .where('factory_key', '=', request.factoryKey)
    .where('pipeline_name', '=', definition.pipeline.name)
    .where('state', '=', 'Queued')
    .executeTakeFirstOrThrow();
  if (Number(queued) >= maxQueued)
    throw new ServiceError(
      429,
      'TooManyRequests',
      `${maxQueued} runs of ${definition.pipeline.name} are queued already. Wait for some to end, or raise the pipeline's concurrency.`,
      { target: definition.pipeline.name, headers: { 'retry-after': '10' } },
    );
};

/** Turns what is wrong with a request's values into an answer for who asked. */
const asRefusal = (error: unknown): unknown => {
  if (error instanceof ParameterError) return refuse(messageOf(error), `parameters.${error.parameter}`);
  if (error instanceof ExpressionError) return refuse(messageOf(error), error.path);
  if (error instanceof PolicyError) return refuse(messageOf(error), 'policy');
  return error;
};

/** Writes a Queued run. `types` are the activity types that run here. */
export const createRun = async (
  tx: Tx,
  key: SecretKey,
  types: ReadonlySet<string>,
  request: RunRequest,
  now: string,
): Promise<{ runId: string; definition: Definition }> => {
  requireKnownStart(request);
  const { unsaved, factoryKey, pipelineName } = request;
  const definition = unsaved
    ? await readAround(tx, factoryKey, { key: '', name: pipelineName, body: unsaved }, `the pipeline ${pipelineName}`)
    : await readDefinition(tx, factoryKey, pipelineName);
  const runId = randomUUID();
  const earlier =
    request.referencePipelineRunId === undefined
      ? null
      : await readReferenced(tx, key, request.factoryKey, request.referencePipelineRunId);
  try {
    const declared = declaredParameters(definition);
    const secrets = await readSecrets(tx, key, definition.pipeline.key);
    const pipeline = { ...definition.pipeline, body: putBack(definition.pipeline.body, secrets) };
    const given =
      earlier === null ? request.parameters : { ...onlyDeclared(earlier.values, declared), ...request.parameters };
    const values = bindParameters(declaredParameters({ ...definition, pipeline }), given, `pipeline ${pipeline.name}`);
    const { shown, sealed } = sealParameters(key, runId, declared, values);
    definition.sealedParameters = sealed;
    const runGroupId = earlier?.groupId ?? runId;
    const scope = scopeOf(definition, { runId, runGroupId, queuedAt: now }, values);
    const activities = readActivities(definition, scope);
    requireSupported(activities, types);
    await requireRoom(tx, request, definition);
    await tx
      .insertInto('pipeline_run')
      .values({
        run_id: runId,
        run_group_id: runGroupId,
        factory_key: request.factoryKey,
        pipeline_name: definition.pipeline.name,
        definition: JSON.stringify(definition),
        parameters: JSON.stringify(shown),
        invoked_by: JSON.stringify({ ...request.invokedBy, ...(unsaved && { isDebug: true }) }),
        prior_state: '',
        state: 'Queued',
        version: 1,
        message: '',
        queued_at: now,
        started_at: null,
        ended_at: null,
        updated_at: now,
      })
      .execute();
    const by = { objectId: request.invokedBy.id, name: request.invokedBy.name };
    const cause = { at: now, by, reason: '' };
    await recordStart(tx, pipelineRunMachine, runId, 'Queued', 'Create', cause);
    if (request.startFromFailure && earlier !== null)
      await carryOver(
        tx,
        { runId, factoryKey, pipelineName: definition.pipeline.name },
        earlier.run,
        activities,
        cause,
      );
  } catch (error) {
    throw asRefusal(error);
  }
  return { runId, definition };
};

const onlyDeclared = (values: JsonObject, declared: JsonObject): JsonObject =>
  objectOf(Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(declared, name))));
