// Tables of the stage's accounts, and what datasets and copies say of them.
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import type { ActivityJob } from '../../src/activities/job.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset } from '../../src/connectors/resolved.ts';
import type { Account } from './stage.ts';

export const tableClient = (account: Account, table: string): TableClient =>
  new TableClient(account.tables, table, new AzureNamedKeyCredential(account.name, account.key));

/** A dataset of a table, by the account's key unless another is given. */
export const tableDataset = (
  account: Account,
  tableName: string,
  more: { schema?: JsonObject[]; key?: string } = {},
): ResolvedDataset => ({
  name: `TableAt${account.name}`,
  type: 'AzureTable',
  typeProperties: { tableName },
  ...(more.schema && { schema: more.schema }),
  linkedService: {
    name: account.name,
    type: 'AzureTableStorage',
    typeProperties: {
      connectionString: `AccountName=${account.name};AccountKey=${more.key ?? account.key};TableEndpoint=${account.tables}`,
    },
  },
});

/** A copy whose source and sink are of the datasets' types. */
export const rowJob = (
  input: ResolvedDataset,
  output: ResolvedDataset,
  parts: { source?: JsonObject; sink?: JsonObject; more?: JsonObject } = {},
): ActivityJob => ({
  jobId: 'job-1',
  type: 'Copy',
  name: 'Copy1',
  typeProperties: {
    source: { type: `${input.type}Source`, ...parts.source },
    sink: { type: `${output.type}Sink`, ...parts.sink },
    ...parts.more,
  },
  inputs: [input],
  outputs: [output],
  linkedService: null,
  effectiveIntegrationRuntime: 'sealed (West Europe)',
});

/** Every entity, with the types of its values as the store has them, by row key. */
export const entitiesOf = async (account: Account, table: string): Promise<Record<string, JsonObject>> => {
  const entities: Record<string, JsonObject> = {};
  for await (const entity of tableClient(account, table).listEntities({ disableTypeConversion: true })) {
    const { etag: _etag, timestamp: _timestamp, rowKey, ...rest } = entity;
    entities[rowKey!] = rest as JsonObject;
  }
  return entities;
};
