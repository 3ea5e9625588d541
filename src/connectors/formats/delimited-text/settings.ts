import { flagAt, type Properties, propertyError, textAt } from '../../property.ts';
import { type Encoding, readEncoding } from '../encoding.ts';

/** How the text is written. An empty character means that there is none. */
export type DelimitedTextSettings = {
  columnDelimiter: string;
  /** Undefined: any of CR LF, CR and LF when reading, CR LF when writing. */
  rowDelimiter: string | undefined;
  quoteChar: string;
  escapeChar: string;
  firstRowAsHeader: boolean;
  nullValue: string;
  encoding: Encoding;
};

const charAt = (from: Properties, name: string, absent: string): string => {
  const value = textAt(from, name) ?? absent;
  if (value.length > 1) throw propertyError(from, name, 'must be one character, or empty for none');
  return value;
};

/** Reads the settings of a `DelimitedText` dataset; absent ones have Azure's defaults. */
export const readSettings = (dataset: Properties): DelimitedTextSettings => {
  const columnDelimiter = textAt(dataset, 'columnDelimiter') ?? ',';
  const rowDelimiter = textAt(dataset, 'rowDelimiter') || undefined;
  const quoteChar = charAt(dataset, 'quoteChar', '"');
  const escapeChar = charAt(dataset, 'escapeChar', '\\');
  if (columnDelimiter === '') throw propertyError(dataset, 'columnDelimiter', 'must not be empty in a Copy activity');
  if (/[\r\n]/.test(columnDelimiter)) throw propertyError(dataset, 'columnDelimiter', 'must not hold a line break');
  if (rowDelimiter !== undefined && (rowDelimiter.includes(columnDelimiter) || columnDelimiter.includes(rowDelimiter)))
    throw propertyError(dataset, 'rowDelimiter', 'must differ from columnDelimiter');
  if (quoteChar !== '' && (columnDelimiter.includes(quoteChar) || rowDelimiter?.includes(quoteChar)))
    throw propertyError(dataset, 'quoteChar', 'must not be part of a delimiter');
  if (escapeChar !== '' && escapeChar !== quoteChar && columnDelimiter.includes(escapeChar))
    throw propertyError(dataset, 'escapeChar', 'must not be part of a delimiter');
  if (quoteChar !== '' && escapeChar === '')
    throw propertyError(dataset, 'escapeChar', 'must be given where there is a quoteChar; empty both or neither');

  return {
    columnDelimiter,
    rowDelimiter,
    quoteChar,
    escapeChar,
    firstRowAsHeader: flagAt(dataset, 'firstRowAsHeader') ?? false,
    nullValue: textAt(dataset, 'nullValue') ?? '',
    encoding: readEncoding(dataset),
  };
};
