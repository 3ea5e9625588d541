// What a SQL server looks like on the wire: what its owner may write, and what follows from it. Pure.
import { Type } from 'typebox';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { Administrators } from './entra-administrator.ts';
import { serverHost } from './server-family.ts';
import { openRules } from './sql-server-target.ts';

const Properties = Type.Object({
  administratorLogin: Type.Optional(Type.String({ maxLength: 128 })),
  administratorLoginPassword: Type.Optional(Type.Union([Type.String({ maxLength: 128 }), Type.Null()])),
  administrators: Type.Optional(Type.Union([Administrators, Type.Null()])),
  version: Type.Optional(Type.Union([Type.String({ maxLength: 16 }), Type.Null()])),
  minimalTlsVersion: Type.Optional(Type.Enum(['None', '1.0', '1.1', '1.2', '1.3'])),
  publicNetworkAccess: Type.Optional(Type.Enum(['Enabled', 'Disabled', 'SecuredByPerimeter'])),
  restrictOutboundNetworkAccess: Type.Optional(Type.Enum(['Enabled', 'Disabled'])),
});

/** Body of a PUT. */
export const SqlServer = Type.Object({ properties: Type.Optional(Properties) });
/** Body of a PATCH. */
export const SqlServerPatch = SqlServer;

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** The properties of a server's body. */
export const propertiesOf = (body: JsonObject): JsonObject => objectAt(body.properties);

const live = [
  'administratorLoginPassword',
  'administrators',
  'fullyQualifiedDomainName',
  'state',
  'privateEndpointConnections',
];

/** The body to store: what was written over what was there, less the password and what only the server says. */
export const storedBody = (written: JsonObject, before: JsonObject | null): JsonObject => {
  const asked = Object.entries(propertiesOf(written)).filter(([name, value]) => !live.includes(name) && value !== null);
  const { [openRules]: _, ...body } = written;
  return {
    ...before,
    ...body,
    properties: { ...objectAt(before?.properties), ...Object.fromEntries(asked) },
    [openRules]: before?.[openRules] ?? [],
  };
};

/** The server as its clients see it, with its administrator by token and the connections that lead to it. */
export const shownBody = (
  server: { name: string; body: JsonObject },
  { administrators, connections }: { administrators: JsonObject | undefined; connections: JsonObject[] },
): JsonObject => {
  const { [openRules]: _, ...body } = server.body;
  return {
    ...body,
    kind: 'v12.0',
    properties: {
      minimalTlsVersion: '1.2',
      publicNetworkAccess: 'Enabled',
      restrictOutboundNetworkAccess: 'Disabled',
      ...propertiesOf(server.body),
      ...(administrators && { administrators }),
      version: '12.0',
      state: 'Ready',
      fullyQualifiedDomainName: serverHost(server.name),
      privateEndpointConnections: connections,
    },
  };
};
