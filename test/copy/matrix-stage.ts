// Every kind of store at once, for the matrix of copies.
import { randomBytes } from 'node:crypto';
import { DataLakeServiceClient, StorageSharedKeyCredential as LakeKey } from '@azure/storage-file-datalake';
import { StorageSharedKeyCredential as ShareKey, ShareServiceClient } from '@azure/storage-file-share';
import type { ResolvedLinkedService } from '../../src/connectors/resolved.ts';
import { openPostgresStage } from '../target/postgres-stage.ts';
import { openSqlStage } from '../target/sql-stage.ts';
import { openCosmos } from './cosmos.ts';
import { fill, openStage } from './stage.ts';

/** The file system, the share and the container of the matrix. */
export const root = 'matrix';

/** An account with a hierarchical namespace beside those of the stage, its file system and its share. */
const openLake = async ({ sandbox }: Awaited<ReturnType<typeof openStage>>) => {
  const [name, key] = ['acmelake', randomBytes(64).toString('base64')];
  const { endpoints } = await sandbox.ensureStorageAccount({ name, keys: [key], isHierarchical: true });
  const lakeUrl = `https://${name}.dfs.core.windows.net:${endpoints.lake!.port}`;
  const fileUrl = `https://${name}.file.core.windows.net:${endpoints.file!.port}`;
  await new DataLakeServiceClient(lakeUrl, new LakeKey(name, key)).getFileSystemClient(root).create();
  await new ShareServiceClient(fileUrl, new ShareKey(name, key)).getShareClient(root).create();
  const service = (type: string, endpoint: string): ResolvedLinkedService => ({
    name: type,
    type,
    typeProperties: { connectionString: `AccountName=${name};AccountKey=${key};${endpoint}`, fileShare: root },
  });
  return {
    lake: service('AzureBlobFS', `DfsEndpoint=${lakeUrl}`),
    share: service('AzureFileStorage', `FileEndpoint=${fileUrl}`),
  };
};

/** Starts them all. */
export const openMatrixStage = async () => {
  const [stage, sql, postgres] = await Promise.all([openStage(), openSqlStage(), openPostgresStage()]);
  const [cosmos, files] = await Promise.all([openCosmos(stage), openLake(stage), fill(stage.sink, root, {})]);
  return {
    ...stage,
    sql,
    postgres,
    cosmos,
    ...files,
    close: async () => {
      cosmos.close();
      await Promise.all([stage.close(), sql.close(), postgres.close()]);
    },
  };
};

/** What `openMatrixStage` starts. */
export type MatrixStage = Awaited<ReturnType<typeof openMatrixStage>>;
