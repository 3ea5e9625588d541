// GET, HEAD, PUT, PATCH and DELETE of one resource: the same for every type, by what the type says of itself.
import { randomBytes } from 'node:crypto';
import { Type } from 'typebox';
import { ServiceError } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import { type Resource, readResource, writeResource } from '../database/resource.ts';
import { groupNotFound, isDeleting, readScope, resourceNotFound } from './containment.ts';
import { groupType } from './dispatch.ts';
import { liveKept } from './kept-life.ts';
import { checkLocation } from './location.ts';
import { finishOperation, operationHeaders, startOperation } from './long-running.ts';
import { permissionFor } from './permission.ts';
import { checkWrite, isNotModified } from './precondition.ts';
import { present, withoutOwned } from './presentation.ts';
import { removeResource } from './removal.ts';
import { beginRemoval } from './remover.ts';
import type { ArmReply, ArmRequest } from './request.ts';
import type { ResourceId } from './resource-id.ts';
import type { Operation, ResourceType } from './resource-type.ts';
import { checkBody, checkEnvelope, checkName, readTags } from './validation.ts';

type Ask = { type: ResourceType; id: ResourceId; scope: ResourceId };
type Step = (request: ArmRequest, operation: Operation, ask: Ask) => Promise<ArmReply>;

const createEtag = () => {
  const hex = randomBytes(8).toString('hex');
  return `${hex.slice(0, 8)}-0000-0100-0000-${hex.slice(8)}0000`;
};

const isGroup = (type: ResourceType) => type.type === groupType;

const notFound = (type: ResourceType, id: ResourceId) =>
  isGroup(type) ? groupNotFound(id.resourceGroup!) : resourceNotFound(id);

const etagHeader = (type: ResourceType, etag: string): Record<string, string> =>
  type.etag === 'none' ? {} : { etag: `"${etag}"` };

const shown = async (
  type: ResourceType,
  operation: Operation,
  resource: Resource,
  status: number,
): Promise<ArmReply> => ({
  status,
  body: await present(type, operation, resource),
  headers: etagHeader(type, resource.etag),
});

const read: Step = async (request, operation, { type, id, scope }) => {
  const parent = await readScope(operation.tx, scope, false);
  if (type.rows) {
    const row = await type.rows.get(operation, parent, id.names.at(-1)!);
    if (!row) throw resourceNotFound(id);
    return request.method === 'HEAD' ? { status: 204 } : { status: 200, body: row };
  }
  const resource = await readResource(operation.tx, id.key);
  if (!resource) throw notFound(type, id);
  if (request.method === 'HEAD') return { status: 204 };
  if (type.conditionalGet && isNotModified(request.conditions, resource.etag))
    return { status: 304, headers: etagHeader(type, resource.etag) };
  return shown(type, operation, resource, 200);
};

/** Azure's spelling of everything but the names, which are as the caller wrote them first. */
const canonicalId = (type: ResourceType, id: ResourceId, parent: Resource | null, subscriptionId: string) => {
  if (isGroup(type)) return `/subscriptions/${subscriptionId}/resourceGroups/${id.resourceGroup}`;
  const name = id.names.at(-1)!;
  const last = type.type.split('/').at(-1)!;
  if (parent && type.type.split('/').length > 2) return `${parent.id}/${last}/${name}`;
  return `${parent?.id ?? (id.subscriptionId === null ? '' : `/subscriptions/${subscriptionId}`)}/providers/${type.type}/${name}`;
};

const locationOf = (type: ResourceType, body: JsonObject, existing: Resource | null): string | null => {
  if (!type.tracked) return null;
  const { location } = body;
  if (location === undefined || location === null) {
    if (existing) return existing.location;
    throw new ServiceError(400, 'LocationRequired', "The 'location' property is required. Add it to the body.", {
      target: 'location',
    });
  }
  if (typeof location !== 'string')
    throw new ServiceError(400, 'InvalidRequestContent', "'location' must be a string.", { target: 'location' });
  const wanted = checkLocation(location, type.type);
  if (existing?.location && existing.location !== wanted)
    throw new ServiceError(
      409,
      'InvalidResourceLocation',
      `The resource '${existing.name}' already exists in location '${existing.location}'; it cannot be created in '${wanted}'. Delete it first, or use another name.`,
      { target: 'location' },
    );
  return wanted;
};

const store = async (
  { subscriptionId }: ArmRequest,
  operation: Operation,
  { type, id, scope }: Ask,
  existing: Resource | null,
  parent: Resource | null,
  content: { body: JsonObject; location: string | null; tags: Record<string, string> },
): Promise<Resource> => {
  const resource: Resource = {
    id: existing?.id ?? canonicalId(type, id, parent, subscriptionId),
    key: id.key,
    type: type.type,
    name: existing?.name ?? (isGroup(type) ? id.resourceGroup! : id.names.at(-1)!),
    parentKey: scope.key,
    location: content.location,
    tags: content.tags,
    body: withoutOwned(content.body),
    etag: createEtag(),
    createdAt: existing?.createdAt ?? operation.now,
    updatedAt: operation.now,
  };
  await writeResource(operation.tx, resource);
  return resource;
};

