import { choiceAt, type Properties } from '../../property.ts';
import type { RowReader, RowWriter } from '../definition.ts';

// DuckDB is loaded with the first file, not with this module, which every worker loads ahead.
export { fit } from './fit.ts';

/** DuckDB's names of Azure's codecs. */
const codecs = { none: 'uncompressed', snappy: 'snappy', gzip: 'gzip', zstd: 'zstd', lz4: 'lz4_raw' } as const;

const codecAt = (dataset: Properties): (typeof codecs)[keyof typeof codecs] => {
  const words = Object.keys(codecs) as (keyof typeof codecs)[];
  return codecs[
    (dataset.values.compressionCodec === '' ? undefined : choiceAt(dataset, 'compressionCodec', words)) ?? 'snappy'
  ];
};

/** A reader of Parquet files: how they are compressed they say themselves. */
export const openReader = (): RowReader =>
  async function* (...file) {
    const { readParquet } = await import('./read.ts');
    yield* readParquet(...file);
  };

/** A writer of files of this dataset. */
export const openWriter = (dataset: Properties): RowWriter => {
  const codec = codecAt(dataset);
  return async function* (...rows) {
    const { writeParquet } = await import('./write.ts');
    yield* writeParquet(codec)(...rows);
  };
};
