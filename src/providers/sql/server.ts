// Microsoft.Sql/servers
import type { ActionType, NameRule, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { listBelow, writeResource } from '../../database/resource.ts';
import type { SecretKey } from '../../database/secret.ts';
import { decisionsAction } from '../postern/decisions.ts';
import type { Publish } from '../publication.ts';
import type { Attachable, StoreDirectory } from '../store-directory.ts';
import { connectionsOfTarget, disconnectTarget } from '../target/connection.ts';
import { embeddedConnection } from '../target/private-endpoint-connection.ts';
import { masterOf } from './database.ts';
import { administratorsOf, closesLogin, createAdministrator, requireSameAdministrator } from './entra-administrator.ts';
import { checkLogin, checkPassword, writePassword } from './login.ts';
import { propertiesOf, SqlServer, SqlServerPatch, shownBody, storedBody } from './server-body.ts';
import { serverAttachment } from './server-family.ts';
import { sqlServerTarget } from './sql-server-target.ts';
import type { SqlStores } from './sql-store.ts';

const { type } = sqlServerTarget;

/** What SQL servers need of the house. */
export type SqlRooms = {
  publish: Publish;
  stores: SqlStores;
  directory: StoreDirectory;
  attachable: Attachable;
  secretKey: SecretKey;
  tenantId: string;
};

/** Names of servers: part of a host name, and so unique everywhere. */
export const serverName: NameRule = {
  pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
  min: 1,
  max: 63,
  says: 'lower-case letters, digits and hyphens, not at either end',
};

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
    'NameAlreadyExists',
    `The name '${name}' already exists. Names of SQL servers are globally unique: choose another one.`,
    'name',
  );
};

/** What nothing here would obey is refused. */
const check = ({ body }: Operation): void => {
  const { minimalTlsVersion } = propertiesOf(body);
  if (minimalTlsVersion === '1.3')
    throw refuse(
      400,
      'InvalidParameterValue',
      'A minimal TLS version of 1.3 is not supported here: TDS 7 goes up to 1.2.',
      'properties.minimalTlsVersion',
    );
};

const update = async (rooms: SqlRooms, operation: Operation, existing: Resource): Promise<JsonObject> => {
  check(operation);
  const { administratorLogin, administratorLoginPassword, administrators } = propertiesOf(operation.body);
  await requireSameAdministrator(operation, existing.key, administrators);
  const known = String(propertiesOf(existing.body).administratorLogin ?? '');
  if (administratorLogin !== undefined && administratorLogin !== known)
    throw refuse(
      400,
      'InvalidParameterValue',
      `The administrator's login is '${known}' and stays: it is given when the server is created.`,
      'properties.administratorLogin',
    );
  if (typeof administratorLoginPassword === 'string')
    await writePassword(
      operation,
      rooms.secretKey,
      checkPassword(administratorLoginPassword, known, 'administratorLoginPassword'),
    );
  // A firewall that was closed is closed at once, whether or not the store runs.
  operation.afterCommit(rooms.publish);
  operation.afterCommit(() => rooms.stores.ensure(existing.key));
  operation.afterCommit(rooms.publish);
  return storedBody(operation.body, existing.body);
};

const create = async (rooms: SqlRooms, operation: Operation): Promise<JsonObject> => {
  check(operation);
  await requireFreeName(operation);
  const { administratorLogin, administratorLoginPassword, administrators } = propertiesOf(operation.body);
  const hasLogin = administratorLogin !== undefined || !closesLogin(administrators);
  if (hasLogin && !serverAttachment.isAttached(tagsIn(operation.body))) {
    checkLogin(administratorLogin, 'administratorLogin');
    const login = String(administratorLogin);
    await writePassword(
      operation,
      rooms.secretKey,
      checkPassword(administratorLoginPassword, login, 'administratorLoginPassword'),
    );
  }
  serverAttachment.read(tagsIn(operation.body), rooms.attachable);
  await writeResource(operation.tx, masterOf(operation));
  await createAdministrator(operation, sqlServerTarget, rooms.tenantId, administrators);
  operation.afterCommit(() => rooms.stores.create(operation.id.key));
  operation.afterCommit(rooms.publish);
  return storedBody(operation.body, null);
};

const actions = (rooms: SqlRooms): ActionType[] => [
  decisionsAction('target', `${type}/privateEndpointConnections/read`),
  {
    path: 'providers/Postern.Sandbox/listEndpoints',
    method: 'POST',
    permission: `${type}/read`,
    run: async (_operation, server) => {
      serverAttachment.requireOwn(server, 'Connect to it where it runs.');
      return { body: showEndpoints(rooms.directory, server) };
    },
  },
];

/** Loopback addresses of a resource's servers, by sub-resource; a conflict where none runs. */
export const showEndpoints = (directory: StoreDirectory, resource: Resource): JsonObject => {
  const backends = Object.entries(directory.get(resource.key) ?? {});
  if (backends.length === 0)
    throw refuse(
      409,
      'StoreUnavailable',
      `The store of '${resource.name}' does not run. The log of Postern says why; writing the server again starts it.`,
      resource.id,
    );
  return Object.fromEntries(backends.map(([groupId, { address, port }]) => [groupId, `tcp://${address}:${port}`]));
};

/** SQL servers. Writing one answers once its store runs and the gateways know where. */
export const sqlServerType = (rooms: SqlRooms): ResourceType => ({
  type,
  scope: 'resourceGroup',
  apiVersions: sqlServerTarget.apiVersions,
  name: serverName,
  tracked: true,
  schema: SqlServer,
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  asyncOperation: true,
  patch: {
    schema: SqlServerPatch,
    apply: async (operation, existing) => {
      if (operation.body.tags !== undefined) serverAttachment.requireSame(existing, tagsIn(operation.body));
      return update(rooms, operation, existing);
    },
  },
  write: async (operation, existing) => {
    if (!existing) return create(rooms, operation);
    serverAttachment.requireSame(existing, tagsIn(operation.body));
    return update(rooms, operation, existing);
  },
  remove: async (operation, existing) => {
    await disconnectTarget(operation, existing.key);
    operation.afterCommit(() => rooms.stores.remove(existing, rooms.publish));
  },
  present: async (operation, server) => {
    const connections = await connectionsOfTarget(operation.tx, server.key);
    return shownBody(server, {
      administrators: await administratorsOf(operation.tx, server.key),
      connections: connections.map((connection) => embeddedConnection(sqlServerTarget, server, connection)),
    });
  },
  actions: actions(rooms),
});
