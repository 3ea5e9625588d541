import { group, text } from '../../property-schema.ts';
import type { FormatDefinition } from '../definition.ts';

/** Parquet: rows as columns of typed values. */
export const parquet: FormatDefinition = {
  type: 'Parquet',
  source: 'ParquetSource',
  sink: 'ParquetSink',
  summary: 'Rows as columns of typed values, compressed.',
  typeProperties: group({ compressionCodec: text }),
  compressesItself: true,
  writesText: true,
  // A span may be negative or of many days, which Parquet's times are not.
  keeps: (type) => (type === 'TimeSpan' ? 'String' : type),
  open: () => import('./open.ts'),
};
