// Schemas of the types that run here, by Azure's type name. Bodies of any other type are kept untouched.
import type { TSchema } from 'typebox';
import { checkBody } from '../../arm/validation.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';

/** Schemas of `typeProperties` by type name. */
export type TypeSchemas = ReadonlyMap<string, TSchema>;

/** The schemas of everything that is authored. `locations` are those of a dataset's `location`, by its type. */
export type AuthoringSchemas = {
  linkedServices: TypeSchemas;
  datasets: TypeSchemas;
  locations: TypeSchemas;
  activities: TypeSchemas;
};

/** What a refusal of a part of a body, which stands at `place`, is to whoever sent the whole. */
export const refusedAt = (place: string, error: unknown): unknown => {
  if (!(error instanceof ServiceError)) return error;
  const at = (target: string | undefined) => (!target || target === 'body' ? place : `${place}.${target}`);
  return new ServiceError(error.status, error.code, `In '${place}': ${error.message}`, {
    target: at(error.target),
    ...(error.details && { details: error.details.map((detail) => ({ ...detail, target: at(detail.target) })) }),
  });
};

/** Holds a part of a body, which stands at `place`, to a schema. Errors name the field by its whole path. */
export const checkPart = (schema: TSchema, part: JsonObject, place: string): void => {
  try {
    checkBody(schema, part);
  } catch (error) {
    throw refusedAt(place, error);
  }
};

/** Holds `typeProperties` of `owner`, which stands at `place`, to the schema of its type, if the type runs here. */
export const checkTypeProperties = (schemas: TypeSchemas, owner: JsonObject, place: string): void => {
  const schema = schemas.get(String(owner.type));
  if (!schema) return;
  const { typeProperties } = owner;
  checkPart(schema, isJsonObject(typeProperties) ? typeProperties : {}, `${place}.typeProperties`);
};
