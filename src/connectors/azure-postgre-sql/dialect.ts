// PostgreSQL's SQL where it differs. Pure.
import { type Dialect, literal, quoted, type TableColumn } from '../database/session.ts';
import { type Converter, refuse } from '../row/convert.ts';
import { chained, wellFormed } from '../row/fit.ts';
import { typeFor } from './value.ts';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const listed = (names: readonly string[]) => names.map(quote).join(', ');
const namesOf = (columns: readonly TableColumn[]) => listed(columns.map(({ name }) => name));

/** What is ordered by when a key comes twice: a later row has a greater number. */
const order = 'postern_row';

const withoutNul: Converter = (value) =>
  typeof value === 'string' && value.includes('\0')
    ? refuse('it holds the character U+0000, which PostgreSQL does not have')
    : value;

/** PostgreSQL. */
export const postgres: Dialect = {
  code: 'AzurePostgreSql',
  quote,
  typeOf: ({ type }) => typeFor[type],
  fit: (type, settings) => (type === 'String' ? chained([withoutNul, wellFormed('PostgreSQL', settings)]) : undefined),
  interim: (table, columns) => {
    const name = { schema: 'pg_temp', table: 'postern_interim' };
    const shown = quoted({ quote }, name);
    return {
      name,
      create: `CREATE TEMP TABLE ${quote(name.table)} AS SELECT ${namesOf(columns)} FROM ${quoted({ quote }, table)} WITH NO DATA;
        ALTER TABLE ${shown} ADD COLUMN ${quote(order)} bigserial`,
      clear: `TRUNCATE ${shown}`,
    };
  },
  move: (into, from, columns, keys) => {
    const insert = `INSERT INTO ${quoted({ quote }, into)} (${namesOf(columns)})`;
    if (!keys) return `${insert} SELECT ${namesOf(columns)} FROM ${quoted({ quote }, from)}`;
    const set = columns
      .filter(({ name }) => !keys.includes(name))
      .map(({ name }) => `${quote(name)} = EXCLUDED.${quote(name)}`);
    return `${insert}
      SELECT DISTINCT ON (${listed(keys)}) ${namesOf(columns)} FROM ${quoted({ quote }, from)}
      ORDER BY ${listed(keys)}, ${quote(order)} DESC
      ON CONFLICT (${listed(keys)}) DO ${set.length === 0 ? 'NOTHING' : `UPDATE SET ${set.join(', ')}`}`;
  },
  moment: (clock, isZoned) => (isZoned ? `TIMESTAMPTZ '${clock}+00'` : `TIMESTAMP '${clock}'`),
  keys: (table) =>
    `SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = to_regclass(${literal(quoted({ quote }, table))})
      ORDER BY i.indisprimary DESC, i.indisunique DESC, i.indexrelid`,
  partitions: (table) =>
    `SELECT n.nspname::text, c.relname::text
      FROM pg_partition_tree(to_regclass(${literal(quoted({ quote }, table))})) t
      JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE t.isleaf AND t.level > 0 ORDER BY c.oid`,
  closesRanges: true,
};
