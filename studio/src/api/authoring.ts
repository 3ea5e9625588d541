// What an engineer authors, and what the server can be asked about it before it runs.
import type { ErrorDetail } from '../../../src/base/error.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { call } from './client.ts';
import type { PipelineBody, Reference } from './pipeline.ts';
import type { Resource } from './shape.ts';

export type LinkedService = Resource<
  JsonObject & { type: string; connectVia?: Reference; typeProperties?: JsonObject }
>;
export type Dataset = Resource<
  JsonObject & { type: string; linkedServiceName: Reference; typeProperties?: JsonObject }
>;

export type Pipeline = Resource<PipelineBody>;

/** One reason of a failed test, with the policy's remedy where it is one. */
export type TestReason = ErrorDetail & {
  remedy?: string;
  host?: string;
  endpoint?: string;
  /** The store behind the host, where the person may know of it. */
  resourceId?: string;
  groupId?: string;
};

/** How a test of a connection ended. */
export type TestResult = { succeeded: boolean; error?: { code: string; message: string; details?: TestReason[] } };

/** What a store holds at a path. */
export type BrowseItem = { name: string; kind: string; path: string; size?: number; modifiedAt?: string };

/** Rows of a dataset. */
export type PreviewRows = { columns: { name: string; type: string }[]; rows: unknown[][]; truncated: boolean };

/** A stored thing by its name, or one that is being written. */
export type Subject = { referenceName: string } | { name?: string; properties: JsonObject };

const ask = <T>(factory: string, what: string, body: unknown) =>
  call<T>({ method: 'POST', path: `${factory}/providers/Postern.Authoring/${what}`, body });

/** Tries a connection from the runtime that it names. */
export const testConnection = (factory: string, linkedService: Subject): Promise<TestResult> =>
  ask(factory, 'testConnection', { linkedService });

/** Lists what a store holds. */
export const browse = (
  factory: string,
  linkedService: Subject,
  path: string,
): Promise<{ items: BrowseItem[]; truncated: boolean }> =>
  ask(factory, 'browse', { linkedService, ...(path !== '' && { path }) });

/** Reads the first rows of a dataset. */
export const preview = (factory: string, dataset: Subject, rows: number): Promise<PreviewRows> =>
  ask(factory, 'preview', { dataset, rows });

/** Runs a pipeline as it is written here, saved or not. */
export const debugRun = (factory: string, pipeline: { name: string; properties: JsonObject }, parameters: JsonObject) =>
  ask<{ runId: string }>(factory, 'debugRun', { pipeline, parameters });
