// Microsoft.DataFactory/factories/linkedservices
import { Type } from 'typebox';
import type { ResourceType } from '../../arm/resource-type.ts';
import { checkBody } from '../../arm/validation.ts';
import type { JsonObject } from '../../base/json.ts';
import type { SecretKey } from '../../database/secret.ts';
import { authoringFields, factoryKeyOf, propertiesOf, Reference, storeAuthored } from './authoring.ts';
import { authoringName } from './name.ts';
import { requireUnreferenced } from './reference.ts';
import { type AuthoringSchemas, checkTypeProperties } from './schema.ts';
import { dataFactoryVersions } from './version.ts';

const LinkedService = Type.Object({
  properties: Type.Object({
    ...authoringFields,
    type: Type.String({ minLength: 1, maxLength: 128 }),
    connectVia: Type.Optional(Reference('IntegrationRuntimeReference')),
    typeProperties: Type.Optional(Type.Object({})),
  }),
});

/** Holds the body of a linked service to the schema of its type. */
export const checkLinkedService = (schemas: AuthoringSchemas, body: JsonObject): void => {
  checkBody(LinkedService, body);
  checkTypeProperties(schemas.linkedServices, propertiesOf(body), 'properties');
};

/** Linked services: how to reach a store, and as whom. */
export const linkedServiceType = (schemas: AuthoringSchemas, key: SecretKey): ResourceType => ({
  type: 'Microsoft.DataFactory/factories/linkedservices',
  scope: 'resourceGroup',
  apiVersions: dataFactoryVersions,
  name: authoringName,
  tracked: false,
  schema: LinkedService,
  etag: 'etag',
  conditionalGet: true,
  status: { created: 200, updated: 200 },
  write: async (operation, existing) => {
    checkLinkedService(schemas, operation.body);
    return storeAuthored(operation, existing, 'LinkedService', key);
  },
  remove: async (operation, existing, isAsked) => {
    if (isAsked) await requireUnreferenced(operation.tx, factoryKeyOf(operation), 'LinkedServiceReference', existing);
  },
});
