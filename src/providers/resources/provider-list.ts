// What namespaces and types there are, for clients that look before they ask.

import { regions } from '../../arm/location.ts';
import { readPageAsk } from '../../arm/page.ts';
import type { ResourceType, Route } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { resourcesVersions } from './resource-group.ts';

/** Routes for `{subscription}/providers`: list, get, register (all are registered, always), unregister (never). */
export const providerRoutes = (types: readonly ResourceType[], subscriptionId: string): Route[] => {
  const namespaces = [...new Set(types.map((type) => type.type.split('/')[0]!))];
  const show = (namespace: string): JsonObject => ({
    id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    namespace,
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationRequired',
    resourceTypes: types
      .filter((type) => type.type.startsWith(`${namespace}/`))
      .map((type) => ({
        resourceType: type.type.slice(namespace.length + 1),
        locations: type.tracked ? [...regions] : [],
        apiVersions: [...type.apiVersions].sort().reverse(),
        capabilities: type.tracked ? 'SupportsTags, SupportsLocation' : 'None',
      })),
  });
  const find = (asked: string | undefined) => {
    const namespace = namespaces.find((one) => one.toLowerCase() === asked?.toLowerCase());
    if (namespace !== undefined) return show(namespace);
    throw new ServiceError(
      404,
      'InvalidResourceNamespace',
      `The resource namespace '${asked}' is invalid. Namespaces: ${namespaces.join(', ')}.`,
    );
  };
  const base = '/subscriptions/{subscriptionId}/providers';
  const route = (method: Route['method'], path: string, permission: string | null, run: Route['run']): Route => ({
    method,
    path,
    apiVersions: resourcesVersions,
    permission,
    run,
  });
  return [
    route('GET', base, null, async ({ query }) => {
      readPageAsk(query);
      return { body: { value: namespaces.map(show) } };
    }),
    route('GET', `${base}/{namespace}`, null, async (_operation, asked) => ({ body: find(asked.namespace) })),
    route('POST', `${base}/{namespace}/register`, null, async (_operation, asked) => ({ body: find(asked.namespace) })),
  ];
};
