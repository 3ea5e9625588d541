// Microsoft.Synapse/workspaces
import { randomUUID } from 'node:crypto';
import type { NameRule, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { listBelow } from '../../database/resource.ts';
import { decisionsAction } from '../postern/decisions.ts';
import { checkLogin, checkPassword, writePassword } from '../sql/login.ts';
import { type SqlRooms, showEndpoints } from '../sql/server.ts';
import { connectionsOfTarget, disconnectTarget } from '../target/connection.ts';
import { embeddedConnection } from '../target/private-endpoint-connection.ts';
import { propertiesOf, shownBody, storedBody, Workspace } from './workspace-body.ts';
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

const passwordField = 'sqlAdministratorLoginPassword';

const refuse = (status: number, code: string, message: string, target: string) =>
  new ServiceError(status, code, message, { target });

const tagsIn = (body: JsonObject): Record<string, string> =>
  isJsonObject(body.tags) ? (body.tags as Record<string, string>) : {};

const requireFreeName = async (operation: Operation): Promise<void> => {
  const name = operation.id.names[0]!;
  const all = await listBelow(operation.tx, { scopeKey: '', type });
  if (all.every((other) => other.name !== name)) return;
  throw refuse(
    409,
    'WorkspaceNameExists',
    `The workspace name '${name}' is already in use. Names of workspaces are globally unique: choose another one.`,
    'name',
  );
};

const create = async (rooms: SqlRooms, operation: Operation): Promise<JsonObject> => {
  await requireFreeName(operation);
  if (!workspaceAttachment.isAttached(tagsIn(operation.body))) {
    const { sqlAdministratorLogin, [passwordField]: password } = propertiesOf(operation.body);
    checkLogin(sqlAdministratorLogin, 'sqlAdministratorLogin');
    const login = String(sqlAdministratorLogin);
    await writePassword(operation, rooms.secretKey, checkPassword(password, login, passwordField));
  }
  workspaceAttachment.read(tagsIn(operation.body), rooms.attachable);
  operation.afterCommit(() => rooms.stores.create(operation.id.key));
  operation.afterCommit(rooms.publish);
  return storedBody(operation.body, null, randomUUID());
};

const update = async (rooms: SqlRooms, operation: Operation, existing: Resource): Promise<JsonObject> => {
  const { sqlAdministratorLogin, [passwordField]: password } = propertiesOf(operation.body);
  const known = String(propertiesOf(existing.body).sqlAdministratorLogin ?? '');
  if (sqlAdministratorLogin !== undefined && sqlAdministratorLogin !== known)
    throw refuse(
      400,
      'InvalidParameterValue',
      `The administrator's login is '${known}' and stays: it is given when the workspace is created.`,
      'properties.sqlAdministratorLogin',
    );
  if (typeof password === 'string')
    await writePassword(operation, rooms.secretKey, checkPassword(password, known, passwordField));
  // A firewall that was closed is closed at once, whether or not the store runs.
  operation.afterCommit(rooms.publish);
  operation.afterCommit(() => rooms.stores.ensure(existing.key));
  operation.afterCommit(rooms.publish);
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
  remove: async (operation, existing) => {
    await disconnectTarget(operation, existing.key);
    operation.afterCommit(() => rooms.stores.remove(existing, rooms.publish));
  },
  present: async (operation, workspace) => {
    const connections = await connectionsOfTarget(operation.tx, workspace.key);
    return shownBody(
      workspace,
      connections.map((connection) => embeddedConnection(workspaceTarget, workspace, connection)),
    );
  },
  actions: [
    decisionsAction('target', `${type}/privateEndpointConnections/read`),
    {
      path: 'providers/Postern.Sandbox/listEndpoints',
      method: 'POST',
      permission: `${type}/read`,
      run: async (_operation, workspace) => {
        workspaceAttachment.requireOwn(workspace, 'Connect to it where it runs.');
        return { body: showEndpoints(rooms.directory, workspace) };
      },
    },
  ],
});
