// The tenant and its one subscription: fixed for a data folder.

import { normalizeLocation, regions } from '../../arm/location.ts';
import type { Route } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { resourcesVersions } from './resource-group.ts';

/** The one tenant and subscription of a data folder. */
export type Tenancy = { tenantId: string; subscriptionId: string };

const get = (path: string, run: Route['run'], permission: string | null = null): Route => ({
  method: 'GET',
  path,
  apiVersions: resourcesVersions,
  permission,
  run,
});

/** Routes for `/tenants`, `/subscriptions` and the places of a subscription. */
export const subscriptionRoutes = ({ tenantId, subscriptionId }: Tenancy): Route[] => {
  const id = `/subscriptions/${subscriptionId}`;
  const subscription: JsonObject = {
    id,
    subscriptionId,
    tenantId,
    displayName: 'Postern',
    state: 'Enabled',
    subscriptionPolicies: { locationPlacementId: 'Public_2014-09-01', quotaId: 'Postern', spendingLimit: 'Off' },
    authorizationSource: 'RoleBased',
  };
  const locations: JsonObject[] = regions.map((displayName) => {
    const name = normalizeLocation(displayName);
    return {
      id: `${id}/locations/${name}`,
      name,
      type: 'Region',
      displayName,
      regionalDisplayName: displayName,
      metadata: { regionType: 'Physical', regionCategory: 'Recommended' },
    };
  });
  return [
    get('/tenants', async () => ({
      body: { value: [{ id: `/tenants/${tenantId}`, tenantId, displayName: 'Postern', tenantCategory: 'Home' }] },
    })),
    // Any principal of the tenant sees that the subscription exists: without it no client can sign in.
    get('/subscriptions', async () => ({ body: { value: [subscription] } })),
    get('/subscriptions/{subscriptionId}', async (_operation, asked) => {
      if (asked.subscriptionId?.toLowerCase() !== subscriptionId.toLowerCase())
        throw new ServiceError(
          404,
          'SubscriptionNotFound',
          `The subscription '${asked.subscriptionId}' could not be found.`,
        );
      return { body: subscription };
    }),
    get('/subscriptions/{subscriptionId}/locations', async () => ({ body: { value: locations } })),
  ];
};
