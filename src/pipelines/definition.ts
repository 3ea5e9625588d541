// What a run needs to know of its factory, as it was when the run was asked for. Secrets are not in it: they are read
// when a job is sent.
import { ServiceError } from '../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Tx } from '../database/database.ts';
import { readResource } from '../database/resource.ts';

/** One resource as it was. One that is stored nowhere has no key, and its secrets with it: in memory only. */
export type Part = { key: string; name: string; body: JsonObject; secrets?: ReadonlyMap<string, Json> };

/** A pipeline and all that it refers to, by lower-case name. Kept as JSON with the run. */
export type Definition = {
  factory: { key: string; name: string; location: string };
  pipeline: Part;
  datasets: Record<string, Part>;
  linkedServices: Record<string, Part>;
  runtimes: Record<string, Part>;
  /** Values of parameters of type SecureString, sealed for this run, base64. */
  sealedParameters: Record<string, string>;
};

/** The runtime of a linked service that names none. It exists without being stored. */
export const defaultRuntime = 'AutoResolveIntegrationRuntime';

/** A value if it is an object, else an empty one. */
export const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** The `properties` of a part. */
export const propertiesOf = (part: Part): JsonObject => objectOf(part.body.properties);

/** The activities of a pipeline, as written. */
export const activitiesOf = (pipeline: Part): JsonObject[] => {
  const { activities } = propertiesOf(pipeline);
  return Array.isArray(activities) ? activities.filter(isJsonObject) : [];
};

/** The part of that name, if the run has it. */
export const partOf = (parts: Record<string, Part>, name: string): Part | undefined =>
  Object.hasOwn(parts, name.toLowerCase()) ? parts[name.toLowerCase()] : undefined;

/** The name in a reference (`{ referenceName, type }`), or null. */
export const referenceName = (value: Json | undefined): string | null =>
  isJsonObject(value) && typeof value.referenceName === 'string' ? value.referenceName : null;

/** Every reference of that type in a value. */
export const referencesIn = (value: Json, type: string): JsonObject[] => {
  if (Array.isArray(value)) return value.flatMap((item) => referencesIn(item, type));
  if (!isJsonObject(value)) return [];
  const own = value.type === type && referenceName(value) !== null ? [value] : [];
  return [...own, ...Object.values(value).flatMap((item) => referencesIn(item, type))];
};

const namesOf = (value: Json, type: string): string[] =>
  referencesIn(value, type).map((reference) => referenceName(reference)!);
/** Parts by lower-case name that stand in for what is stored under that name, or for what is stored nowhere. */
export type GivenParts = { datasets?: Record<string, Part>; linkedservices?: Record<string, Part> };

const readPart = async (tx: Tx, factoryKey: string, folder: string, name: string): Promise<Part | null> => {
  const found = name.includes('/') ? null : await readResource(tx, `${factoryKey}/${folder}/${name}`.toLowerCase());
  return found && { key: found.key, name: found.name, body: found.body };
};

/** Reads a pipeline of a factory and all that it refers to. Errors: 404 `PipelineNotFound`; 400 `BadRequest` naming the reference. */
export const readDefinition = async (tx: Tx, factoryKey: string, pipelineName: string): Promise<Definition> => {
  const pipeline = await readPart(tx, factoryKey, 'pipelines', pipelineName);
  if (!pipeline)
    throw new ServiceError(404, 'PipelineNotFound', `The pipeline ${pipelineName} was not found in ${factoryKey}.`, {
      target: pipelineName,
    });
  return readAround(tx, factoryKey, pipeline, `the pipeline ${pipeline.name}`);
};

/** Reads all that a pipeline, stored or not, refers to. Errors: 400 `BadRequest` naming the reference; `by` is who makes it. */
export const readAround = async (
  tx: Tx,
  factoryKey: string,
  pipeline: Part,
  by: string,
  given: GivenParts = {},
): Promise<Definition> => {
  const factory = await readResource(tx, factoryKey);
  if (!factory) throw new ServiceError(404, 'ResourceNotFound', `The data factory ${factoryKey} was not found.`);
  const read = async (folder: string, name: string): Promise<Part | null> =>
    given[folder as keyof GivenParts]?.[name] ?? readPart(tx, factoryKey, folder, name);
  const readAll = async (folder: string, word: string, names: readonly string[], by: string) => {
    const parts: [string, Part][] = [];
    for (const name of new Set(names.map((each) => each.toLowerCase()))) {
      const part = await read(folder, name);
      if (part) parts.push([name, part]);
      else if (name !== defaultRuntime.toLowerCase())
        throw new ServiceError(400, 'BadRequest', `The ${word} ${name}, which ${by} refers to, does not exist.`, {
          target: name,
        });
    }
    return Object.fromEntries(parts);
  };
  const activities = activitiesOf(pipeline);
  const datasets = await readAll('datasets', 'dataset', namesOf(activities, 'DatasetReference'), by);
  const linkedServices = await readAll(
    'linkedservices',
    'linked service',
    namesOf([...activities, ...Object.values(datasets).map(propertiesOf)], 'LinkedServiceReference'),
    by,
  );
  const vaults = await readAll(
    'linkedservices',
    'linked service',
    namesOf(Object.values(linkedServices).map(propertiesOf), 'LinkedServiceReference'),
    by,
  );
  const runtimes = await readAll(
    'integrationruntimes',
    'integration runtime',
    [
      defaultRuntime,
      ...namesOf(
        Object.values(linkedServices).map((part) => propertiesOf(part).connectVia ?? null),
        'IntegrationRuntimeReference',
      ),
    ],
    by,
  );
  const { key, name, location } = factory;
  return {
    factory: { key, name, location: location ?? '' },
    pipeline,
    datasets,
    linkedServices: { ...vaults, ...linkedServices },
    runtimes,
    sealedParameters: {},
  };
};
