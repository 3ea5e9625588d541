// What an account does. Found by the method and the shape of the path; what is not here is refused by name.
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { CosmosAction } from '../sandbox.ts';
import type { ContainerRow } from './account-file.ts';
import { type Ask, containerAt, databaseAt, missing } from './ask.ts';
import { badRequest, CosmosError } from './cosmos-error.ts';
import { itemFeedOperation, itemPostOf, itemPostOperation } from './item-feed.ts';
import { type ItemOperationName, itemOperations } from './item-operation.ts';
import { continuationHeaders, createBudget, type Items, pageOfList, readPageAsk } from './page.ts';
import { readWholePartition } from './partition-key.ts';
import { openQuery } from './query/query.ts';
import { feedReply, itemReply, type Reply, resourceReply } from './reply.ts';
import {
  accountBody,
  changedKeyOf,
  containerBody,
  databaseBody,
  offerBody,
  rangeBody,
  readDefinition,
  readId,
  readThroughput,
} from './resource-body.ts';

type ByHeader<Value> = (ask: Pick<Ask, 'header'>) => Value;

/**
 * What an account does with a request. Who has a key that only reads may do what does not write; who has a token what it has
 * all `actions` for, and never what has none. Both may depend on the headers.
 */
export type Operation = {
  writes: boolean | ByHeader<boolean>;
  actions: readonly CosmosAction[] | null | ByHeader<readonly CosmosAction[] | null>;
  run(ask: Ask): Promise<Reply>;
};

const containers = 'sqlDatabases/containers';
const metadata: readonly CosmosAction[] = ['readMetadata'];
const queries: readonly CosmosAction[] = [`${containers}/executeQuery`];
const feeds: readonly CosmosAction[] = [`${containers}/readChangeFeed`];
const itemActions = {
  Create: [`${containers}/items/create`],
  Read: [`${containers}/items/read`],
  Replace: [`${containers}/items/replace`],
  Patch: [`${containers}/items/replace`],
  Upsert: [`${containers}/items/upsert`],
  Delete: [`${containers}/items/delete`],
} as const satisfies Readonly<Record<ItemOperationName, readonly CosmosAction[]>>;
/** A batch may hold any operation. */
const batches: readonly CosmosAction[] = [...new Set(Object.values(itemActions).flat())];

const conflict = (id: string) =>
  new CosmosError(409, 'Conflict', `Resource with specified id already exists: '${id.slice(0, 255)}'.`);

/** A page of resources, all or those that a query in the body asks for. */
const listReply = async (ask: Ask, name: string, rid: string, bodies: JsonObject[], query?: Json): Promise<Reply> => {
  const pageAsk = readPageAsk(ask.header('x-ms-max-item-count'), ask.header('x-ms-continuation'));
  const texts = bodies.map((body) => JSON.stringify(body));
  if (query === undefined) {
    const page = pageOfList(texts, pageAsk);
    return feedReply(name, rid, page.texts, continuationHeaders(page));
  }
  const items: Items = (after, limit) =>
    texts.slice(after, after + limit).map((text, at) => ({ number: after + at + 1, text }));
  const budget = createBudget();
  const page = await ask.page(openQuery(query, budget), items, pageAsk, budget, ask.rest);
  return feedReply(name, rid, page.texts, continuationHeaders(page));
};

const isQuery = ({ header }: Pick<Ask, 'header'>): boolean =>
  header('x-ms-documentdb-isquery')?.toLowerCase() === 'true' ||
  header('content-type')?.toLowerCase().startsWith('application/query+json') === true;

const createDatabase = async (ask: Ask): Promise<Reply> => {
  const { file, now } = ask;
  const id = readId(await ask.body());
  if (file.findDatabase(id)) throw conflict(id);
  return resourceReply(201, databaseBody(file.transaction(() => file.addDatabase(id, now))));
};

const throughputOf = ({ header }: Ask): number =>
  readThroughput(header('x-ms-offer-throughput'), header('x-ms-cosmos-offer-autopilot-settings'));

const createContainer = async (ask: Ask): Promise<Reply> => {
  const { file, now } = ask;
  const body = await ask.body();
  const parent = databaseAt(ask);
  const [id, definition, throughput] = [readId(body), readDefinition(body), throughputOf(ask)];
  if (file.findContainer(parent.id, id)) throw conflict(id);
  const made = file.transaction(() => file.addContainer(parent, id, definition, throughput, now));
  return resourceReply(201, containerBody(made));
};

const changeContainer = async (ask: Ask): Promise<Reply> => {
  const { file, now } = ask;
  const body = await ask.body();
  const container = containerAt(ask);
  const definition = readDefinition(body);
  const changedKey = changedKeyOf(container.definition, definition);
  if (changedKey !== undefined)
    throw badRequest(`'${changedKey}' of a container does not change: make another container and copy the items.`);
  const changed = file.transaction(() => file.changeContainer(container, definition, container.throughput, now));
  return resourceReply(200, containerBody(changed));
};

const changeOffer = async (ask: Ask): Promise<Reply> => {
  const { file, now } = ask;
  const body = await ask.body();
  const container = offeredAt(ask);
  const { offerThroughput } = isJsonObject(body) && isJsonObject(body.content) ? body.content : {};
  const throughput = readThroughput(String(offerThroughput), undefined);
  const changed = file.transaction(() => file.changeContainer(container, container.definition, throughput, now));
  return resourceReply(200, offerBody(changed));
};

