// What a Synapse workspace looks like on the wire: what its owner may write, and what follows from it. Pure.
import { Type } from 'typebox';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { openRules } from '../sql/sql-server-target.ts';
import { workspaceHost } from './workspace-family.ts';

/** Body of a PUT, and of a PATCH. */
export const Workspace = Type.Object({
  properties: Type.Optional(
    Type.Object({
      sqlAdministratorLogin: Type.Optional(Type.String({ maxLength: 128 })),
      sqlAdministratorLoginPassword: Type.Optional(Type.Union([Type.String({ maxLength: 128 }), Type.Null()])),
      publicNetworkAccess: Type.Optional(Type.Enum(['Enabled', 'Disabled'])),
      managedVirtualNetwork: Type.Optional(Type.String({ maxLength: 128 })),
      defaultDataLakeStorage: Type.Optional(
        Type.Object({
          accountUrl: Type.Optional(Type.String({ maxLength: 512 })),
          filesystem: Type.Optional(Type.String({ maxLength: 128 })),
        }),
      ),
    }),
  ),
});

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** The properties of a workspace's body. */
const propertiesOf = (body: JsonObject): JsonObject => objectAt(body.properties);

const live = [
  'sqlAdministratorLoginPassword',
  'connectivityEndpoints',
  'provisioningState',
  'privateEndpointConnections',
  'workspaceUID',
];

/** The body to store: what was written over what was there, less the password and what only the server says. */
export const storedBody = (written: JsonObject, before: JsonObject | null, uid: string): JsonObject => {
  const asked = Object.entries(propertiesOf(written)).filter(([name, value]) => !live.includes(name) && value !== null);
  const known = objectAt(before?.properties);
  const { [openRules]: _, ...body } = written;
  return {
    ...before,
    ...body,
    properties: { ...known, ...Object.fromEntries(asked), workspaceUID: known.workspaceUID ?? uid },
    [openRules]: before?.[openRules] ?? [],
  };
};

/** The workspace as its clients see it, with the connections that lead to it. */
export const shownBody = (workspace: { name: string; body: JsonObject }, connections: JsonObject[]): JsonObject => {
  const { [openRules]: _, ...body } = workspace.body;
  return {
    ...body,
    properties: {
      publicNetworkAccess: 'Enabled',
      ...propertiesOf(workspace.body),
      provisioningState: 'Succeeded',
      connectivityEndpoints: {
        sql: workspaceHost(workspace.name, 'Sql'),
        sqlOnDemand: workspaceHost(workspace.name, 'SqlOnDemand'),
        dev: `https://${workspaceHost(workspace.name, 'Dev')}`,
      },
      privateEndpointConnections: connections,
    },
  };
};
