// Transact-SQL where it differs. Pure.
import { type Dialect, literal, quoted, type TableColumn } from '../database/session.ts';
import { chained, finite, unsignedZero } from '../row/fit.ts';
import { madeType } from './value.ts';

const quote = (name: string): string => `[${name.replaceAll(']', ']]')}]`;
const listed = (names: readonly string[]) => names.map(quote).join(', ');

/** What is ordered by when a key comes twice: a later row has a greater number. */
const order = 'postern_row';

/** Long enough for the text of every number; what is no number may be of any length. */
export const textLength = ({ type }: TableColumn): number | undefined => (type === 'Decimal' ? 60 : undefined);

const textType = (column: TableColumn) => `nvarchar(${textLength(column) ?? 'max'})`;

/** SQL Server. */
export const sqlServerDialect: Dialect = {
  code: 'Sql',
  quote,
  typeOf: madeType,
  // The client has no zero with a sign.
  fit: (type, settings) =>
    type === 'Single' || type === 'Double'
      ? chained([finite('SQL Server', settings), unsignedZero('the client', settings)])
      : undefined,
  interim: (_table, columns) => {
    const name = { schema: undefined, table: '#postern_interim' };
    const parts = columns.map(
      (column) => `${quote(column.name)} ${column.asText ? textType(column) : column.native} NULL`,
    );
    return {
      name,
      create: `CREATE TABLE ${quote(name.table)} (${parts.join(', ')}, ${quote(order)} bigint IDENTITY(1,1) NOT NULL)`,
      clear: `TRUNCATE TABLE ${quote(name.table)}`,
    };
  },
  move: (into, from, columns, keys) => {
    const names = columns.map(({ name }) => name);
    const values = columns.map(({ name, native, asText }) =>
      asText && native !== 'sql_variant' ? `CONVERT(${native}, ${quote(name)}) AS ${quote(name)}` : quote(name),
    );
    const [target, source] = [quoted({ quote }, into), quoted({ quote }, from)];
    if (!keys)
      return `INSERT INTO ${target} (${listed(names)}) SELECT ${values.join(', ')} FROM ${source} ORDER BY ${quote(order)}`;
    const set = names.filter((name) => !keys.includes(name)).map((name) => `t.${quote(name)} = s.${quote(name)}`);
    return `MERGE INTO ${target} AS t
      USING (SELECT ${values.join(', ')} FROM ${source} WHERE ${quote(order)} IN (SELECT MAX(${quote(order)}) FROM ${source} GROUP BY ${listed(keys)})) AS s
      ON ${keys.map((key) => `t.${quote(key)} = s.${quote(key)}`).join(' AND ')}
      ${set.length === 0 ? '' : `WHEN MATCHED THEN UPDATE SET ${set.join(', ')}`}
      WHEN NOT MATCHED THEN INSERT (${listed(names)}) VALUES (${names.map((name) => `s.${quote(name)}`).join(', ')});`;
  },
  moment: (clock, isZoned) =>
    isZoned ? `CAST('${clock}+00:00' AS datetimeoffset(6))` : `CAST('${clock}' AS datetime2(6))`,
  keys: (table) =>
    `SELECT c.name FROM sys.indexes AS i
      JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
      JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
      WHERE i.object_id = OBJECT_ID(N${literal(quoted({ quote }, table))}) AND k.key_ordinal = 1
      ORDER BY i.is_primary_key DESC, i.is_unique DESC, i.index_id`,
};
