// Every resource type that Postern serves, in order of reading: one line each.
import type { Registry, ResourceType, Route } from '../arm/resource-type.ts';
import { permission } from './authorization/permission.ts';
import { principal } from './authorization/principal.ts';
import { roleAssignment } from './authorization/role-assignment.ts';
import { roleDefinition } from './authorization/role-definition.ts';
import { providerRoutes } from './resources/provider-list.ts';
import { resourceGroup } from './resources/resource-group.ts';
import { resourceListRoutes } from './resources/resource-list.ts';
import { subscriptionRoutes, type Tenancy } from './resources/subscription.ts';

/** The registry of a tenancy: the types that need nothing but the database, and `types` and `routes`, which were given their rooms. */
export const createRegistry = (
  tenancy: Tenancy,
  types: readonly ResourceType[],
  routes: readonly Route[] = [],
): Registry => {
  const all = [resourceGroup, roleAssignment, roleDefinition, permission, principal, ...types];
  return {
    types: all,
    routes: [
      ...subscriptionRoutes(tenancy),
      ...resourceListRoutes(all),
      ...providerRoutes(all, tenancy.subscriptionId),
      ...routes,
    ],
  };
};
