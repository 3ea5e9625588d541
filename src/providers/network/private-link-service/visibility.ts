// POST {subscription or group}/providers/Microsoft.Network/locations/{location}/checkPrivateLinkServiceVisibility
import type { Route } from '../../../arm/resource-type.ts';
import { ServiceError } from '../../../base/error.ts';
import { listBelow } from '../../../database/resource.ts';
import { objectAt } from '../subnet-body.ts';
import { networkVersions } from '../version.ts';
import { isListed } from './body.ts';
import { privateLinkServiceType } from './target.ts';

/** Whether a subscription sees the service that has an alias. One that is not visible is told from none by nobody. */
export const visibilityRoutes: readonly Route[] = ['', '/resourceGroups/{resourceGroupName}'].map((group) => ({
  method: 'POST',
  path: `/subscriptions/{subscriptionId}${group}/providers/Microsoft.Network/locations/{location}/checkPrivateLinkServiceVisibility`,
  apiVersions: networkVersions,
  permission: 'Microsoft.Network/locations/checkPrivateLinkServiceVisibility/action',
  run: async ({ tx, body, may }, parameters) => {
    const { privateLinkServiceAlias: alias } = body;
    if (typeof alias !== 'string' || alias === '')
      throw new ServiceError(
        400,
        'InvalidRequestContent',
        "'privateLinkServiceAlias' is required: the alias of a Private Link Service, as its owner reads it.",
        { target: 'privateLinkServiceAlias' },
      );
    const all = await listBelow(tx, { scopeKey: '', type: privateLinkServiceType });
    const found = all.find((one) => String(objectAt(one.body.properties).alias).toLowerCase() === alias.toLowerCase());
    const visible =
      found !== undefined &&
      (isListed(found.body, 'visibility', parameters.subscriptionId ?? '') ||
        may(`${privateLinkServiceType}/read`, found.id));
    return { body: { visible } };
  },
}));
