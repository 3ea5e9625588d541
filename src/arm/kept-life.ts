// Resources that a store keeps: the same life as that of our own rows, but asked of the store once the transaction is over.
import { ServiceError } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import { readScope } from './containment.ts';
import { nextLink, readPageAsk } from './page.ts';
import { checkWrite } from './precondition.ts';
import type { ArmReply, ArmRequest } from './request.ts';
import { idOfSegments, type ResourceId } from './resource-id.ts';
import type { Keeper, Operation, ResourceType } from './resource-type.ts';
import { checkBody, checkEnvelope, checkName } from './validation.ts';

type Kept = NonNullable<ResourceType['kept']>;
type Ask = { type: ResourceType; kept: Kept; id: ResourceId };
type Step = (ask: {
  request: ArmRequest;
  ask: Ask;
  keeper: Keeper;
  name: string;
  gone: AbortSignal;
}) => Promise<ArmReply>;

/** `/subscriptions/{s}/resourceGroups/{g}/providers/{namespace}`, and then pairs. */
const pairsBegin = 6;

const parentOf = ({ path }: ResourceId, { within }: Kept): ResourceId =>
  idOfSegments(path.split('/').slice(1, 1 + pairsBegin + 2 * (within.split('/').length - 1)));

const missing = ({ kept, id }: Ask) =>
  new ServiceError(404, kept.missing.code, kept.missing.message, { target: id.path });

const etagOf = ({ etag }: JsonObject): string => (typeof etag === 'string' ? etag : '');

const shown = (status: number, body: JsonObject): ArmReply => ({
  status,
  body,
  ...(etagOf(body) !== '' && { headers: { etag: etagOf(body) } }),
});

const read: Step = async ({ request, ask, keeper, name, gone }) => {
  const there = await keeper.get(name, gone);
  if (!there) throw missing(ask);
  return request.method === 'HEAD' ? { status: 204 } : shown(200, there);
};

const write: Step = async ({ request, ask, keeper, name, gone }) => {
  const there = await keeper.get(name, gone);
  if (!there && request.method === 'PATCH') throw missing(ask);
  checkWrite(request.conditions, there && etagOf(there));
  const { created, updated } = ask.type.status;
  return shown(there ? updated : created, await keeper.put(name, gone));
};

const remove: Step = async ({ request, ask, keeper, name, gone }) => {
  const there = await keeper.get(name, gone);
  if (!there) return { status: 204 };
  checkWrite({ ...request.conditions, ifNoneMatch: undefined }, etagOf(there));
  await keeper.delete(name, gone);
  return { status: ask.type.status.deleted ?? 200 };
};

const steps: Readonly<Record<string, Step>> = { GET: read, HEAD: read, PUT: write, PATCH: write, DELETE: remove };

/** Answers a request for one resource that a store keeps. Who asks may. */
export const liveKept = async (request: ArmRequest, operation: Operation, ask: Ask): Promise<ArmReply> => {
  const { type, kept, id } = ask;
  const name = id.names.at(-1)!;
  const isWriting = request.method === 'PUT' || request.method === 'PATCH';
  if (isWriting) checkName(type.name, name, type.type);
  const parent = await readScope(operation.tx, parentOf(id, kept), isWriting || request.method === 'DELETE');
  if (isWriting) {
    checkEnvelope(operation.body);
    checkBody(type.schema, operation.body);
  }
  const keeper = await kept.open(operation, parent!);
  const step = steps[request.method]!;
  return { status: 200, afterwards: (gone) => step({ request, ask, keeper, name, gone }) };
};

/** Answers a GET of a collection that a store keeps: a page, by the store's own order. Who asks may. */
export const listKept = async (
  request: ArmRequest,
  operation: Operation,
  { id, kept }: Pick<Ask, 'id' | 'kept'>,
): Promise<ArmReply> => {
  const page = readPageAsk(operation.query, '$maxpagesize');
  const parent = await readScope(operation.tx, parentOf(id, kept), false);
  const keeper = await kept.open(operation, parent!);
  return {
    status: 200,
    afterwards: async (gone) => {
      const { value, next } = await keeper.list(page, gone);
      const link = next !== undefined && nextLink(operation.origin, request.segments, operation.query, next);
      return { status: 200, body: { value, ...(link && { nextLink: link }) } };
    },
  };
};
