import type { JsonObject } from '../base/json.ts';
import type { ResolvedDataset, ResolvedLinkedService } from '../connectors/resolved.ts';

/** An access token that one host takes, until `expiresAt` (ISO 8601). */
export type HostToken = { token: string; expiresAt: string };

/** All that a worker needs to run one activity once. */
export type ActivityJob = {
  jobId: string;
  /** The pipeline run that it is an attempt in; of a job of no run there is none. */
  runId?: string;
  /** Azure's activity type: `Copy`, ... */
  type: string;
  name: string;
  typeProperties: JsonObject;
  /** What is read: also the dataset that `typeProperties` names. */
  inputs: ResolvedDataset[];
  outputs: ResolvedDataset[];
  linkedService: ResolvedLinkedService | null;
  /** Those that `typeProperties` refer to, by lower-case name. */
  linkedServices?: Record<string, ResolvedLinkedService>;
  /** As `effectiveIntegrationRuntime` shows it: `name (Region)`. */
  effectiveIntegrationRuntime: string;
  /** Tokens for the key vaults that its linked services name, by host. Made when the worker is there. */
  vaultTokens?: Record<string, HostToken>;
};
