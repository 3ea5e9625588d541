// POST {subscription}/providers/Microsoft.Storage/checkNameAvailability
import type { Route } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { listBelow } from '../../database/resource.ts';
import { accountName } from './name.ts';
import { storageTarget } from './storage-target.ts';

const answer = (reason: 'AccountNameInvalid' | 'AlreadyExists', message: string) => ({
  body: { nameAvailable: false, reason, message },
});

/** Whether a name is free for a new storage account, and if not, why. */
export const nameAvailability: Route = {
  method: 'POST',
  path: '/subscriptions/{subscriptionId}/providers/Microsoft.Storage/checkNameAvailability',
  apiVersions: storageTarget.apiVersions,
  permission: 'Microsoft.Storage/checknameavailability/read',
  run: async ({ tx, body }) => {
    const { name } = body;
    if (typeof name !== 'string')
      throw new ServiceError(400, 'InvalidRequestContent', "'name' is required and must be a string.", {
        target: 'name',
      });
    const { pattern, min, max } = accountName;
    if (name.length < min || name.length > max || !pattern.test(name))
      return answer(
        'AccountNameInvalid',
        `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`,
      );
    const others = await listBelow(tx, { scopeKey: '', type: storageTarget.type });
    if (others.some((other) => other.name === name))
      return answer('AlreadyExists', `The storage account named ${name} is already taken.`);
    return { body: { nameAvailable: true } };
  },
};
