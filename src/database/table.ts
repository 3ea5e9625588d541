// The tables, as Kysely sees them. Booleans are 0 or 1, instants ISO 8601 text in UTC, JSON text.
import type { Generated } from 'kysely';

/** Every ARM resource that is a row: one table, because one front door treats them all alike. */
export type ResourceTable = {
  key: string;
  id: string;
  type: string;
  name: string;
  parent_key: string;
  subscription_id: string;
  /** Lower case; null for resources of the subscription. */
  resource_group: string | null;
  location: string | null;
  tags: string;
  body: string;
  etag: string;
  created_at: string;
  updated_at: string;
};

/** A secret value of a resource, sealed. `path` says where in the body it stood (`properties.typeProperties.connectionString`). */
export type SecretTable = { resource_key: string; path: string; sealed: Uint8Array };

/** Both sides of a private endpoint connection: one row. */
export type ConnectionTable = {
  id: string;
  /** `<account>.<guid>` for storage. Unique below its target. */
  name: string;
  /** Key of the target, and its sub-resource. */
  target_key: string;
  group_id: string;
  /** Key of the managed private endpoint, and the id that the owner sees under `privateEndpoint`. */
  endpoint_key: string;
  private_endpoint_id: string;
  request_message: string;
  machine: Generated<string>;
  prior_state: string;
  state: string;
  version: number;
  description: string;
  actions_required: string;
  /** Object id of whoever asked. */
  requested_by: Generated<string>;
  /** When the approval runs out; null: never. */
  expires_at: string | null;
  /** Whether that was noted: from then on it is over, whatever the clock says. */
  is_expired: Generated<number>;
  created_at: string;
  updated_at: string;
};

/** An approval of a connection that needs more than one, given by one person so far. */
export type ApprovalTable = { connection_id: string; object_id: string; name: string; at: string };

/** Who a connection was between: stays when the connection is gone, for the audit trail. */
export type ConnectionPartyTable = {
  connection_id: string;
  name: string;
  target_key: string;
  group_id: string;
  endpoint_key: string;
  private_endpoint_id: string;
  request_message: string;
};

/** The private address of each managed private endpoint in its network. */
export type AddressTable = { network_key: string; address: string; endpoint_key: string };

/** One row for each change of a state machine: the audit trail. */
export type EventTable = {
  sequence: Generated<number>;
  machine: string;
  subject: string;
  from_state: string;
  to_state: string;
  event: string;
  at: string;
  by_object_id: string;
  by_name: string;
  reason: string;
  /** Names of the approval policies that it was decided under, or ''. */
  policy: Generated<string>;
};

/** The moves that state columns may make, filled from the state machines at each start. */
export type AllowedMoveTable = { machine: string; from_state: string; to_state: string };

/** Who may sign in. */
export type PrincipalTable = {
  object_id: string;
  application_id: string;
  name: string;
  /** scrypt hash with its salt; the secret itself is shown once. */
  secret_hash: string;
  created_at: string;
};

/** Who has which role where. */
export type RoleAssignmentTable = {
  /** Lower-case id of the assignment. */
  key: string;
  id: string;
  name: string;
  /** Lower-case scope; `/` for everything. */
  scope_key: string;
  scope: string;
  role_definition_id: string;
  principal_id: string;
  body: string;
  created_at: string;
};

/** A long-running operation that a client polls. */
export type OperationTable = {
  id: string;
  kind: string;
  resource_key: string;
  /** Who asked for it: JSON of object id, application id and name. */
  caller: string;
  status: string;
  error: string | null;
  started_at: string;
  ended_at: string | null;
};

/** One run of a pipeline. */
export type PipelineRunTable = {
  run_id: string;
  run_group_id: string;
  factory_key: string;
  pipeline_name: string;
  /** The pipeline, datasets, linked services and runtimes as they were at the start, without secrets: JSON. */
  definition: string;
  parameters: string;
  invoked_by: string;
  machine: Generated<string>;
  prior_state: string;
  state: string;
  version: number;
  message: string;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  updated_at: string;
};

/** One attempt of one activity of a run. */
export type ActivityRunTable = {
  activity_run_id: string;
  run_id: string;
  factory_key: string;
  activity_name: string;
  activity_type: string;
  attempt: number;
  machine: Generated<string>;
  prior_state: string;
  state: string;
  version: number;
  input: string;
  output: string;
  error: string | null;
  started_at: string;
  ended_at: string | null;
  updated_at: string;
};

/** All tables by name. */
export type Tables = {
  resource: ResourceTable;
  secret: SecretTable;
  connection: ConnectionTable;
  approval: ApprovalTable;
  connection_party: ConnectionPartyTable;
  address: AddressTable;
  event: EventTable;
  allowed_move: AllowedMoveTable;
  principal: PrincipalTable;
  role_assignment: RoleAssignmentTable;
  operation: OperationTable;
  pipeline_run: PipelineRunTable;
  activity_run: ActivityRunTable;
};
