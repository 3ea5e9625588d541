// `{server}/administrators` and `{server}/azureADOnlyAuthentications`: who is let into a server by a token as its
// administrator, and whether its SQL login is closed. Alike for SQL servers and Synapse workspaces.
import { Type } from 'typebox';
import type { Operation, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Database, Tx } from '../../database/database.ts';
import { listChildren, readResource, writeResource } from '../../database/resource.ts';
import type { Stores } from '../target/keep-stores.ts';
import type { TargetKind } from '../target/target.ts';
import { childResource } from './child-resource.ts';

const guid = { pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' };

/** What names an administrator on the wire. */
const Administrator = Type.Object({
  administratorType: Type.Optional(Type.Enum(['ActiveDirectory'])),
  principalType: Type.Optional(Type.Enum(['User', 'Group', 'Application'])),
  login: Type.Optional(Type.String({ maxLength: 128 })),
  sid: Type.Optional(Type.String(guid)),
  tenantId: Type.Optional(Type.String(guid)),
});

/** `properties.administrators` of a server that is being created. */
export const Administrators = Type.Object({
  ...Administrator.properties,
  azureADOnlyAuthentication: Type.Optional(Type.Boolean()),
});

const one = { kind: 'administrators', name: 'ActiveDirectory' } as const;
const only = { kind: 'azureADOnlyAuthentications', name: 'Default' } as const;

const propertiesOf = (body: JsonObject | undefined): JsonObject =>
  isJsonObject(body?.properties) ? body.properties : {};

const refuse = (code: string, message: string, target: string) => new ServiceError(400, code, message, { target });

/** The administrator as it is stored, or a refusal that names the field below `field`. */
const readAdministrator = (properties: JsonObject, tenantId: string, field: string): JsonObject => {
  const { login, sid, tenantId: tenant = tenantId, principalType } = properties;
  for (const [name, value] of [
    ['login', login],
    ['sid', sid],
  ] as const)
    if (typeof value !== 'string' || value === '')
      throw refuse(
        'InvalidParameterValue',
        `'${name}' is required: login is a name to show, sid the object id of the principal.`,
        `${field}.${name}`,
      );
  if (String(tenant).toLowerCase() !== tenantId.toLowerCase())
    throw refuse(
      'InvalidParameterValue',
      `There is no tenant '${String(tenant)}' here, so nobody could log in from it: this Postern is '${tenantId}'.`,
      `${field}.tenantId`,
    );
  return {
    administratorType: 'ActiveDirectory',
    ...(principalType && { principalType }),
    login: login!,
    sid: sid!,
    tenantId,
  };
};

const isOnly = (body: JsonObject | undefined): boolean => propertiesOf(body).azureADOnlyAuthentication === true;

/** Whether the SQL login of a server is closed. */
export const takesTokensOnly = async (db: Database | Tx, serverKey: string): Promise<boolean> =>
  isOnly((await readResource(db, `${serverKey}/${only.kind}/${only.name}`.toLowerCase()))?.body);

/** The administrator of a server as `properties.administrators` shows it; undefined where it has none. */
export const administratorsOf = async (db: Database | Tx, serverKey: string): Promise<JsonObject | undefined> => {
  const found = await readResource(db, `${serverKey}/${one.kind}/${one.name}`.toLowerCase());
  if (!found) return undefined;
  return { ...propertiesOf(found.body), azureADOnlyAuthentication: await takesTokensOnly(db, serverKey) };
};

/** Whether a principal administers a server, by one of the types that say who does. */
export const isAdministrator = async (
  db: Database | Tx,
  serverKey: string,
  types: readonly string[],
  objectId: string,
): Promise<boolean> => {
  for (const type of types)
    for (const { body } of await listChildren(db, { type, parentKey: serverKey }))
      if (String(propertiesOf(body).sid).toLowerCase() === objectId.toLowerCase()) return true;
  return false;
};

/** Whether a server that is created with these has no use for a SQL login. */
export const closesLogin = (administrators: Json | undefined): boolean =>
  isJsonObject(administrators) && administrators.azureADOnlyAuthentication === true;

/** Writes what a server is created with in `properties.administrators`. */
export const createAdministrator = async (
  operation: Operation,
  kind: TargetKind,
  tenantId: string,
  administrators: Json | undefined,
): Promise<void> => {
  if (!isJsonObject(administrators)) return;
  const properties = readAdministrator(administrators, tenantId, 'properties.administrators');
  const write = (child: { kind: string; name: string }, values: JsonObject) =>
    writeResource(
      operation.tx,
      childResource(operation, kind.type, { ...child, location: null, body: { properties: values } }),
    );
  await write(one, properties);
  if (closesLogin(administrators)) await write(only, { azureADOnlyAuthentication: true });
};

/** Refuses a server that is written with another administrator than it has: there are operations for that. */
export const requireSameAdministrator = async (
  operation: Operation,
  serverKey: string,
  administrators: Json | undefined,
): Promise<void> => {
  if (!isJsonObject(administrators)) return;
  const known = (await administratorsOf(operation.tx, serverKey)) ?? {};
  const other = Object.entries(administrators).find(
    ([name, value]) => String(known[name] ?? '').toLowerCase() !== String(value).toLowerCase(),
  );
  if (other)
    throw refuse(
      'InvalidParameterValue',
      `'administrators' is for new servers. Write ${one.kind}/${one.name} and ${only.kind}/${only.name} of this one.`,
      `properties.administrators.${other[0]}`,
    );
};

const serverKeyOf = ({ id }: Operation): string => id.key.split('/').slice(0, -2).join('/');

const shared = (kind: TargetKind, fixed: { kind: string; name: string }) =>
  ({
    type: `${kind.type}/${fixed.kind}`,
    scope: 'resourceGroup',
    apiVersions: kind.apiVersions,
    name: { pattern: new RegExp(`^${fixed.name}$`, 'i'), min: 1, max: 32, says: `the word ${fixed.name}` },
    tracked: false,
    etag: 'none',
    conditionalGet: false,
    status: { created: 201, updated: 200 },
    asyncOperation: true,
  }) as const;

/** The administrators by token of one kind of server. `names` are what the types are called: Synapse has two. */
export const administratorTypes = (
  kind: TargetKind,
  rooms: { stores: Stores; tenantId: string },
  names: readonly string[] = [one.kind],
): ResourceType[] => [
  ...names.map(
    (name): ResourceType => ({
      ...shared(kind, { kind: name, name: one.name }),
      schema: Type.Object({ properties: Administrator }),
      write: async ({ body }) => ({
        ...body,
        properties: readAdministrator(propertiesOf(body), rooms.tenantId, 'properties'),
      }),
      remove: async (operation, _existing, isAsked) => {
        if (isAsked && (await takesTokensOnly(operation.tx, serverKeyOf(operation))))
          throw new ServiceError(
            409,
            'AadOnlyAuthenticationEnabled',
            `Without its administrator nobody could open the server: its SQL login is closed. Set ${only.kind}/${only.name} to false first.`,
          );
      },
    }),
  ),
  {
    ...shared(kind, only),
    schema: Type.Object({ properties: Type.Object({ azureADOnlyAuthentication: Type.Boolean() }) }),
    write: async (operation) => {
      const key = serverKeyOf(operation);
      const all = await Promise.all(
        names.map((name) => listChildren(operation.tx, { type: `${kind.type}/${name}`, parentKey: key })),
      );
      if (isOnly(operation.body) && all.flat().length === 0)
        throw refuse(
          'AadAdminNotConfigured',
          `Without its SQL login nothing could open the server, for it has no Microsoft Entra administrator. Write ${names[0]}/${one.name} first.`,
          'properties.azureADOnlyAuthentication',
        );
      operation.afterCommit(() => rooms.stores.ensure(key));
      return operation.body;
    },
    remove: async (operation, _existing, isAsked) => {
      const key = serverKeyOf(operation);
      if (isAsked) operation.afterCommit(() => rooms.stores.ensure(key));
    },
  },
];
