// Linked services, datasets and pipelines are written alike: a schema for the types that run here (all other types of
// Azure are stored untouched), secrets out of the body, and every name in it must exist.
import { Type } from 'typebox';
import type { Operation, Resource } from '../../arm/resource-type.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { type SecretKey, writeSecrets } from '../../database/secret.ts';
import { invalidResource, type Kind } from './invalid-resource.ts';
import { requireReferences } from './reference.ts';
import { type Parted, partSecrets } from './secret.ts';

/** Fields that linked services, datasets and pipelines share. */
export const authoringFields = {
  description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  annotations: Type.Optional(Type.Array(Type.Unknown())),
  parameters: Type.Optional(Type.Record(Type.String(), Type.Object({ type: Type.String() }))),
};

/** A mention of another resource of the factory. */
export const Reference = (type: string) =>
  Type.Object({ type: Type.Enum([type]), referenceName: Type.String({ minLength: 1, maxLength: 260 }) });

/** The key of the factory that a direct child is addressed in. */
export const factoryKeyOf = (operation: Operation): string => operation.id.key.split('/').slice(0, -2).join('/');

/** One thing that is authored in a factory: `known` are the keys that it may name unstored, `existing` is what is stored of it. */
export type Authored = {
  factoryKey: string;
  known: readonly string[];
  name: string;
  body: JsonObject;
  existing: Resource | null;
};

/** Parts what is authored from its secrets. Refuses names of what does not exist, and masks of secrets that are not there. */
export const partAuthored = async (tx: Operation['tx'], kind: Kind, authored: Authored): Promise<Parted> => {
  const { factoryKey, known, name, body, existing } = authored;
  await requireReferences(tx, factoryKey, known, body);
  const rows = existing
    ? await tx.selectFrom('secret').select('path').where('resource_key', '=', existing.key).execute()
    : [];
  const stored = existing && { body: existing.body, paths: new Set(rows.map(({ path }) => path)) };
  const parted = partSecrets(body, stored);
  if (parted.refused) throw invalidResource(kind, name, parted.refused.reason, parted.refused.path);
  return parted;
};

/** The body to store, less its secrets, which go to their own table. Refuses names of what does not exist. */
export const storeAuthored = async (
  operation: Operation,
  existing: Resource | null,
  kind: Kind,
  key: SecretKey,
): Promise<JsonObject> => {
  const { id, body } = operation;
  const authored = { factoryKey: factoryKeyOf(operation), known: [id.key], name: id.names.at(-1)!, body, existing };
  const parted = await partAuthored(operation.tx, kind, authored);
  await writeSecrets(operation.tx, key, operation.id.key, parted.secrets, parted.kept);
  return parted.body;
};

/** The `properties` of a body. */
export const propertiesOf = (body: JsonObject): JsonObject => (isJsonObject(body.properties) ? body.properties : {});
