// A Cosmos DB account on the stage, and what datasets say of its containers.
import { randomBytes } from 'node:crypto';
import { type Container, CosmosClient } from '@azure/cosmos';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset } from '../../src/connectors/resolved.ts';
import type { openStage } from './stage.ts';

export type CosmosStage = {
  endpoint: string;
  key: string;
  /** A new, empty container, partitioned by `/city` unless told otherwise. */
  container(id: string, paths?: string[]): Promise<Container>;
  close(): void;
};

/** Starts an account with the database `shop`. */
export const openCosmos = async ({ sandbox }: Awaited<ReturnType<typeof openStage>>): Promise<CosmosStage> => {
  const key = randomBytes(64).toString('base64');
  const { endpoints } = await sandbox.ensureCosmosAccount({
    name: 'acmedocs',
    keys: { writing: [key], reading: [] },
    location: 'West Europe',
  });
  const endpoint = `https://acmedocs.documents.azure.com:${endpoints.Sql!.port}`;
  const client = new CosmosClient({ endpoint, key });
  const { database } = await client.databases.create({ id: 'shop' });
  return {
    endpoint,
    key,
    container: async (id, paths = ['/city']) =>
      (await database.containers.create({ id, partitionKey: { paths } })).container,
    close: () => client.dispose(),
  };
};

/** A dataset of a container. */
export const cosmosDataset = (
  { endpoint, key }: { endpoint: string; key: string },
  collectionName: string,
  more: { schema?: JsonObject[]; typeProperties?: JsonObject } = {},
): ResolvedDataset => ({
  name: 'Docs',
  type: 'CosmosDbSqlApiCollection',
  typeProperties: { collectionName },
  ...(more.schema && { schema: more.schema }),
  linkedService: {
    name: 'Cosmos',
    type: 'CosmosDb',
    typeProperties: more.typeProperties ?? {
      connectionString: `AccountEndpoint=${endpoint}/;AccountKey=${key};Database=shop;`,
    },
  },
});

/** The source and sink of a copy, whose types are not those of its datasets with a word behind. */
export const cosmosSource = (more: JsonObject = {}): JsonObject => ({ type: 'CosmosDbSqlApiSource', ...more });
export const cosmosSink = (more: JsonObject = {}): JsonObject => ({ type: 'CosmosDbSqlApiSink', ...more });

/** Every document by id, without what the store adds. */
export const documentsOf = async (container: Container): Promise<Record<string, JsonObject>> => {
  const { resources } = await container.items.readAll<JsonObject>().fetchAll();
  return Object.fromEntries(
    resources.map(({ id, ...rest }) => [
      String(id),
      Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('_'))) as JsonObject,
    ]),
  );
};
