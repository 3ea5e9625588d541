import { Type } from 'typebox';
import type { ResourceType } from '../../arm/resource-type.ts';
import { isJsonObject } from '../../base/json.ts';

/** Versions of Microsoft.Resources that clients in use send. */
export const resourcesVersions: readonly string[] = [
  '2014-04-01-preview',
  '2015-11-01',
  '2016-02-01',
  '2016-06-01',
  '2016-09-01',
  '2017-05-10',
  '2018-02-01',
  '2018-05-01',
  '2019-05-01',
  '2019-05-10',
  '2019-06-01',
  '2019-07-01',
  '2019-08-01',
  '2019-10-01',
  '2019-11-01',
  '2020-01-01',
  '2020-06-01',
  '2020-08-01',
  '2020-10-01',
  '2021-01-01',
  '2021-04-01',
  '2022-09-01',
  '2022-12-01',
  '2023-07-01',
  '2024-03-01',
  '2024-07-01',
  '2024-11-01',
  '2025-03-01',
  '2025-04-01',
];

/** Resource groups: everything else is in one; deleting it deletes all that, in the background. */
export const resourceGroup: ResourceType = {
  type: 'Microsoft.Resources/resourceGroups',
  scope: 'subscription',
  apiVersions: resourcesVersions,
  permission: 'Microsoft.Resources/subscriptions/resourceGroups',
  name: {
    pattern: /^[-\w.()]*[-\w()]$/,
    min: 1,
    max: 90,
    says: 'letters, digits, underscores, hyphens, periods and parentheses, not ending with a period',
  },
  tracked: true,
  schema: Type.Object({ properties: Type.Optional(Type.Object({})), managedBy: Type.Optional(Type.String()) }),
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  longRunningDelete: true,
  patch: { schema: Type.Object({}), apply: async (_operation, existing) => existing.body },
  present: async (_operation, { body }) => {
    const properties = isJsonObject(body.properties) ? body.properties : {};
    return { ...body, properties: { provisioningState: 'Succeeded', ...properties } };
  },
  write: async ({ body }) => {
    const { provisioningState: _, ...properties } = isJsonObject(body.properties) ? body.properties : {};
    return { ...body, properties };
  },
};
