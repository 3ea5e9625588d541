// One authenticated request, in one transaction: who asks, what for, whether they may, and what comes of it.
import { ServiceError } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import type { Database, Tx } from '../database/database.ts';
import { readResource } from '../database/resource.ts';
import { createAfterCommit } from './after-commit.ts';
import { checkApiVersion } from './api-version.ts';
import { type Access, readAccess } from './authorization/access.ts';
import { listCollection } from './collection.ts';
import { checkSubscription, readScope, resourceNotFound } from './containment.ts';
import { type Destination, type Dispatch, groupType } from './dispatch.ts';
import type { Conditions } from './precondition.ts';
import { readCaller } from './principal.ts';
import type { ArmReply, ArmRequest } from './request.ts';
import { readBody } from './request-body.ts';
import type { RequestUrl } from './request-url.ts';
import { idOfSegments } from './resource-id.ts';
import { liveResource } from './resource-life.ts';
import type { Operation, Registry } from './resource-type.ts';
import { checkBody } from './validation.ts';

/** What came in over the wire, its token checked. */
export type Incoming = {
  method: string;
  url: RequestUrl;
  conditions: Conditions;
  contentType: string | undefined;
  bytes: Buffer | undefined;
  origin: string;
  /** The principal that the token stands for. */
  objectId: string;
  /** Aborted when the client goes away. */
  gone: AbortSignal;
};

/** Answers requests, or throws a ServiceError. */
export type Answer = (incoming: Incoming) => Promise<ArmReply>;

const ownVersion = '2026-11-01';

const versionsOf = (to: Destination): readonly string[] => {
  if (to.kind === 'route') return to.route.apiVersions;
  if (to.kind !== 'action') return to.type.apiVersions;
  const isOurs = to.action.path.toLowerCase().startsWith('providers/postern.');
  return to.action.apiVersions ?? (isOurs ? [ownVersion] : to.type.apiVersions);
};

const nameOf = (to: Destination) => (to.kind === 'route' ? to.route.path : to.type.type);

const act = async (request: ArmRequest, to: Destination): Promise<ArmReply> => {
  const { access, operation } = request;
  if (to.kind === 'collection') return listCollection(request, to);
  if (to.kind === 'resource') return liveResource(request, to);
  if (to.kind === 'route') {
    if (to.route.permission !== null) access.demand(to.route.permission, to.scope.path);
    const reply = await to.route.run({ ...operation, id: idOfSegments(request.segments) }, to.parameters);
    return { status: 200, ...reply };
  }
  access.demand(to.action.permission, to.id.path);
  const isGroup = to.type.type === groupType;
  const groupId = idOfSegments(to.id.path.split('/').slice(1, 5));
  await readScope(operation.tx, groupId, request.method !== 'GET');
  const resource = await readResource(operation.tx, to.id.key);
  if (!resource) throw isGroup ? resourceNotFound(groupId) : resourceNotFound(to.id);
  if (to.action.body) checkBody(to.action.body, operation.body);
  const reply = await to.action.run({ ...operation, id: to.id }, resource, to.parameters);
  return { status: 200, ...reply };
};

/** Builds the answer to requests out of the registry. `background` takes up long-running operations. */
export const createAnswer = (options: {
  database: Database;
  registry: Registry;
  dispatch: Dispatch;
  subscriptionId: string;
  background: (operationId: string) => void;
}): Answer => {
  const { database, registry, dispatch, subscriptionId } = options;

  const begin = async (tx: Tx, incoming: Incoming): Promise<Access> => {
    const caller = await readCaller(tx, incoming.objectId);
    if (!caller)
      throw new ServiceError(401, 'InvalidAuthenticationToken', 'The principal of this access token was deleted.', {
        headers: { 'www-authenticate': `Bearer authorization_uri="${incoming.origin}", error="invalid_token"` },
      });
    return readAccess(tx, caller);
  };

  return async (incoming) => {
    const { method, url, origin } = incoming;
    const afterCommit = createAfterCommit();
    const reply = await database.transaction().execute(async (tx) => {
      const access = await begin(tx, incoming);
      const to = dispatch(method, url.segments);
      const versions = versionsOf(to);
      const apiVersion =
        versions.length === 0
          ? (url.query['api-version'] ?? '')
          : checkApiVersion(url.query['api-version'], versions, nameOf(to));
      checkSubscription(idOfSegments(url.segments), subscriptionId);
      const carriesBody = method === 'PUT' || method === 'PATCH' || method === 'POST';
      const body: JsonObject = carriesBody ? readBody(incoming.bytes, incoming.contentType) : {};
      const operation: Omit<Operation, 'id'> = {
        tx,
        caller: access.caller,
        apiVersion,
        query: url.query,
        body,
        now: new Date().toISOString(),
        origin,
        afterCommit: afterCommit.add,
        may: access.may,
      };
      const background = (id: string) => {
        afterCommit.add(async () => options.background(id));
      };
      const { segments } = url;
      const { conditions } = incoming;
      return act({ method, segments, conditions, access, registry, subscriptionId, operation, background }, to);
    });
    await afterCommit.run();
    if (reply.afterwards) return reply.afterwards(incoming.gone);
    return reply.later ? { ...reply, body: await reply.later(incoming.gone) } : reply;
  };
};
