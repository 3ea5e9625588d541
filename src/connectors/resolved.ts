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
