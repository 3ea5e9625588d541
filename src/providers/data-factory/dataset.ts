// Microsoft.DataFactory/factories/datasets
import { Type } from 'typebox';
import type { ResourceType } from '../../arm/resource-type.ts';
import { checkBody } from '../../arm/validation.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { SecretKey } from '../../database/secret.ts';
import { authoringFields, factoryKeyOf, propertiesOf, Reference, storeAuthored } from './authoring.ts';
import { authoringName } from './name.ts';
import { requireUnreferenced } from './reference.ts';
import { type AuthoringSchemas, checkPart, checkTypeProperties } from './schema.ts';
import { dataFactoryVersions } from './version.ts';

const Dataset = Type.Object({
  properties: Type.Object({
    ...authoringFields,
    type: Type.String({ minLength: 1, maxLength: 128 }),
    linkedServiceName: Reference('LinkedServiceReference'),
    folder: Type.Optional(Type.Union([Type.Object({ name: Type.Optional(Type.String()) }), Type.Null()])),
    typeProperties: Type.Optional(Type.Object({})),
  }),
});

const checkLocation = (schemas: AuthoringSchemas, properties: JsonObject): void => {
  const { location } = isJsonObject(properties.typeProperties) ? properties.typeProperties : {};
  const schema = isJsonObject(location) ? schemas.locations.get(String(location.type)) : undefined;
  if (schema) checkPart(schema, location as JsonObject, 'properties.typeProperties.location');
};

/** Holds the body of a dataset to the schemas of its type and its location. */
export const checkDataset = (schemas: AuthoringSchemas, body: JsonObject): void => {
  checkBody(Dataset, body);
  checkTypeProperties(schemas.datasets, propertiesOf(body), 'properties');
  checkLocation(schemas, propertiesOf(body));
};

/** Datasets: what stands where in a store, and in which form. */
export const datasetType = (schemas: AuthoringSchemas, key: SecretKey): ResourceType => ({
  type: 'Microsoft.DataFactory/factories/datasets',
  scope: 'resourceGroup',
  apiVersions: dataFactoryVersions,
  name: authoringName,
  tracked: false,
  schema: Dataset,
  etag: 'etag',
  conditionalGet: true,
  status: { created: 200, updated: 200 },
  write: async (operation, existing) => {
    checkDataset(schemas, operation.body);
    return storeAuthored(operation, existing, 'Dataset', key);
  },
  remove: async (operation, existing, isAsked) => {
    if (isAsked) await requireUnreferenced(operation.tx, factoryKeyOf(operation), 'DatasetReference', existing);
  },
});
