// PostgreSQL's SQL where it differs. Pure.
import { type Dialect, quoted } from '../database/session.ts';
import { typeFor } from './value.ts';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const listed = (names: readonly string[]) => names.map(quote).join(', ');

/** What is ordered by when a key comes twice: a later row has a greater number. */
const order = 'postern_row';

/** PostgreSQL. */
export const postgres: Dialect = {
  code: 'AzurePostgreSql',
  quote,
  typeOf: (type) => typeFor[type],
  interim: (table, columns) => {
    const name = { schema: 'pg_temp', table: 'postern_interim' };
    return {
      name,
      create: `DROP TABLE IF EXISTS ${quoted({ quote }, name)};
        CREATE TEMP TABLE ${quote(name.table)} AS SELECT ${listed(columns)} FROM ${quoted({ quote }, table)} WITH NO DATA;
        ALTER TABLE ${quoted({ quote }, name)} ADD COLUMN ${quote(order)} bigserial`,
    };
  },
  upsert: (into, from, columns, keys) => {
    const set = columns
      .filter((column) => !keys.includes(column))
      .map((one) => `${quote(one)} = EXCLUDED.${quote(one)}`);
    return `INSERT INTO ${quoted({ quote }, into)} (${listed(columns)})
      SELECT DISTINCT ON (${listed(keys)}) ${listed(columns)} FROM ${quoted({ quote }, from)}
      ORDER BY ${listed(keys)}, ${quote(order)} DESC
      ON CONFLICT (${listed(keys)}) DO ${set.length === 0 ? 'NOTHING' : `UPDATE SET ${set.join(', ')}`}`;
  },
};
