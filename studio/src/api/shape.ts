// What the API answers, as far as the Studio reads it. What the server has a type for is taken from there.
import type { FailureDetail } from '../../../src/base/error.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ShownDecision, ShownFlow } from '../../../src/cli/network-shape.ts';

/** A page of a list. */
export type Page<T> = { value: T[]; nextLink?: string };

/** Any resource. */
export type Resource<Properties = JsonObject> = {
  id: string;
  name: string;
  type: string;
  location?: string;
  tags?: Record<string, string>;
  etag?: string;
  properties: Properties;
};

/** What a list of all resources tells. */
export type ListedResource = {
  id: string;
  name: string;
  type: string;
  location: string | null;
  tags: Record<string, string>;
};

export type Factory = Resource<{ createTime: string; publicNetworkAccess?: string }> & {
  identity?: { type: string; principalId?: string };
};

/** States of a connection, spelled as Azure spells them. */
export type LinkState = 'Pending' | 'Approved' | 'Rejected' | 'Disconnected';

export type ManagedEndpoint = Resource<{
  privateLinkResourceId: string;
  groupId: string;
  fqdns: string[];
  requestMessage?: string;
  provisioningState: string;
  connectionState: { status: LinkState; description: string; actionsRequired: string };
}>;

/** A connection as the owner of its target sees it. */
export type LinkConnection = Resource<{
  privateEndpoint: { id: string };
  groupIds?: string[];
  requestMessage?: string;
  privateLinkServiceConnectionState: { status: LinkState; description: string };
}>;

export type IntegrationRuntime = Resource<{
  type: string;
  state: string;
  description?: string;
  managedVirtualNetwork?: { referenceName: string };
  typeProperties?: JsonObject;
}>;

export type RuntimeStatus = {
  properties: { state: string; typeProperties: { nodes?: { nodeId: string; status: string }[] } };
};

/** A flow with what names it across lists. */
export type Flow = ShownFlow & { network: string; endpoint: string | null; pipelineRunId: string | null };

export type Decision = ShownDecision & {
  by: { name: string; objectId: string };
  connection?: { id: string; name: string; target: string; groupId: string; endpoint: string; requestMessage: string };
};

export type EgressPolicy = Resource<{ mode: string; audit: boolean; hosts: string[] }>;

/** One role's words at a scope. */
export type Permission = { actions: string[]; notActions: string[] };

export type RunStatus = 'Queued' | 'InProgress' | 'Succeeded' | 'Failed' | 'Canceling' | 'Cancelled';

export type PipelineRun = {
  runId: string;
  runGroupId: string;
  pipelineName: string;
  parameters: JsonObject;
  invokedBy: { name: string; invokedByType: string };
  runStart: string;
  runEnd: string | null;
  durationInMs: number | null;
  status: RunStatus;
  message: string;
  lastUpdated: string;
  isLatest: boolean;
};

/** Why an activity failed. `errorCode` is '' where it did not. */
export type RunError = {
  errorCode: string;
  message: string;
  failureType: string;
  target: string;
  details: FailureDetail[] | string;
};

export type ActivityRun = {
  activityRunId: string;
  activityName: string;
  activityType: string;
  pipelineName: string;
  pipelineRunId: string;
  status: string;
  activityRunStart: string;
  activityRunEnd: string | null;
  durationInMs: number | null;
  retryAttempt: number | null;
  input: JsonObject;
  output: JsonObject;
  error: RunError;
};
