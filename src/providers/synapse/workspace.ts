// Microsoft.Synapse/workspaces
import { randomUUID } from 'node:crypto';
import type { NameRule, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import type { JsonObject } from '../../base/json.ts';
import { decisionsAction } from '../postern/decisions.ts';
import { createLogin, type LoginFields, updateLogin } from '../sql/login.ts';
import type { SqlRooms } from '../sql/server.ts';
import {
  listEndpoints,
  removeStore,
  renewStore,
  requireFreeName,
  shownConnections,
  startStore,
  tagsIn,
} from '../target/store-life.ts';
import { shownBody, storedBody, Workspace } from './workspace-body.ts';
import { workspaceAttachment } from './workspace-family.ts';
import { workspaceTarget } from './workspace-target.ts';

const { type } = workspaceTarget;

// `-ondemand` would be the host of another workspace's serverless pool.
const workspaceName: NameRule = {
  pattern: /^(?!.*-ondemand$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
  min: 1,
  max: 50,
  says: "lower-case letters, digits and hyphens, not at either end, and no '-ondemand' at the end",
};

const fields: LoginFields = {
  login: 'sqlAdministratorLogin',
  password: 'sqlAdministratorLoginPassword',
  word: 'workspace',
};

const create = async (rooms: SqlRooms, operation: Operation): Promise<JsonObject> => {
  await requireFreeName(operation, workspaceTarget, {
    code: 'WorkspaceNameExists',
    says: (name) =>
      `The workspace name '${name}' is already in use. Names of workspaces are globally unique: choose another one.`,
  });
  if (!workspaceAttachment.isAttached(tagsIn(operation.body))) await createLogin(operation, rooms.secretKey, fields);
  workspaceAttachment.read(tagsIn(operation.body), rooms.attachable);
  startStore(rooms, operation);
  return storedBody(operation.body, null, randomUUID());
};

const update = async (rooms: SqlRooms, operation: Operation, existing: Resource): Promise<JsonObject> => {
  await updateLogin(operation, rooms.secretKey, existing, fields);
  renewStore(rooms, operation, existing);
  return storedBody(operation.body, existing.body, randomUUID());
};

/** Synapse workspaces. Writing one answers once its servers run and the gateways know where. */
export const workspaceType = (rooms: SqlRooms): ResourceType => ({
  type,
  scope: 'resourceGroup',
  apiVersions: workspaceTarget.apiVersions,
  name: workspaceName,
  tracked: true,
  schema: Workspace,
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  asyncOperation: true,
  patch: {
    schema: Workspace,
    apply: async (operation, existing) => {
      if (operation.body.tags !== undefined) workspaceAttachment.requireSame(existing, tagsIn(operation.body));
      return update(rooms, operation, existing);
    },
  },
  write: async (operation, existing) => {
    if (!existing) return create(rooms, operation);
    workspaceAttachment.requireSame(existing, tagsIn(operation.body));
    return update(rooms, operation, existing);
  },
  remove: removeStore(rooms),
  present: async (operation, workspace) =>
    shownBody(workspace, await shownConnections(operation, workspaceTarget, workspace)),
  actions: [
    decisionsAction('target', `${type}/privateEndpointConnections/read`),
    listEndpoints(workspaceTarget, rooms, {
      word: 'workspace',
      attachment: workspaceAttachment,
      urlOf: (place) => `tcp://${place}`,
    }),
  ],
});
