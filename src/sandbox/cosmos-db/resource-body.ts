// Databases, containers, offers and ranges on the wire: what a client may send, and what it sees. Pure.
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { ContainerRow, DatabaseRow } from './account-file.ts';
import { badRequest } from './cosmos-error.ts';
import { readJson } from './json-text.ts';

const longestId = 255;
const largestDefinition = 256 * 1024;
const defaultThroughput = 400;

/** The id that a body gives a database or a container. Errors: a 400. */
export const readId = (body: Json | undefined): string => {
  const id = isJsonObject(body) ? body.id : undefined;
  if (
    typeof id !== 'string' ||
    id === '' ||
    id.length > longestId ||
    !id.isWellFormed() ||
    /[/\\?#\u0000-\u001f]|\s$/.test(id)
  )
    throw badRequest(
      `'id' must be 1 to ${longestId} characters without '/', '\\', '?', '#' or control characters, and not end with a space.`,
    );
  return id;
};

const longestPath = 1024;
const pathForm = /^(\/("(?:[^"\\]|\\.)*"|[^/"][^/]*))+$/;
const isPath = (path: Json): boolean => typeof path === 'string' && path.length <= longestPath && pathForm.test(path);

const checkPartitionKey = (key: Json | undefined): void => {
  const { paths, kind = 'Hash' } = isJsonObject(key) ? key : {};
  const most = kind === 'MultiHash' ? 3 : 1;
  if (!Array.isArray(paths) || paths.length === 0 || paths.length > most || !paths.every(isPath))
    throw badRequest(
      "'partitionKey' must have 'paths': one path such as /city, or up to three with the kind MultiHash.",
    );
};

const checkUniqueKeys = (policy: Json | undefined): void => {
  const keys = isJsonObject(policy) ? (policy.uniqueKeys ?? []) : [];
  const isRight =
    Array.isArray(keys) &&
    keys.length <= 10 &&
    keys.every(
      (key) => isJsonObject(key) && Array.isArray(key.paths) && key.paths.length > 0 && key.paths.every(isPath),
    );
  if (!isRight) throw badRequest("'uniqueKeyPolicy' must have 'uniqueKeys': at most ten, each with 'paths'.");
};

const indexingPolicy: JsonObject = {
  indexingMode: 'consistent',
  automatic: true,
  includedPaths: [{ path: '/*' }],
  excludedPaths: [{ path: '/"_etag"/?' }],
};

/** The definition of a container in a body, without what only the store says. Errors: a 400 that names the part. */
export const readDefinition = (body: Json | undefined): JsonObject => {
  if (!isJsonObject(body)) throw badRequest('A container must be a JSON object.');
  checkPartitionKey(body.partitionKey);
  checkUniqueKeys(body.uniqueKeyPolicy);
  if (JSON.stringify(body).length > largestDefinition) throw badRequest('The definition of a container is too large.');
  const kept = Object.entries(body).filter(([name]) => name !== 'id' && !name.startsWith('_'));
  return {
    indexingPolicy,
    conflictResolutionPolicy: {
      mode: 'LastWriterWins',
      conflictResolutionPath: '/_ts',
      conflictResolutionProcedure: '',
    },
    geospatialConfig: { type: 'Geography' },
    ...Object.fromEntries(kept),
  };
};

const partAt = (definition: JsonObject, name: string, part: string): string => {
  const whole = definition[name];
  return JSON.stringify((isJsonObject(whole) ? whole[part] : undefined) ?? []);
};

/** Which of the keys of a container would change with another definition; undefined where none would. */
export const changedKeyOf = (before: JsonObject, after: JsonObject): string | undefined =>
  Object.entries({ partitionKey: 'paths', uniqueKeyPolicy: 'uniqueKeys' }).find(
    ([name, part]) => partAt(before, name, part) !== partAt(after, name, part),
  )?.[0];

/** The throughput that headers ask for. */
export const readThroughput = (fixed: string | undefined, autoscale: string | undefined): number => {
  const settings = autoscale === undefined ? undefined : readJson(autoscale);
  const asked = fixed ?? (isJsonObject(settings) ? settings.maxThroughput : undefined) ?? defaultThroughput;
  const throughput = Number(asked);
  if (!Number.isInteger(throughput) || throughput < 100 || throughput > 1_000_000)
    throw badRequest('The throughput must be a whole number from 100 to 1,000,000.');
  return throughput;
};

/** A database as its clients see it. */
export const databaseBody = ({ id, rid, etag, ts }: DatabaseRow): JsonObject => ({
  id,
  _rid: rid,
  _self: `dbs/${rid}/`,
  _etag: etag,
  _colls: 'colls/',
  _users: 'users/',
  _ts: ts,
});

const selfOf = ({ databaseRid, rid }: ContainerRow): string => `dbs/${databaseRid}/colls/${rid}/`;

/** A container as its clients see it. */
export const containerBody = (container: ContainerRow): JsonObject => ({
  ...container.definition,
  id: container.id,
  _rid: container.rid,
  _self: selfOf(container),
  _etag: container.etag,
  _docs: 'docs/',
  _sprocs: 'sprocs/',
  _triggers: 'triggers/',
  _udfs: 'udfs/',
  _conflicts: 'conflicts/',
  _ts: container.ts,
});

/** The offer of a container: how much throughput it was given, which nothing here depends on. */
export const offerBody = (container: ContainerRow): JsonObject => ({
  id: container.rid,
  _rid: container.rid,
  _self: `offers/${container.rid}/`,
  _etag: container.etag,
  _ts: container.ts,
  resource: selfOf(container),
  offerResourceId: container.rid,
  offerType: 'Invalid',
  offerVersion: 'V2',
  content: { offerThroughput: container.throughput, offerIsRUPerMinuteThroughputEnabled: false },
});

/** The one range of partition keys that a container has. */
export const rangeBody = (container: ContainerRow): JsonObject => ({
  id: '0',
  _rid: container.rid,
  _self: `${selfOf(container)}pkranges/0/`,
  _etag: container.etag,
  _ts: container.ts,
  minInclusive: '',
  maxExclusive: 'FF',
  ridPrefix: 0,
  throughputFraction: 1,
  status: 'online',
  parents: [],
});

/** The account itself. Clients go on to the endpoint that it names. */
export const accountBody = (name: string, endpoint: string, location: string): JsonObject => {
  const locations = [{ name: location, databaseAccountEndpoint: endpoint }];
  return {
    _self: '',
    id: name,
    _rid: `${name}.documents.azure.com`,
    media: '//media/',
    addresses: '//addresses/',
    _dbs: '//dbs/',
    writableLocations: locations,
    readableLocations: locations,
    enableMultipleWriteLocations: false,
    userReplicationPolicy: { asyncReplication: false, minReplicaSetSize: 1, maxReplicasetSize: 1 },
    userConsistencyPolicy: { defaultConsistencyLevel: 'Session' },
    systemReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 1 },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration:
      '{"maxSqlQueryInputLength":524288,"maxJoinsPerSqlQuery":10,"maxQueryRequestTimeoutFraction":0.9}',
  };
};
