import { startAttachedStores } from '../harness/attached-stores.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import type { Measure, Subject } from '../harness/measure.ts';
import { owning } from '../harness/owned.ts';
import { makeSealedFactory, rowPipeline, type SealedFactory } from '../harness/sealed-factory.ts';
import { addSealedSql, type SealedSql } from '../harness/sealed-sql.ts';

/** About a hundred thousand rows. */
const bytes = 8 * 1024 * 1024;

const prepare =
  (subjects: (factory: SealedFactory, sql: SealedSql) => Promise<Subject[]>): Measure['prepare'] =>
  () =>
    owning(async (owned) => {
      const plane = await owned.add(startControlPlane());
      const stores = await owned.add(startAttachedStores(plane));
      const factory = await makeSealedFactory(plane, stores);
      const sql = await addSealedSql(owned, plane, stores, factory, bytes);
      return { subjects: await subjects(factory, sql) };
    });

const byHand = ({ rows, byHand: take }: SealedSql, name: string, what: Parameters<typeof take>[0]): Subject => ({
  name,
  sample: async () => [(rows * 1000) / (await take(what))],
});
const byPostern = ({ rows }: SealedSql, factory: SealedFactory): Subject => ({
  name: 'Copy activity',
  sample: async () => [(rows * 1000) / (await factory.run('sales')).elapsedMs],
});

/** How fast the Copy activity loads delimited text into a table of SQL Server. */
export const copySql: Measure = {
  name: 'copy-sql',
  what: '8 MiB of delimited text into a table of the sandbox SQL server, createRun to end, worker warm; against a bulk load by hand',
  unit: 'rows/s',
  rounds: 5,
  prepare: prepare(async (factory, sql) => {
    const source = { type: 'DelimitedTextSource', storeSettings: { type: 'AzureBlobStorageReadSettings' } };
    const sink = { type: 'AzureSqlSink', preCopyScript: 'TRUNCATE TABLE dbo.loaded' };
    await factory.put('pipelines/sales', rowPipeline(source, sink, 'text', 'loaded'));
    return [
      byHand(sql, 'tedious by hand', 'load'),
      byPostern(sql, factory),
      byHand(sql, 'DuckDB by hand, no server', 'loadDuck'),
    ];
  }),
};

/** How fast the Copy activity makes Parquet of a table of SQL Server. */
export const copySqlParquet: Measure = {
  name: 'copy-sql-parquet',
  what: 'the same table of the sandbox SQL server to Parquet, createRun to end, worker warm; against tedious and DuckDB by hand',
  unit: 'rows/s',
  rounds: 5,
  prepare: prepare(async (factory, sql) => {
    const sink = { type: 'ParquetSink', storeSettings: { type: 'AzureBlobStorageWriteSettings' } };
    await factory.put('pipelines/sales', rowPipeline({ type: 'AzureSqlSource' }, sink, 'sales', 'parquet'));
    return [byHand(sql, 'tedious and DuckDB by hand', 'unload'), byPostern(sql, factory)];
  }),
};
