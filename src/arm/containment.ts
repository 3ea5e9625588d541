// What must be there before something may be asked of what is inside it.
import { ServiceError } from '../base/error.ts';
import { isJsonObject } from '../base/json.ts';
import type { Tx } from '../database/database.ts';
import { readResource } from '../database/resource.ts';
import type { ResourceId } from './resource-id.ts';
import type { Resource } from './resource-type.ts';

const notFound = (code: string, message: string) => new ServiceError(404, code, message);

/** `ResourceNotFound`, in Azure's words. */
export const resourceNotFound = (id: ResourceId): ServiceError => {
  const type = [id.namespace ?? 'Microsoft.Resources', ...id.types].join('/');
  const name = id.names.join('/') || id.resourceGroup;
  return notFound(
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${id.resourceGroup ?? ''}' was not found.`,
  );
};

/** `ResourceGroupNotFound`, in Azure's words. */
export const groupNotFound = (name: string): ServiceError =>
  notFound('ResourceGroupNotFound', `Resource group '${name}' could not be found.`);

/** True for a resource that is being removed in the background. */
export const isDeleting = (resource: Resource): boolean =>
  isJsonObject(resource.body.properties) && resource.body.properties.provisioningState === 'Deleting';

/** `SubscriptionNotFound` for any subscription but the one of this data folder. */
export const checkSubscription = (id: ResourceId, subscriptionId: string): void => {
  if (id.subscriptionId !== null && id.subscriptionId.toLowerCase() !== subscriptionId.toLowerCase())
    throw notFound('SubscriptionNotFound', `The subscription '${id.subscriptionId}' could not be found.`);
};

/**
 * The resource that `scope` names, having checked its resource group; null for the tenant and the subscription.
 * `forWriting` refuses a group that is being deleted.
 */
export const readScope = async (tx: Tx, scope: ResourceId, forWriting: boolean): Promise<Resource | null> => {
  if (scope.resourceGroup === null && scope.namespace === null) return null;
  let group: Resource | null = null;
  if (scope.resourceGroup !== null) {
    group = await readResource(tx, scope.key.split('/').slice(0, 5).join('/'));
    if (!group) throw groupNotFound(scope.resourceGroup);
    if (forWriting && isDeleting(group))
      throw new ServiceError(
        409,
        'ResourceGroupBeingDeleted',
        `The resource group '${group.name}' is being deleted. Wait until it is gone, and create it again.`,
      );
  }
  if (scope.namespace === null) return group;
  const resource = await readResource(tx, scope.key);
  if (!resource) {
    const type = [scope.namespace, ...scope.types].join('/');
    throw notFound(
      'ParentResourceNotFound',
      `The parent resource '${type}/${scope.names.join('/')}' was not found. Create it first.`,
    );
  }
  return resource;
};
