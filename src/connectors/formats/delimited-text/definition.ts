import { flag, group, text } from '../../property-schema.ts';
import type { FormatDefinition } from '../definition.ts';

/** Delimited text: CSV, TSV and the like. */
export const delimitedText: FormatDefinition = {
  type: 'DelimitedText',
  source: 'DelimitedTextSource',
  sink: 'DelimitedTextSink',
  summary: 'Rows as lines of text, with columns between delimiters.',
  typeProperties: group({
    columnDelimiter: text,
    rowDelimiter: text,
    quoteChar: text,
    escapeChar: text,
    firstRowAsHeader: flag,
    nullValue: text,
    encodingName: text,
  }),
  keeps: () => 'String',
  open: () => import('./open.ts'),
};
