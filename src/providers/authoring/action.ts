// What somebody who writes a pipeline asks of a factory before it is saved: does this connect, what is there, how does it
// look, does it run. Each is done by a sealed worker where the linked service's activities would be done.
import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ActionType, Operation, Resource } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { SealedNetwork } from '../../network/sealed-network.ts';
import type { AttemptEnd } from '../../pipelines/attempt.ts';
import { type GivenParts, referenceName } from '../../pipelines/definition.ts';
import type { Pipelines } from '../../pipelines/pipelines.ts';
import { createAtOnce } from '../at-once.ts';
import { findReferenced, keyOf } from '../data-factory/reference.ts';
import { mayRead } from '../postern/place.ts';
import { debugRunAction } from './debug-run.ts';
import { errandFailed, type Reason, reasonsOf } from './failure.ts';
import { type Found, Given, readGiven } from './given.ts';
import { runDefinitionAction } from './run-definition.ts';

/** What these operations need of the house. */
export type AuthoringRooms = {
  pipelines: Pipelines;
  network: Pick<SealedNetwork, 'current'>;
  secretKey: SecretKey;
};

const below = 'Microsoft.DataFactory/factories/authoring';
/** Somebody waits for it: a store that does not answer in this time will not do better in more. */
const timeout = '0.00:01:00';
const mostOfFactory = 4;

const Items = Compile(
  Type.Object({
    items: Type.Array(
      Type.Object({
        name: Type.String({ maxLength: 4096 }),
        kind: Type.Enum(['Container', 'Folder', 'File', 'Schema', 'Table', 'Collection', 'Secret']),
        path: Type.String({ maxLength: 8192 }),
        size: Type.Optional(Type.Number()),
        modifiedAt: Type.Optional(Type.String({ maxLength: 40 })),
      }),
      { maxItems: 1000 },
    ),
    truncated: Type.Boolean(),
  }),
);
const Cell = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const Rows = Type.Object({
  columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String({ maxLength: 64 }) })),
  rows: Type.Array(Type.Array(Cell), { maxItems: 100 }),
  truncated: Type.Boolean(),
});
const rowsShape = Compile(Rows);

const ofLinkedService = (more: Record<string, TSchema> = {}) => Type.Object({ linkedService: Given, ...more });
const ofDataset = (more: Record<string, TSchema> = {}) =>
  Type.Object({ dataset: Given, linkedService: Type.Optional(Given), ...more });

/** What a worker is asked, and the field of the body that it is about. */
type Question = { activity: JsonObject; given: GivenParts; field: 'linkedService' | 'dataset' };

type Answered = { end: AttemptEnd; durationInMs: number; reasons: Reason[] };

const byName = (name: string, { part }: Found) => (part ? { [name.toLowerCase()]: part } : {});

const askLinkedService = async (
  operation: Operation,
  factory: Resource,
  key: SecretKey,
  activity: { type: string; name: string; typeProperties: JsonObject },
): Promise<Question> => {
  const found = await readGiven(operation, factory, key, 'LinkedServiceReference', 'linkedService');
  const given = { linkedservices: byName(String(found.reference.referenceName), found) };
  return { activity: { ...activity, linkedServiceName: found.reference }, given, field: 'linkedService' };
};

/** The linked service that a dataset names, where it is on the caller's screen only. */
const unsavedLinkedService = async (operation: Operation, factory: Resource, key: SecretKey) => {
  if (operation.body.linkedService === undefined) return null;
  const found = await readGiven(operation, factory, key, 'LinkedServiceReference', 'linkedService');
  if (found.part) return found;
  throw new ServiceError(
    400,
    'InvalidRequestContent',
    "'linkedService' is for one that is not saved; a saved one is named by the dataset. Leave it out, or give its 'properties'.",
    { target: 'linkedService' },
  );
};

const askDataset = async (operation: Operation, factory: Resource, key: SecretKey, rows: number): Promise<Question> => {
  const service = await unsavedLinkedService(operation, factory, key);
  const { dataset } = operation.body;
  const properties = isJsonObject(dataset) && isJsonObject(dataset.properties) ? dataset.properties : {};
  const named = referenceName(properties.linkedServiceName);
  const known = service && named !== null ? [keyOf(factory.key, 'LinkedServiceReference', named)] : [];
  const found = await readGiven(operation, factory, key, 'DatasetReference', 'dataset', known);
  const name = String(found.reference.referenceName);
  const stored = found.part ? null : await storedLinkedService(operation, factory, name);
  const standsFor = named ?? stored;
  return {
    activity: { name: 'preview', type: 'Preview', typeProperties: { rows }, inputs: [found.reference] },
    given: {
      datasets: byName(name, found),
      ...(service && standsFor !== null && { linkedservices: byName(standsFor, service) }),
    },
    field: 'dataset',
  };
};

