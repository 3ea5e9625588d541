// Who names whom inside a factory. A body may name only what exists, and what is named may not be deleted.
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Tx } from '../../database/database.ts';
import { listChildren, type Resource, readResource } from '../../database/resource.ts';
import { pathBelow } from '../../database/secret.ts';
import { defaultRuntime } from '../../pipelines/definition.ts';

/** The kinds of resource that are named by others, by the `type` of the reference. */
export const referable = {
  IntegrationRuntimeReference: {
    word: 'integration runtime',
    type: 'Microsoft.DataFactory/factories/integrationRuntimes',
  },
  LinkedServiceReference: { word: 'linked service', type: 'Microsoft.DataFactory/factories/linkedservices' },
  DatasetReference: { word: 'dataset', type: 'Microsoft.DataFactory/factories/datasets' },
  PipelineReference: { word: 'pipeline', type: 'Microsoft.DataFactory/factories/pipelines' },
} as const;

export type ReferenceKind = keyof typeof referable;

/** One mention: what kind of resource, its name, and where it stands. */
export type Reference = { kind: ReferenceKind; name: string; path: string };

/** Every mention in a body, wherever it stands. */
export const referencesOf = (value: Json, path = ''): Reference[] => {
  if (typeof value !== 'object' || value === null) return [];
  const own =
    isJsonObject(value) && typeof value.referenceName === 'string' && Object.hasOwn(referable, String(value.type))
      ? [{ kind: value.type as ReferenceKind, name: value.referenceName, path: pathBelow(path, 'referenceName') }]
      : [];
  return [...own, ...Object.entries(value).flatMap(([name, item]) => referencesOf(item, pathBelow(path, name)))];
};

/** The key of a resource below a factory. */
export const keyOf = (factoryKey: string, kind: ReferenceKind, name: string): string =>
  `${factoryKey}/${referable[kind].type.split('/').at(-1)}/${name}`.toLowerCase();

/** The resource that a reference names, or null. The factory's default runtime need not be stored to exist. */
export const findReferenced = async (
  tx: Tx,
  factoryKey: string,
  kind: ReferenceKind,
  name: string,
): Promise<Resource | null> => {
  const found = await readResource(tx, keyOf(factoryKey, kind, name));
  // A name with slashes may be the key of something else.
  return found?.type === referable[kind].type ? found : null;
};

/** Refuses a body that names what does not exist, in Data Factory's words. What has one of the `known` keys need not be stored: the body itself. */
export const requireReferences = async (
  tx: Tx,
  factoryKey: string,
  known: readonly string[],
  body: JsonObject,
): Promise<void> => {
  for (const { kind, name, path } of referencesOf(body)) {
    if (kind === 'IntegrationRuntimeReference' && name.toLowerCase() === defaultRuntime.toLowerCase()) continue;
    if (known.includes(keyOf(factoryKey, kind, name))) continue;
    if (await findReferenced(tx, factoryKey, kind, name)) continue;
    throw new ServiceError(
      400,
      'BadRequest',
      `The document creation or update failed because of invalid reference '${name}'. '${path}' names the ${referable[kind].word} '${name}', which this factory does not have. Create it first.`,
      { target: path },
    );
  }
};

/** Refuses to delete what another resource of the factory names, and says which. */
export const requireUnreferenced = async (
  tx: Tx,
  factoryKey: string,
  kind: ReferenceKind,
  resource: Resource,
): Promise<void> => {
  for (const { type, word } of Object.values(referable))
    for (const other of await listChildren(tx, { type, parentKey: factoryKey })) {
      if (other.key === resource.key) continue;
      const found = referencesOf(other.body).find(
        (reference) => reference.kind === kind && reference.name.toLowerCase() === resource.name.toLowerCase(),
      );
      if (!found) continue;
      throw new ServiceError(
        400,
        'BadRequest',
        `The document cannot be deleted since it is referenced by ${other.name}. The ${word} '${other.name}' names it in '${found.path}': change or delete that first.`,
        { target: other.id },
      );
    }
};
