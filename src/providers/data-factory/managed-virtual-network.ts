// Microsoft.DataFactory/factories/managedVirtualNetworks: one for a factory, `default`, and it stays as long as that.
import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { ActionType, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Publish } from '../publication.ts';
import { invalidResource } from './invalid-resource.ts';
import { managedVirtualNetworkName } from './name.ts';
import { dataFactoryVersions } from './version.ts';

/** Managed virtual networks. */
export const managedVirtualNetworkType = (publish: Publish, actions: readonly ActionType[]): ResourceType => ({
  type: 'Microsoft.DataFactory/factories/managedVirtualNetworks',
  scope: 'resourceGroup',
  apiVersions: dataFactoryVersions,
  name: managedVirtualNetworkName,
  tracked: false,
  // `properties` may be missing as far as the schema goes: Data Factory has words of its own for that.
  schema: Type.Object({}),
  etag: 'etag',
  conditionalGet: false,
  status: { created: 200, updated: 200 },
  write: async (operation, existing) => {
    const [factory = '', name = ''] = operation.id.names;
    const { properties, ...more } = operation.body;
    if (!isJsonObject(properties))
      throw invalidResource('ManagedVirtualNetwork', name, 'Invalid payload', 'properties');
    const before = isJsonObject(existing?.body.properties) ? existing.body.properties : {};
    operation.afterCommit(publish);
    return {
      ...more,
      properties: {
        ...properties,
        vNetId: before.vNetId ?? randomUUID(),
        alias: factory.toLowerCase(),
        preventDataExfiltration: false,
      },
    };
  },
  remove: async (_operation, _existing, isAsked) => {
    // Its factory may go, and it with that.
    if (!isAsked) return;
    throw new ServiceError(
      405,
      'MethodNotAllowed',
      'A managed virtual network lives as long as its factory and cannot be deleted alone. Delete the factory, or the managed private endpoints in the network.',
      { headers: { allow: 'GET, HEAD, PUT' } },
    );
  },
  actions,
});
