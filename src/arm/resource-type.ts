// What a resource provider tells the front door. A resource type is a value: its name, versions, schema and the few
// places where it differs. Routes, authorization, etags, conditional requests, paging, names, errors and the storing
// of bodies come from it; there is no handler per resource.
import type { Transaction } from 'kysely';
import type { TSchema } from 'typebox';
import type { JsonObject } from '../base/json.ts';
import type { Resource } from '../database/resource.ts';
import type { Tables } from '../database/table.ts';
import type { PageAsk } from './page.ts';
import type { ResourceId } from './resource-id.ts';
import type { Stream } from './stream.ts';

export type { Resource } from '../database/resource.ts';

/** Who asks. */
export type Caller = { objectId: string; applicationId: string; name: string };

/** One request, authenticated and authorized, inside its transaction. */
export type Operation = {
  tx: Transaction<Tables>;
  caller: Caller;
  id: ResourceId;
  apiVersion: string;
  query: Readonly<Record<string, string>>;
  /** Parsed JSON body; `{}` where none was sent. */
  body: JsonObject;
  /** ISO 8601 instant of the request. */
  now: string;
  /** `https://host:port`, for links. */
  origin: string;
  /** Runs after the commit and before the response: tell the network, start a store. A failure here is a 500 with an id (the other steps are done all the same); start-up reconciles it. */
  afterCommit(step: () => Promise<unknown>): void;
  /** Whether the caller's roles grant `permission` at `scope` (an id, or `/`): for permissions beside the operation's own. */
  may(permission: string, scope: string): boolean;
};

/**
 * What an action answers: 200 unless told otherwise. `headers` for Location and such. `later` is for what takes its time
 * and would hold up every writer: it runs after the commit, outside the transaction, and gives the body; its signal is
 * aborted once nobody waits for that any more. `stream` is an answer that goes on, as lines of an event stream: it
 * begins after the commit, and may still refuse.
 */
export type Reply = {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  later?(gone: AbortSignal): Promise<unknown>;
  stream?(to: Stream): void;
};

/** What a name must look like; `says` is that in words, for the refusal. */
export type NameRule = { pattern: RegExp; min: number; max: number; says: string };

/** An operation beside the five of every type: `POST {id}/getStatus`, `POST {collection}/..`, `GET {id}/x`. */
export type ActionType = {
  /** The segments after the resource id, as spelled by Azure: `createRun`, `pipelineruns/{runId}/cancel`. */
  path: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** The permission asked for: `Microsoft.Storage/storageAccounts/listkeys/action`. */
  permission: string;
  body?: TSchema;
  /** Default: those of the type, and `2026-11-01` alone for paths of our own (`providers/Postern.*`). */
  apiVersions?: readonly string[];
  /** Runs in a transaction. `parameters` are the values of `{...}` segments, in the caller's case. */
  run(operation: Operation, resource: Resource, parameters: Readonly<Record<string, string>>): Promise<Reply>;
};

/** What keeps the resources of one request: asked after the commit. `gone` is aborted once nobody waits for the answer. */
export type Keeper = {
  list(page: PageAsk, gone: AbortSignal): Promise<{ value: JsonObject[]; next: string | undefined }>;
  get(name: string, gone: AbortSignal): Promise<JsonObject | null>;
  /** Makes it, or gives it what the body names; what the body does not name stays. Of a PUT, and of a PATCH of what is there. */
  put(name: string, gone: AbortSignal): Promise<JsonObject>;
  delete(name: string, gone: AbortSignal): Promise<void>;
};

/** One type of resource: what the front door must know of it, and the few places where it differs from the others. */
export type ResourceType = {
  /** Azure's spelling: `Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints`. */
  type: string;
  /** `extension`: under any scope's `/providers/`, as role assignments. */
  scope: 'subscription' | 'resourceGroup' | 'extension';
  apiVersions: readonly string[];
  name: NameRule;
  /** Has `location` and `tags`, and may be moved by nobody. */
  tracked: boolean;
  /** Schema of a PUT body. Unknown properties are always kept. Errors name the field by its path. */
  schema: TSchema;
  /** Where the etag is shown: `eTag` with embedded quotes (factory), `etag` (children), or nowhere. */
  etag: 'eTag' | 'etag' | 'none';
  /** Whether GET honours If-None-Match with 304 (MVN and MPE do not: a 304 makes the official SDK throw). */
  conditionalGet: boolean;
  /** Of what is deleted: 200 unless told otherwise. */
  status: { created: number; updated: number; deleted?: number };
  /** False: the client may not PUT or DELETE; the rows are made by others. */
  writable?: boolean;
  /** What permissions begin with, where it is not `type`; of an extension it may follow from what it stands on, and from the verb. */
  permission?: string | ((scope: ResourceId, verb: string) => string);
  /** DELETE answers 202 with a Location, and what is inside goes in the background, across restarts. */
  longRunningDelete?: boolean;
  /** PUT and DELETE answer with an operation to poll, as Azure does for this type. It has ended by then. */
  asyncOperation?: boolean;
  patch?: { schema: TSchema; apply(operation: Operation, existing: Resource): Promise<JsonObject> };
  /**
   * Turns a request body into the body to store, or refuses it with a ServiceError. May write other rows through
   * `operation.tx`. Default: stores the body as it came, less the read-only fields.
   */
  write?(operation: Operation, existing: Resource | null): Promise<JsonObject>;
  /**
   * Before the row goes, in the same transaction: refuse, or remove what hangs on it. Also called for descendants of a
   * deleted ancestor; `isAsked` is then false, and a refusal keeps the ancestor from going.
   */
  remove?(operation: Operation, existing: Resource, isAsked: boolean): Promise<void>;
  /** What the client sees: `properties` with live and read-only fields added and secrets gone. Default: the stored body. */
  present?(operation: Operation, resource: Resource): Promise<JsonObject>;
  /** Resources kept in other tables (connections, principals): replaces the stored life of a row. */
  rows?: {
    list(operation: Operation, parent: Resource | null): Promise<JsonObject[]>;
    get(operation: Operation, parent: Resource | null, name: string): Promise<JsonObject | null>;
    put?(operation: Operation, parent: Resource | null, name: string): Promise<{ created: boolean; body: JsonObject }>;
    delete?(operation: Operation, parent: Resource | null, name: string): Promise<boolean>;
  };
  /**
   * Resources of which we have no row: a store keeps them, and whoever uses it makes and removes them too. `open` runs in
   * the transaction and may refuse; the store is asked once that is over, so that a slow one holds up nobody. They are in
   * a resource group.
   */
  kept?: {
    /** The type above this one whose row must be there. What stands between the two always is. */
    within: string;
    methods: readonly ('PUT' | 'PATCH' | 'DELETE')[];
    /** What a request for one that is not there is told, with 404. */
    missing: { code: string; message: string };
    open(operation: Operation, parent: Resource): Promise<Keeper>;
  };
  actions?: readonly ActionType[];
};

/** An operation at a path that is no resource's: `GET /subscriptions/{subscriptionId}/locations`. */
export type Route = {
  method: 'GET' | 'POST';
  /** Segments in braces become parameters, in the caller's case. */
  path: string;
  apiVersions: readonly string[];
  /** Asked for at the deepest of `/`, the subscription or the resource group of the path; null: any principal may ask. */
  permission: string | null;
  run(operation: Operation, parameters: Readonly<Record<string, string>>): Promise<Reply>;
};

/** All that the front door serves. */
export type Registry = { types: readonly ResourceType[]; routes: readonly Route[] };