const offeredAt = ({ file, segments }: Ask): ContainerRow => {
  const found = file.everyContainer().find(({ rid }) => rid === segments[1]);
  if (!found) throw missing('offer', segments[1]!);
  return found;
};

const itemOperation = (name: 'Read' | 'Replace' | 'Patch' | 'Delete'): Operation => ({
  writes: name !== 'Read',
  actions: itemActions[name],
  run: async (ask) => {
    const { file, header, segments, now } = ask;
    const body = name === 'Replace' || name === 'Patch' ? await ask.body() : undefined;
    const container = containerAt(ask);
    const partition = readWholePartition(header('x-ms-documentdb-partitionkey'), container.paths);
    const one = {
      file,
      container,
      partition,
      id: segments[5],
      body,
      ifMatch: header('if-match'),
      ifNoneMatch: header('if-none-match'),
      now,
    };
    const done = () => itemOperations[name](one);
    return itemReply(container, name === 'Read' ? done() : file.transaction(done));
  },
});

const reading = (run: Operation['run'], actions: Operation['actions'] = metadata): Operation => ({
  writes: false,
  actions,
  run,
});
/** What makes, changes and removes databases and containers: nothing for tokens. */
const writing = (run: Operation['run']): Operation => ({ writes: true, actions: null, run });
const either = (create: Operation['run'], list: (ask: Ask, query: Json | undefined) => Promise<Reply>): Operation => ({
  writes: (ask) => !isQuery(ask),
  actions: (ask) => (isQuery(ask) ? metadata : null),
  run: async (ask) => (isQuery(ask) ? list(ask, (await ask.body()) ?? null) : create(ask)),
});

const listDatabases = (ask: Ask, query?: Json) =>
  listReply(ask, 'Databases', '', ask.file.databases().map(databaseBody), query);
const listContainers = (ask: Ask, query?: Json) => {
  const { id, rid } = databaseAt(ask);
  return listReply(ask, 'DocumentCollections', rid, ask.file.containers(id).map(containerBody), query);
};
const listOffers = (ask: Ask, query?: Json) =>
  listReply(ask, 'Offers', '', ask.file.everyContainer().map(offerBody), query);

const ranges = async (ask: Ask): Promise<Reply> => {
  const container = containerAt(ask);
  if (ask.header('if-none-match') === container.etag) return { status: 304, headers: { etag: container.etag } };
  const page = [JSON.stringify(rangeBody(container))];
  return feedReply('PartitionKeyRanges', container.rid, page, { etag: container.etag });
};

const operations: Readonly<Record<string, Operation>> = {
  'GET ': reading(async ({ account }) =>
    resourceReply(200, accountBody(account.name, account.endpoint, account.location)),
  ),
  'GET dbs': reading((ask) => listDatabases(ask)),
  'POST dbs': either(createDatabase, listDatabases),
  'GET dbs/*': reading(async (ask) => resourceReply(200, databaseBody(databaseAt(ask)))),
  'DELETE dbs/*': writing(async (ask) => {
    const { id } = databaseAt(ask);
    ask.file.transaction(() => ask.file.removeDatabase(id));
    return { status: 204 };
  }),
  'GET dbs/*/colls': reading((ask) => listContainers(ask)),
  'POST dbs/*/colls': either(createContainer, listContainers),
  'GET dbs/*/colls/*': reading(async (ask) => resourceReply(200, containerBody(containerAt(ask)))),
  'PUT dbs/*/colls/*': writing(changeContainer),
  'DELETE dbs/*/colls/*': writing(async (ask) => {
    const container = containerAt(ask);
    ask.file.transaction(() => ask.file.removeContainer(container));
    return { status: 204 };
  }),
  'GET dbs/*/colls/*/pkranges': reading(ranges),
  'GET dbs/*/colls/*/docs': reading(itemFeedOperation, feeds),
  'POST dbs/*/colls/*/docs': {
    writes: (ask) => !isQuery(ask),
    actions: (ask) => {
      const post = itemPostOf(ask, isQuery(ask));
      if (post === 'plan' || post === 'query') return queries;
      return post === 'batch' ? batches : itemActions[post];
    },
    run: (ask) => itemPostOperation(ask, itemPostOf(ask, isQuery(ask))),
  },
  'GET dbs/*/colls/*/docs/*': itemOperation('Read'),
  'PUT dbs/*/colls/*/docs/*': itemOperation('Replace'),
  'PATCH dbs/*/colls/*/docs/*': itemOperation('Patch'),
  'DELETE dbs/*/colls/*/docs/*': itemOperation('Delete'),
  'GET offers': reading((ask) => listOffers(ask), null),
  'POST offers': {
    ...either(async () => {
      throw badRequest('Offers are made with their containers: ask for x-ms-offer-throughput there.');
    }, listOffers),
    actions: null,
  },
  'GET offers/*': reading(async (ask) => resourceReply(200, offerBody(offeredAt(ask))), null),
  'PUT offers/*': writing(changeOffer),
};

/** The operation of a request. Errors: a 501 that names it. */
export const findOperation = (method: string, segments: readonly string[]): Operation => {
  const key = `${method} ${segments.map((segment, at) => (at % 2 === 0 ? segment : '*')).join('/')}`;
  if (Object.hasOwn(operations, key)) return operations[key]!;
  throw new CosmosError(
    501,
    'NotImplemented',
    `The sandbox's Cosmos DB does not do '${key.slice(0, 200)}'. It keeps databases, containers and items, with queries, batches, bulk and the change feed. Stored procedures, triggers, user-defined functions, users and permissions are not there.`,
  );
};
