// Microsoft.Sql/servers
import type { NameRule, Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { writeResource } from '../../database/resource.ts';
import type { SecretKey } from '../../database/secret.ts';
import { decisionsAction } from '../postern/decisions.ts';
import type { Publish } from '../publication.ts';
import type { Attachable, StoreDirectory } from '../store-directory.ts';
import type { Stores } from '../target/keep-stores.ts';
import {
  listEndpoints,
  removeStore,
  renewStore,
  requireFreeName,
  shownConnections,
  startStore,
  tagsIn,
} from '../target/store-life.ts';
import { masterOf } from './database.ts';
import { administratorsOf, closesLogin, createAdministrator, requireSameAdministrator } from './entra-administrator.ts';
import { createLogin, type LoginFields, updateLogin } from './login.ts';
import { propertiesOf, SqlServer, SqlServerPatch, shownBody, storedBody } from './server-body.ts';
import { serverAttachment } from './server-family.ts';
import { sqlServerTarget } from './sql-server-target.ts';

const { type } = sqlServerTarget;

/** What SQL servers need of the house. */
export type SqlRooms = {
  publish: Publish;
  stores: Stores;
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

const fields: LoginFields = {
  login: 'administratorLogin',
  password: 'administratorLoginPassword',
  word: 'server',
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
  await requireSameAdministrator(operation, existing.key, propertiesOf(operation.body).administrators);
  await updateLogin(operation, rooms.secretKey, existing, fields);
  renewStore(rooms, operation, existing);
  return storedBody(operation.body, existing.body);
};

const create = async (rooms: SqlRooms, operation: Operation): Promise<JsonObject> => {
  check(operation);
  await requireFreeName(operation, sqlServerTarget, {
    code: 'NameAlreadyExists',
    says: (name) => `The name '${name}' already exists. Names of SQL servers are globally unique: choose another one.`,
  });
  const { administratorLogin, administrators } = propertiesOf(operation.body);
  const hasLogin = administratorLogin !== undefined || !closesLogin(administrators);
  if (hasLogin && !serverAttachment.isAttached(tagsIn(operation.body)))
    await createLogin(operation, rooms.secretKey, fields);
  serverAttachment.read(tagsIn(operation.body), rooms.attachable);
  await writeResource(operation.tx, masterOf(operation));
  await createAdministrator(operation, sqlServerTarget, rooms.tenantId, administrators);
  startStore(rooms, operation);
  return storedBody(operation.body, null);
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
  remove: removeStore(rooms),
  present: async (operation, server) => {
    return shownBody(server, {
      administrators: await administratorsOf(operation.tx, server.key),
      connections: await shownConnections(operation, sqlServerTarget, server),
    });
  },
  actions: [
    decisionsAction('target', `${type}/privateEndpointConnections/read`),
    listEndpoints(sqlServerTarget, rooms, {
      word: 'server',
      attachment: serverAttachment,
      urlOf: (place) => `tcp://${place}`,
    }),
  ],
});
