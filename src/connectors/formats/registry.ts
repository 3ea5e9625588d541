import type { FormatDefinition } from './definition.ts';
import { delimitedText } from './delimited-text/definition.ts';
import { json } from './json/definition.ts';
import { parquet } from './parquet/definition.ts';

/** Every format of rows, in order of reading. */
export const formats: readonly FormatDefinition[] = [delimitedText, json, parquet];