/** The headers of an operation that has ended: clients that expect to poll find it done at their first look. */
const endedOperation = async (
  { subscriptionId }: ArmRequest,
  operation: Operation,
  type: ResourceType,
  resource: Pick<Resource, 'key' | 'location'>,
  parent: Resource | null,
): Promise<Record<string, string>> => {
  const id = await startOperation(operation, 'ended', resource.key);
  await finishOperation(operation.tx, id, null);
  const place = { namespace: type.type.split('/')[0]!, location: resource.location ?? parent?.location ?? 'global' };
  return { ...operationHeaders(operation, { subscriptionId, ...place, id }), 'retry-after': '0' };
};

/** What an operation on a row of another table was about. */
const ended = (id: ResourceId) => ({ key: id.key, location: null });

const put: Step = async (request, operation, ask) => {
  const { type, id, scope } = ask;
  checkName(type.name, isGroup(type) ? id.resourceGroup! : id.names.at(-1)!, type.type);
  const parent = await readScope(operation.tx, scope, true);
  const { body } = operation;
  if (type.rows?.put) {
    checkEnvelope(body);
    checkBody(type.schema, body);
    const row = await type.rows.put(operation, parent, id.names.at(-1)!);
    const reply = { status: row.created ? type.status.created : type.status.updated, body: row.body };
    if (!type.asyncOperation) return reply;
    const { location: _, ...headers } = await endedOperation(request, operation, type, ended(id), parent);
    return { ...reply, headers };
  }
  const existing = await readResource(operation.tx, id.key);
  if (existing && isGroup(type)) await readScope(operation.tx, id, true);
  checkWrite(request.conditions, existing?.etag ?? null);
  checkEnvelope(body);
  const tags = type.tracked ? readTags(body) : {};
  const location = locationOf(type, body, existing);
  checkBody(type.schema, body);
  const stored = type.write ? await type.write(operation, existing) : body;
  const resource = await store(request, operation, ask, existing, parent, { body: stored, location, tags });
  const reply = await shown(type, operation, resource, existing ? type.status.updated : type.status.created);
  if (!type.asyncOperation) return reply;
  const { location: _, ...headers } = await endedOperation(request, operation, type, resource, parent);
  return { ...reply, headers: { ...reply.headers, ...headers } };
};

const tagsOnly = Type.Object({});

const patch: Step = async (request, operation, ask) => {
  const { type, id, scope } = ask;
  const parent = await readScope(operation.tx, isGroup(type) ? id : scope, true);
  const existing = await readResource(operation.tx, id.key);
  if (!existing) throw notFound(type, id);
  checkWrite(request.conditions, existing.etag);
  const { body } = operation;
  checkEnvelope(body);
  const tags = type.tracked && body.tags !== undefined ? readTags(body) : existing.tags;
  checkBody(type.patch?.schema ?? tagsOnly, body);
  const stored = type.patch ? await type.patch.apply(operation, existing) : existing.body;
  const content = { body: stored, location: existing.location, tags };
  const resource = await store(request, operation, ask, existing, parent, content);
  return shown(type, operation, resource, 200);
};

const remove: Step = async (request, operation, { type, id, scope }) => {
  const parent = await readScope(operation.tx, scope, !isGroup(type));
  if (type.rows?.delete) {
    const wasThere = await type.rows.delete(operation, parent, id.names.at(-1)!);
    if (!wasThere || !type.asyncOperation) return { status: wasThere ? (type.status.deleted ?? 200) : 204 };
    return { status: 202, headers: await endedOperation(request, operation, type, ended(id), parent) };
  }
  const existing = await readResource(operation.tx, id.key);
  if (!existing) {
    if (isGroup(type)) throw notFound(type, id);
    return { status: 204 };
  }
  checkWrite({ ...request.conditions, ifNoneMatch: undefined }, existing.etag);
  if (type.longRunningDelete) return beginRemoval(request, operation, existing, isDeleting(existing));
  await removeResource(request.registry, request.operation, existing, true);
  if (!type.asyncOperation) return { status: type.status.deleted ?? 200 };
  return { status: 202, headers: await endedOperation(request, operation, type, existing, parent) };
};

const steps: Readonly<Record<string, [Step, string]>> = {
  GET: [read, 'read'],
  HEAD: [read, 'read'],
  PUT: [put, 'write'],
  PATCH: [patch, 'write'],
  DELETE: [remove, 'delete'],
};

/** Answers a request for one resource. */
export const liveResource = (request: ArmRequest, ask: Ask): Promise<ArmReply> => {
  const [step, verb] = steps[request.method]!;
  request.access.demand(permissionFor(ask.type, ask.scope, verb), ask.id.path);
  const operation = { ...request.operation, id: ask.id };
  const { type } = ask;
  return type.kept ? liveKept(request, operation, { ...ask, type, kept: type.kept }) : step(request, operation, ask);
};
