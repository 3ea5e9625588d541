// Microsoft.Network/privateEndpoints/privateDnsZoneGroups: kept as it was written. Names in an owner's own network are
// their resolver's; nothing here answers for them.
import { Type } from 'typebox';
import { parseResourceId } from '../../arm/resource-id.ts';
import type { ResourceType } from '../../arm/resource-type.ts';
import { partName } from './name.ts';
import { objectAt } from './subnet-body.ts';
import { networkVersions } from './version.ts';

const ZoneGroup = Type.Object({
  properties: Type.Object({
    privateDnsZoneConfigs: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String({ minLength: 1, maxLength: 80 }),
          properties: Type.Object({ privateDnsZoneId: Type.String({ maxLength: 2048 }) }),
        }),
        { maxItems: 5 },
      ),
    ),
  }),
});

/** Zone groups of private endpoints. */
export const privateDnsZoneGroupResource: ResourceType = {
  type: 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
  scope: 'resourceGroup',
  apiVersions: networkVersions,
  name: partName,
  tracked: false,
  schema: ZoneGroup,
  etag: 'etag',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  asyncOperation: true,
  write: async ({ body }) => {
    const configs = objectAt(body.properties).privateDnsZoneConfigs;
    for (const [index, config] of (Array.isArray(configs) ? configs : []).entries())
      parseResourceId(
        String(objectAt(objectAt(config).properties).privateDnsZoneId),
        `properties.privateDnsZoneConfigs.${index}.properties.privateDnsZoneId`,
      );
    return body;
  },
  present: async (_operation, group) => ({
    ...group.body,
    etag: `W/"${group.etag}"`,
    properties: { ...objectAt(group.body.properties), provisioningState: 'Succeeded' },
  }),
};