const storedLinkedService = async ({ tx }: Operation, factory: Resource, dataset: string): Promise<string | null> => {
  const found = await findReferenced(tx, factory.key, 'DatasetReference', dataset);
  const properties = found && isJsonObject(found.body.properties) ? found.body.properties : {};
  return referenceName(properties.linkedServiceName);
};

/** The operations below `{factory}/providers/Postern.Authoring/`. */
export const authoringActions = (rooms: AuthoringRooms): ActionType[] => {
  const { pipelines, network, secretKey } = rooms;
  const atOnce = createAtOnce(
    mostOfFactory,
    'TooManyOperations',
    `${mostOfFactory} questions to stores of this factory are under way. Try again when one is answered.`,
  );

  const ask = async (operation: Operation, factory: Resource, { activity, given }: Question) => {
    const written = { ...activity, policy: { timeout } };
    const errand = await pipelines.planErrand(operation.tx, { factoryKey: factory.key, activity: written, given });
    return (gone: AbortSignal): Promise<Answered> =>
      atOnce(factory.key, async () => {
        const since = performance.now();
        const end = await errand(gone);
        const durationInMs = Math.round(performance.now() - since);
        const reasons = end.failure ? reasonsOf(end.failure, network.current(), (id) => mayRead(operation, id)) : [];
        return { end, durationInMs, reasons };
      });
  };

  const outputOf = ({ end, reasons }: Answered, field: string): JsonObject => {
    if (end.event === 'Succeed') return end.output;
    if (end.failure) throw errandFailed(end.failure, reasons, field);
    throw new ServiceError(503, 'OperationCancelled', 'The operation was given up.');
  };

  const unforeseen = () =>
    new ServiceError(503, 'WorkerProtocolViolation', "The worker's answer is not one that it may give. Try again.");

  const action = (name: string, body: TSchema, run: ActionType['run']): ActionType => ({
    path: `providers/Postern.Authoring/${name}`,
    method: 'POST',
    permission: `${below}/${name}/action`,
    body,
    run,
  });

  const testConnection = action('testConnection', ofLinkedService(), async (operation, factory) => {
    const activity = { name: 'testConnection', type: 'TestConnection', typeProperties: {} };
    const answer = await ask(operation, factory, await askLinkedService(operation, factory, secretKey, activity));
    return {
      later: async (gone) => {
        const { end, durationInMs, reasons } = await answer(gone);
        if (end.event === 'Succeed') return { succeeded: true, durationInMs };
        if (!end.failure) throw new ServiceError(503, 'OperationCancelled', 'The operation was given up.');
        const { errorCode: code, message } = end.failure;
        return { succeeded: false, durationInMs, error: { code, message, details: reasons } };
      },
    };
  });

  const path = Type.Optional(Type.String({ maxLength: 2048 }));
  const browse = action('browse', ofLinkedService({ path }), async (operation, factory) => {
    const typeProperties = { path: operation.body.path ?? '' };
    const activity = { name: 'browse', type: 'Browse', typeProperties };
    const question = await askLinkedService(operation, factory, secretKey, activity);
    const answer = await ask(operation, factory, question);
    return {
      later: async (gone) => {
        const output = outputOf(await answer(gone), question.field);
        if (!Items.Check(output)) throw unforeseen();
        const { items, truncated } = output;
        return { items, truncated };
      },
    };
  });

  const look = async (operation: Operation, factory: Resource, rows: number) => {
    const question = await askDataset(operation, factory, secretKey, rows);
    const answer = await ask(operation, factory, question);
    return async (gone: AbortSignal): Promise<Static<typeof Rows>> => {
      const output = outputOf(await answer(gone), question.field);
      if (!rowsShape.Check(output)) throw unforeseen();
      const { columns, rows: found, truncated } = output as Static<typeof Rows>;
      return { columns, rows: found, truncated };
    };
  };

  const rows = Type.Optional(Type.Integer({ minimum: 1, maximum: 100 }));
  const preview = action('preview', ofDataset({ rows }), async (operation, factory) => ({
    later: await look(operation, factory, Number(operation.body.rows ?? 100)),
  }));

  const schema = action('schema', ofDataset(), async (operation, factory) => {
    const read = await look(operation, factory, 0);
    return { later: async (gone) => ({ columns: (await read(gone)).columns }) };
  });

  return [testConnection, browse, preview, schema, debugRunAction(pipelines, below), runDefinitionAction(pipelines)];
};
