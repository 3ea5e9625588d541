// POST {subscription}/providers/Microsoft.Sql/checkNameAvailability
import type { Route } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { listBelow } from '../../database/resource.ts';
import { serverName } from './server.ts';
import { sqlServerTarget } from './sql-server-target.ts';

/** Whether a name is free for a new SQL server, and if not, why. */
export const sqlNameAvailability: Route = {
  method: 'POST',
  path: '/subscriptions/{subscriptionId}/providers/Microsoft.Sql/checkNameAvailability',
  apiVersions: sqlServerTarget.apiVersions,
  permission: 'Microsoft.Sql/checkNameAvailability/action',
  run: async ({ tx, body }) => {
    const { name } = body;
    if (typeof name !== 'string')
      throw new ServiceError(400, 'InvalidRequestContent', "'name' is required and must be a string.", {
        target: 'name',
      });
    const { pattern, min, max, says } = serverName;
    if (name.length < min || name.length > max || !pattern.test(name))
      return { body: { name, available: false, reason: 'Invalid', message: `The name of a server has ${says}.` } };
    const others = await listBelow(tx, { scopeKey: '', type: sqlServerTarget.type });
    if (others.some((other) => other.name === name))
      return {
        body: {
          name,
          available: false,
          reason: 'AlreadyExists',
          message: `Specified server name '${name}' is already used.`,
        },
      };
    return { body: { name, available: true } };
  },
};
