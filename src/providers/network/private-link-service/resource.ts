// Microsoft.Network/privateLinkServices: a TCP service of the user's own, offered to private endpoints.
import { Type } from 'typebox';
import type { ResourceType } from '../../../arm/resource-type.ts';
import { ServiceError } from '../../../base/error.ts';
import type { JsonObject } from '../../../base/json.ts';
import { decisionsAction } from '../../postern/decisions.ts';
import type { Publish } from '../../publication.ts';
import type { Attachable } from '../../store-directory.ts';
import { connectionsOfTarget, disconnectTarget } from '../../target/connection.ts';
import { showConnection } from '../../target/private-endpoint-connection.ts';
import type { TargetKind } from '../../target/target.ts';
import { partName } from '../name.ts';
import { objectAt } from '../subnet-body.ts';
import { checkService, PrivateLinkService, shownService, storedService } from './body.ts';
import { requirePlaces } from './place.ts';

const tagsIn = (body: JsonObject) => objectAt(body.tags) as Record<string, string>;

/** Private Link Services. What leads to a place that a write has changed is cut before the answer. */
export const privateLinkServiceResource = (
  kind: TargetKind,
  rooms: { publish: Publish; attachable: Attachable },
): ResourceType => ({
  type: kind.type,
  scope: 'resourceGroup',
  apiVersions: kind.apiVersions,
  name: partName,
  tracked: true,
  schema: PrivateLinkService,
  etag: 'etag',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  asyncOperation: true,
  patch: {
    schema: Type.Object({}),
    apply: async ({ body, afterCommit }, existing) => {
      requirePlaces(existing.body, body.tags === undefined ? existing.tags : tagsIn(body), rooms.attachable);
      afterCommit(rooms.publish);
      return existing.body;
    },
  },
  write: async ({ body, id, afterCommit }, existing) => {
    checkService(body);
    requirePlaces(body, tagsIn(body), rooms.attachable);
    afterCommit(rooms.publish);
    return storedService(body, id.names.at(-1)!, existing);
  },
  remove: async (operation, existing, isAsked) => {
    const [first] = await connectionsOfTarget(operation.tx, existing.key);
    if (first && isAsked)
      throw new ServiceError(
        400,
        'InUsePrivateLinkServiceCannotBeDeleted',
        `The Private Link Service '${existing.name}' has private endpoint connections, such as '${first.name}', and cannot be deleted. Delete its connections first.`,
        { target: existing.id },
      );
    await disconnectTarget(operation, existing.key);
    operation.afterCommit(rooms.publish);
  },
  present: async ({ tx }, resource) => {
    const connections = await connectionsOfTarget(tx, resource.key);
    return shownService(
      resource,
      connections.map((connection) => showConnection(kind, resource, connection)),
    );
  },
  actions: [decisionsAction('target', `${kind.type}/privateEndpointConnections/read`)],
});
