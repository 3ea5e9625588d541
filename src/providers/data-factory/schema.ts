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

/** Holds a part of a body, which stands at `place`, to a schema. Errors name the field by its whole path. */
export const checkPart = (schema: TSchema, part: JsonObject, place: string): void => {
  try {
    checkBody(schema, part);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const at = (target: string | undefined) => (!target || target === 'body' ? place : `${place}.${target}`);
    throw new ServiceError(error.status, error.code, `In '${place}': ${error.message}`, {
      target: at(error.target),
      details: (error.details ?? []).map((detail) => ({ ...detail, target: at(detail.target) })),
    });
  }
};

/** Holds `typeProperties` of `owner`, which stands at `place`, to the schema of its type, if the type runs here. */
export const checkTypeProperties = (schemas: TypeSchemas, owner: JsonObject, place: string): void => {
  const schema = schemas.get(String(owner.type));
  if (!schema) return;
  const { typeProperties } = owner;
  checkPart(schema, isJsonObject(typeProperties) ? typeProperties : {}, `${place}.typeProperties`);
};
