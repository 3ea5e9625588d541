// A dataset and its linked service as a run sees them: parameters replaced, secrets in clear, for as long as the job.
import type { JsonObject } from '../base/json.ts';

export type ResolvedLinkedService = { name: string; type: string; typeProperties: JsonObject };

export type ResolvedDataset = {
  name: string;
  type: string;
  typeProperties: JsonObject;
  schema?: JsonObject[];
  linkedService: ResolvedLinkedService;
};

/** A token that one store takes until `expiresAt` (ISO 8601), and whose it is, in words. */
export type Access = { token: string; expiresAt: string; holder: string };

/** Where `typeProperties` carry the `Access` of a linked service that asks as an identity. Only the control plane writes it. */
export const accessProperty = 'posternAccess';
