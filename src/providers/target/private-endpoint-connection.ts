// `{target}/privateEndpointConnections`: where an owner answers. One implementation for every target type.
import { type TSchema, Type } from 'typebox';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { type ConnectionState, shownState } from '../../private-link/connection.ts';
import { decide } from '../../private-link/decision.ts';
import { firstWords, lastWords } from '../../private-link/wording.ts';
import type { Publish } from '../publication.ts';
import { giveApproval, showApproval } from './approval.ts';
import { type Connection, connectionsOfTarget, moveConnection, rewordConnection } from './connection.ts';
import type { TargetKind } from './target.ts';
import { readWords } from './words.ts';

const longestDescription = 1000;

const schemaOf = (kind: TargetKind): TSchema =>
  Type.Object({
    properties: Type.Object({
      privateEndpoint: Type.Optional(
        Type.Union([Type.Object({ id: Type.Optional(Type.Union([Type.String(), Type.Null()])) }), Type.Null()]),
      ),
      privateLinkServiceConnectionState: Type.Object({
        status: Type.String({ maxLength: 32 }),
        description: Type.Optional(Type.Union([Type.String({ maxLength: longestDescription }), Type.Null()])),
        [kind.actionsField]: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()])),
      }),
    }),
  });

const permissionOf = (kind: TargetKind) => `${kind.type}/privateEndpointConnections/write`;

/** The number by which the owner of a Private Link Service tells connections apart. */
const linkIdentifier = ({ id }: Connection) => String(Number.parseInt(id.slice(0, 8), 16));

/** A connection as the target's owner sees it. */
export const showConnection = (kind: TargetKind, target: Resource, connection: Connection): JsonObject => ({
  id: `${target.id}/privateEndpointConnections/${connection.name}`,
  name: connection.name,
  type: `${kind.type}/privateEndpointConnections`,
  ...(kind.hasConnectionEtag && { etag: `"${connection.version}"` }),
  properties: {
    provisioningState: 'Succeeded',
    privateEndpoint: { id: connection.private_endpoint_id },
    // Azure does not tell a storage owner which sub-resource is asked for, nor keep what the requester wrote.
    ...(kind.whole ? { linkIdentifier: linkIdentifier(connection) } : { groupIds: [connection.group_id] }),
    ...(kind.showsGroupId && { groupId: connection.group_id }),
    ...(connection.request_message !== '' && { requestMessage: connection.request_message }),
    privateLinkServiceConnectionState: {
      status: shownState(connection),
      description: connection.description,
      [kind.actionsField]: connection.actions_required,
    },
  },
});

/** The same, with what the target's approval policies make of it. */
const showWhole = async (operation: Operation, kind: TargetKind, target: Resource, connection: Connection) => {
  const shown = showConnection(kind, target, connection);
  const approval = await showApproval(operation, connection, permissionOf(kind));
  return approval ? { ...shown, properties: { ...(shown.properties as JsonObject), approval } } : shown;
};

/** The same inside of the target's own body, without what its id says already. */
export const embeddedConnection = (kind: TargetKind, target: Resource, connection: Connection): JsonObject => {
  const { name: _, type: __, ...kept } = showConnection(kind, target, connection);
  return kept;
};

const find = async (operation: Operation, target: Resource, name: string): Promise<Connection | null> => {
  const all = await connectionsOfTarget(operation.tx, target.key);
  return all.find((connection) => connection.name.toLowerCase() === name.toLowerCase()) ?? null;
};

const stateField = 'properties.privateLinkServiceConnectionState';

const answer = async (operation: Operation, kind: TargetKind, connection: Connection): Promise<void> => {
  const properties = isJsonObject(operation.body.properties) ? operation.body.properties : {};
  const asked = isJsonObject(properties.privateLinkServiceConnectionState)
    ? properties.privateLinkServiceConnectionState
    : {};
  const decision = decide(connection.state as ConnectionState, String(asked.status));
  if ('refused' in decision) {
    const [status, code] =
      decision.refused === 'UnknownStatus' ? ([400, 'InvalidRequestContent'] as const) : ([409, 'Conflict'] as const);
    throw new ServiceError(status, code, decision.message, { target: `${stateField}.status` });
  }
  const words = {
    description:
      asked.description === undefined && !decision.event
        ? connection.description
        : readWords(asked.description, `${stateField}.description`),
    actionsRequired:
      readWords(asked[kind.actionsField], `${stateField}.${kind.actionsField}`) || firstWords.actionsRequired,
  };
  if (decision.event === 'Approve' || (decision.event === null && connection.state === 'Approved'))
    await giveApproval(operation, connection, words, permissionOf(kind));
  else if (decision.event) await moveConnection(operation, connection, decision.event, words);
  else await rewordConnection(operation, connection, words);
};

/** The connections of one kind of target, as a resource type. */
export const privateEndpointConnectionType = (kind: TargetKind, publish: Publish): ResourceType => ({
  type: `${kind.type}/privateEndpointConnections`,
  scope: 'resourceGroup',
  apiVersions: kind.apiVersions,
  name: { pattern: /^[A-Za-z0-9][\w.-]*$/, min: 1, max: 260, says: 'the name of a connection, as the list shows it' },
  tracked: false,
  schema: schemaOf(kind),
  etag: 'none',
  conditionalGet: false,
  status: { created: 200, updated: 200 },
  ...(kind.isDisconnectPolled && { asyncOperation: true }),
  rows: {
    list: async (operation, target) => {
      const shown: JsonObject[] = [];
      for (const one of await connectionsOfTarget(operation.tx, target!.key))
        shown.push(await showWhole(operation, kind, target!, one));
      return shown;
    },
    get: async (operation, target, name) => {
      const connection = await find(operation, target!, name);
      return connection && showWhole(operation, kind, target!, connection);
    },
    put: async (operation, target, name) => {
      const connection = await find(operation, target!, name);
      if (!connection)
        throw new ServiceError(
          404,
          'ResourceNotFound',
          `${target!.name} has no private endpoint connection '${name}'. Connections are made by whoever requests an endpoint; GET ${target!.id}/privateEndpointConnections lists them.`,
          { target: 'name' },
        );
      await answer(operation, kind, connection);
      operation.afterCommit(publish);
      const written = await find(operation, target!, name);
      return { created: false, body: await showWhole(operation, kind, target!, written!) };
    },
    delete: async (operation, target, name) => {
      const connection = await find(operation, target!, name);
      if (!connection) return false;
      await moveConnection(operation, connection, 'Disconnect', {
        description: lastWords.removed,
        actionsRequired: firstWords.actionsRequired,
      });
      operation.afterCommit(publish);
      return true;
    },
  },
});
