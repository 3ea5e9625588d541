// What somebody works on: something stored, by its name, or something as it is on their screen and nowhere else. Its
// secrets stay in memory, for as long as the request.
import { type TSchema, Type } from 'typebox';
import type { Operation, Resource } from '../../arm/resource-type.ts';
import { checkName } from '../../arm/validation.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { readSecrets, type SecretKey } from '../../database/secret.ts';
import type { Part } from '../../pipelines/definition.ts';
import { partAuthored } from '../data-factory/authoring.ts';
import { checkDataset } from '../data-factory/dataset.ts';
import { knownTypes } from '../data-factory/known-type.ts';
import { checkLinkedService } from '../data-factory/linked-service.ts';
import { authoringName } from '../data-factory/name.ts';
import { findReferenced, keyOf } from '../data-factory/reference.ts';
import { refusedAt } from '../data-factory/schema.ts';

const word = Type.String({ minLength: 1, maxLength: 260 });

/** `{ referenceName }` or `{ name?, properties }`, and values for its parameters. */
export const Given: TSchema = Type.Object({
  referenceName: Type.Optional(word),
  name: Type.Optional(word),
  properties: Type.Optional(Type.Object({})),
  parameters: Type.Optional(Type.Object({})),
});

const kinds = {
  LinkedServiceReference: { kind: 'LinkedService', check: checkLinkedService, unnamed: 'unsaved linked service' },
  DatasetReference: { kind: 'Dataset', check: checkDataset, unnamed: 'unsaved dataset' },
} as const;

/** How an activity names it, and the part that stands in for a stored one; null where it is stored. */
export type Found = { reference: JsonObject; part: Part | null };

const bad = (target: string, message: string) => new ServiceError(400, 'InvalidRequestContent', message, { target });

/** Its secrets in memory: those that were sent, and stored ones where their masks were sent back unchanged. */
const unsavedPart = async (
  { tx }: Operation,
  factory: Resource,
  key: SecretKey,
  type: keyof typeof kinds,
  { name, properties }: { name: string | undefined; properties: JsonObject },
  known: readonly string[],
): Promise<Part> => {
  const { kind, check, unnamed } = kinds[type];
  const body = { properties };
  check(knownTypes, body);
  if (name !== undefined) checkName(authoringName, name, kind);
  const existing = name === undefined ? null : await findReferenced(tx, factory.key, type, name);
  const own = name === undefined ? [] : [keyOf(factory.key, type, name)];
  const authored = { factoryKey: factory.key, known: [...known, ...own], name: name ?? unnamed, body, existing };
  const parted = await partAuthored(tx, kind, authored);
  const stored =
    existing && parted.kept.length > 0 ? await readSecrets(tx, key, existing.key) : new Map<string, Json>();
  const kept = parted.kept.flatMap((path) => {
    const value = stored.get(path);
    return value === undefined ? [] : [[path, value] as const];
  });
  return { key: '', name: name ?? unnamed, body: parted.body, secrets: new Map([...parted.secrets, ...kept]) };
};

/**
 * Reads what stands at `field` of the body. `known` are keys that it may name without their being stored. Errors: 400
 * that names the field.
 */
export const readGiven = async (
  operation: Operation,
  factory: Resource,
  key: SecretKey,
  type: keyof typeof kinds,
  field: string,
  known: readonly string[] = [],
): Promise<Found> => {
  const value = operation.body[field];
  const { referenceName, name, properties, parameters } = isJsonObject(value) ? value : {};
  if ((referenceName === undefined) === (properties === undefined))
    throw bad(field, `Give either '${field}.referenceName', for a stored one, or '${field}.properties'.`);
  const more = isJsonObject(parameters) ? { parameters } : {};
  if (typeof referenceName === 'string') {
    if (!(await findReferenced(operation.tx, factory.key, type, referenceName)))
      throw bad(`${field}.referenceName`, `This factory has no ${kinds[type].kind} '${referenceName}'.`);
    return { reference: { type, referenceName, ...more }, part: null };
  }
  const asked = { name: typeof name === 'string' ? name : undefined, properties: properties as JsonObject };
  try {
    const part = await unsavedPart(operation, factory, key, type, asked, known);
    return { reference: { type, referenceName: part.name, ...more }, part };
  } catch (error) {
    throw refusedAt(field, error);
  }
};
