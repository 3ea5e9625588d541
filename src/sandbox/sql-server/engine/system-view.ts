// sys.* and INFORMATION_SCHEMA.*, as far as clients ask for them to find tables and columns. Their rows are written into
// the statement that reads them.

import { type Catalog, type ColumnInfo, quoteName, quoteText, type TableInfo } from '../translate/context.ts';
import { isBinary, isExact, isInteger, isNational, isString, type SqlType, typeOf } from '../type/sql-type.ts';

type Cell = string | number | boolean | null;
type View = {
  schema: string;
  name: string;
  columns: readonly (readonly [string, SqlType])[];
  rows(catalog: Catalog): Cell[][];
};

const int = typeOf('int');
const small = typeOf('smallint');
const tiny = typeOf('tinyint');
const bit = typeOf('bit');
const name = typeOf('nvarchar', { length: 128 });
const words = typeOf('nvarchar', { length: 4000 });
const long = typeOf('nvarchar', { length: 'max' });
const code = typeOf('char', { length: 2 });
const time = typeOf('datetime');
const yes = typeOf('varchar', { length: 3 });

/** system_type_id, max_length, precision, scale of each type. */
const typeRows: readonly (readonly [SqlType['name'] | 'numeric' | 'sysname', number, number, number, number])[] = [
  ['image', 34, 16, 0, 0],
  ['text', 35, 16, 0, 0],
  ['uniqueidentifier', 36, 16, 0, 0],
  ['date', 40, 3, 10, 0],
  ['time', 41, 5, 16, 7],
  ['datetime2', 42, 8, 27, 7],
  ['datetimeoffset', 43, 10, 34, 7],
  ['tinyint', 48, 1, 3, 0],
  ['smallint', 52, 2, 5, 0],
  ['int', 56, 4, 10, 0],
  ['smalldatetime', 58, 4, 16, 0],
  ['real', 59, 4, 24, 0],
  ['money', 60, 8, 19, 4],
  ['datetime', 61, 8, 23, 3],
  ['float', 62, 8, 53, 0],
  ['ntext', 99, 16, 0, 0],
  ['bit', 104, 1, 1, 0],
  ['decimal', 106, 17, 38, 38],
  ['numeric', 108, 17, 38, 38],
  ['smallmoney', 122, 4, 10, 4],
  ['bigint', 127, 8, 19, 0],
  ['varbinary', 165, 8000, 0, 0],
  ['varchar', 167, 8000, 0, 0],
  ['binary', 173, 8000, 0, 0],
  ['char', 175, 8000, 0, 0],
  ['nvarchar', 231, 8000, 0, 0],
  ['nchar', 239, 8000, 0, 0],
];
const typeRow = (type: SqlType) => typeRows.find(([one]) => one === type.name)!;
const typeIn = (column: ColumnInfo): SqlType => column.type ?? typeOf('nvarchar', { length: 'max' });

const bytesOf = (type: SqlType): number => {
  if (type.length === 'max') return -1;
  if (type.length !== undefined) return isNational(type) ? type.length * 2 : type.length;
  if (type.name === 'decimal')
    return (type.precision ?? 18) <= 9 ? 5 : (type.precision ?? 18) <= 19 ? 9 : (type.precision ?? 18) <= 28 ? 13 : 17;
  return typeRow(type)[2];
};
const precisionOf = (type: SqlType): number => (type.name === 'decimal' ? (type.precision ?? 18) : typeRow(type)[3]);
const scaleOf = (type: SqlType): number => type.scale ?? (type.name === 'decimal' ? 0 : typeRow(type)[4]);

const own = (catalog: Catalog): TableInfo[] =>
  [...catalog.tables.values()].filter(({ kind, schema }) => kind !== 'system' && schema !== '#');
const schemaId = (catalog: Catalog, schema: string): number => catalog.schemas.indexOf(schema) + 1;

const objectColumns = [
  ['name', name],
  ['object_id', int],
  ['principal_id', int],
  ['schema_id', int],
  ['parent_object_id', int],
  ['type', code],
  ['type_desc', words],
  ['create_date', time],
  ['modify_date', time],
  ['is_ms_shipped', bit],
] as const;
const describe: Readonly<Record<string, string>> = { U: 'USER_TABLE', V: 'VIEW', P: 'SQL_STORED_PROCEDURE' };

const objectRows = (catalog: Catalog, kinds: string): Cell[][] => {
  const objects = [
    ...own(catalog).map((one) => ({ ...one, code: one.kind === 'view' ? 'V' : 'U' })),
    ...[...catalog.modules.values()].map((one) => ({ ...one, code: 'P' })),
  ];
  return objects
    .filter((one) => kinds.includes(one.code))
    .map((one) => [
      one.name,
      one.objectId,
      null,
      schemaId(catalog, one.schema),
      0,
      one.code,
      describe[one.code]!,
      one.created,
      one.created,
      false,
    ]);
};

const columnRows = (catalog: Catalog): Cell[][] =>
  [...catalog.tables.values()]
    .filter(({ kind }) => kind !== 'system')
    .flatMap((table) =>
      table.columns.map((column, index): Cell[] => {
        const type = typeIn(column);
        const id = typeRow(type)[1];
        return [
          table.objectId,
          column.name,
          index + 1,
          id,
          id,
          bytesOf(type),
          precisionOf(type),
          scaleOf(type),
          isString(type) ? 'Latin1_General_100_CI_AS_SC_UTF8' : null,
          column.isNullable,
          column.identity !== undefined,
          false,
          column.hasDefault ? 1 : 0,
        ];
      }),
    );

const informationColumns = (catalog: Catalog, database: string): Cell[][] =>
  own(catalog).flatMap((table) =>
    table.columns.map((column, index): Cell[] => {
      const type = typeIn(column);
      const isCounted = isString(type) || isBinary(type);
      const isNumber = isInteger(type) || isExact(type) || type.name === 'real' || type.name === 'float';
      const isTime = ['date', 'time', 'datetime', 'datetime2', 'datetimeoffset', 'smalldatetime'].includes(type.name);
      const length = type.length === 'max' ? -1 : (type.length ?? null);
      return [
        database,
        table.schema,
        table.name,
        column.name,
        index + 1,
        null,
        column.isNullable ? 'YES' : 'NO',
        type.name,
        isCounted ? length : null,
        isCounted ? bytesOf(type) : null,
        isNumber && type.name !== 'bit' ? precisionOf(type) : null,
        isNumber && type.name !== 'bit' ? 10 : null,
        (isInteger(type) && type.name !== 'bit') || isExact(type) ? scaleOf(type) : null,
        isTime ? (type.name === 'date' ? 0 : scaleOf(type)) : null,
        isString(type) ? (isNational(type) ? 'UNICODE' : 'UTF8') : null,
        isString(type) ? 'Latin1_General_100_CI_AS_SC_UTF8' : null,
      ];
    }),
  );

const keyRows = (catalog: Catalog): { table: TableInfo; name: string }[] =>
  own(catalog)
    .filter(({ primary }) => primary.length > 0)
    .map((table) => ({ table, name: `PK_${table.name}` }));

// Stands for the name of the database, which a catalogue does not know.
const databaseMark = '\u0001';

const views: readonly View[] = [
  {
    schema: 'sys',
    name: 'schemas',
    columns: [
      ['name', name],
      ['schema_id', int],
      ['principal_id', int],
    ],
    rows: ({ schemas }) => schemas.map((one, index) => [one, index + 1, 1]),
  },
  { schema: 'sys', name: 'objects', columns: objectColumns, rows: (catalog) => objectRows(catalog, 'UVP') },
  { schema: 'sys', name: 'all_objects', columns: objectColumns, rows: (catalog) => objectRows(catalog, 'UVP') },
  {
    schema: 'sys',
    name: 'tables',
    columns: [...objectColumns, ['is_external', bit], ['temporal_type', tiny], ['is_memory_optimized', bit]],
    rows: (catalog) => objectRows(catalog, 'U').map((row) => [...row, false, 0, false]),
  },
  { schema: 'sys', name: 'views', columns: objectColumns, rows: (catalog) => objectRows(catalog, 'V') },
  { schema: 'sys', name: 'procedures', columns: objectColumns, rows: (catalog) => objectRows(catalog, 'P') },
  {
    schema: 'sys',
    name: 'sql_modules',
    columns: [
      ['object_id', int],
      ['definition', long],
    ],
    rows: (catalog) =>
      [...catalog.modules.values(), ...own(catalog).filter(({ kind }) => kind === 'view')].map(
        ({ objectId, definition }) => [objectId, definition ?? null],
      ),
  },
  {
    schema: 'sys',
    name: 'columns',
    columns: [
      ['object_id', int],
      ['name', name],
      ['column_id', int],
      ['system_type_id', tiny],
      ['user_type_id', int],
      ['max_length', small],
      ['precision', tiny],
      ['scale', tiny],
      ['collation_name', name],
      ['is_nullable', bit],
      ['is_identity', bit],
      ['is_computed', bit],
      ['default_object_id', int],
    ],
    rows: columnRows,
  },
  {
    schema: 'sys',
    name: 'identity_columns',
    columns: [
      ['object_id', int],
      ['name', name],
      ['column_id', int],
      ['seed_value', words],
      ['increment_value', words],
    ],
    rows: (catalog) =>
      own(catalog).flatMap((table) =>
        table.columns.flatMap((column, index): Cell[][] =>
          column.identity
            ? [[table.objectId, column.name, index + 1, column.identity.seed, column.identity.increment]]
            : [],
        ),
      ),
  },
  {
    schema: 'sys',
    name: 'types',
    columns: [
      ['name', name],
      ['system_type_id', tiny],
      ['user_type_id', int],
      ['schema_id', int],
      ['max_length', small],
      ['precision', tiny],
      ['scale', tiny],
      ['is_nullable', bit],
      ['is_user_defined', bit],
    ],
    rows: () =>
      typeRows.map(([one, id, length, precision, scale]) => [one, id, id, 4, length, precision, scale, true, false]),
  },
  {
    schema: 'sys',
    name: 'indexes',
    columns: [
      ['object_id', int],
      ['name', name],
      ['index_id', int],
      ['type', tiny],
      ['type_desc', words],
      ['is_unique', bit],
      ['is_primary_key', bit],
    ],
    rows: (catalog) =>
      keyRows(catalog).map(({ table, name: key }) => [table.objectId, key, 1, 1, 'CLUSTERED', true, true]),
  },
  {
    schema: 'sys',
    name: 'index_columns',
    columns: [
      ['object_id', int],
      ['index_id', int],
      ['index_column_id', int],
      ['column_id', int],
      ['key_ordinal', tiny],
      ['is_descending_key', bit],
      ['is_included_column', bit],
    ],
    rows: (catalog) =>
      keyRows(catalog).flatMap(({ table }) =>
        table.primary.map((one, index): Cell[] => [
          table.objectId,
          1,
          index + 1,
          table.columns.findIndex((column) => column.name === one) + 1,
          index + 1,
          false,
          false,
        ]),
      ),
  },
  {
    schema: 'sys',
    name: 'key_constraints',
    columns: [
      ['name', name],
      ['object_id', int],
      ['parent_object_id', int],
      ['type', code],
      ['type_desc', words],
      ['unique_index_id', int],
    ],
    rows: (catalog) =>
      keyRows(catalog).map(({ table, name: key }) => [
        key,
        table.objectId + 8,
        table.objectId,
        'PK',
        'PRIMARY_KEY_CONSTRAINT',
        1,
      ]),
  },
  {
    schema: 'sys',
    name: 'databases',
    columns: [
      ['name', name],
      ['database_id', int],
      ['state', tiny],
      ['state_desc', words],
      ['collation_name', name],
      ['is_read_only', bit],
      ['compatibility_level', tiny],
    ],
    rows: () => [[databaseMark, 1, 0, 'ONLINE', 'Latin1_General_100_CI_AS_SC_UTF8', false, 150]],
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'SCHEMATA',
    columns: [
      ['CATALOG_NAME', name],
      ['SCHEMA_NAME', name],
      ['SCHEMA_OWNER', name],
    ],
    rows: ({ schemas }) => schemas.map((one) => [databaseMark, one, 'dbo']),
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'TABLES',
    columns: [
      ['TABLE_CATALOG', name],
      ['TABLE_SCHEMA', name],
      ['TABLE_NAME', name],
      ['TABLE_TYPE', typeOf('varchar', { length: 10 })],
    ],
    rows: (catalog) =>
      own(catalog).map((one) => [databaseMark, one.schema, one.name, one.kind === 'view' ? 'VIEW' : 'BASE TABLE']),
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'VIEWS',
    columns: [
      ['TABLE_CATALOG', name],
      ['TABLE_SCHEMA', name],
      ['TABLE_NAME', name],
      ['VIEW_DEFINITION', words],
    ],
    rows: (catalog) =>
      own(catalog)
        .filter(({ kind }) => kind === 'view')
        .map((one) => [databaseMark, one.schema, one.name, (one.definition ?? '').slice(0, 4000)]),
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'COLUMNS',
    columns: [
      ['TABLE_CATALOG', name],
      ['TABLE_SCHEMA', name],
      ['TABLE_NAME', name],
      ['COLUMN_NAME', name],
      ['ORDINAL_POSITION', int],
      ['COLUMN_DEFAULT', words],
      ['IS_NULLABLE', yes],
      ['DATA_TYPE', name],
      ['CHARACTER_MAXIMUM_LENGTH', int],
      ['CHARACTER_OCTET_LENGTH', int],
      ['NUMERIC_PRECISION', tiny],
      ['NUMERIC_PRECISION_RADIX', small],
      ['NUMERIC_SCALE', int],
      ['DATETIME_PRECISION', small],
      ['CHARACTER_SET_NAME', name],
      ['COLLATION_NAME', name],
    ],
    rows: (catalog) => informationColumns(catalog, databaseMark),
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'ROUTINES',
    columns: [
      ['ROUTINE_CATALOG', name],
      ['ROUTINE_SCHEMA', name],
      ['ROUTINE_NAME', name],
      ['ROUTINE_TYPE', typeOf('nvarchar', { length: 20 })],
      ['ROUTINE_DEFINITION', words],
    ],
    rows: ({ modules }) =>
      [...modules.values()].map((one) => [
        databaseMark,
        one.schema,
        one.name,
        'PROCEDURE',
        one.definition.slice(0, 4000),
      ]),
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'TABLE_CONSTRAINTS',
    columns: [
      ['CONSTRAINT_CATALOG', name],
      ['CONSTRAINT_SCHEMA', name],
      ['CONSTRAINT_NAME', name],
      ['TABLE_SCHEMA', name],
      ['TABLE_NAME', name],
      ['CONSTRAINT_TYPE', typeOf('varchar', { length: 11 })],
    ],
    rows: (catalog) =>
      keyRows(catalog).map(({ table, name: key }) => [
        databaseMark,
        table.schema,
        key,
        table.schema,
        table.name,
        'PRIMARY KEY',
      ]),
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'KEY_COLUMN_USAGE',
    columns: [
      ['CONSTRAINT_CATALOG', name],
      ['CONSTRAINT_SCHEMA', name],
      ['CONSTRAINT_NAME', name],
      ['TABLE_SCHEMA', name],
      ['TABLE_NAME', name],
      ['COLUMN_NAME', name],
      ['ORDINAL_POSITION', int],
    ],
    rows: (catalog) =>
      keyRows(catalog).flatMap(({ table, name: key }) =>
        table.primary.map((one, index): Cell[] => [
          databaseMark,
          table.schema,
          key,
          table.schema,
          table.name,
          one,
          index + 1,
        ]),
      ),
  },
];

const engineTypes: Readonly<Record<string, string>> = {
  int: 'INTEGER',
  smallint: 'SMALLINT',
  tinyint: 'UTINYINT',
  bit: 'BOOLEAN',
  datetime: 'TIMESTAMP',
};

const cellSql = (cell: Cell, type: SqlType): string => {
  const engine = engineTypes[type.name] ?? 'VARCHAR';
  if (cell === null) return `CAST(NULL AS ${engine})`;
  return `CAST(${typeof cell === 'string' ? quoteText(cell) : String(cell)} AS ${engine})`;
};

const viewSql = (view: View, catalog: Catalog, database: string): string => {
  const rows = view.rows(catalog).map((row) => row.map((cell) => (cell === databaseMark ? database : cell)));
  const columns = view.columns.map(([one]) => quoteName(one)).join(', ');
  const text = rows.map((row) => `(${row.map((cell, at) => cellSql(cell, view.columns[at]![1])).join(', ')})`);
  if (text.length > 0) return `(SELECT * FROM (VALUES ${text.join(', ')}) AS v(${columns}))`;
  const nothing = view.columns.map(([one, type]) => `${cellSql(null, type)} AS ${quoteName(one)}`).join(', ');
  return `(SELECT ${nothing} WHERE FALSE)`;
};

/** The views of the catalogue, as tables that are written when they are read. */
export const systemTables = (catalog: Catalog, database: string): TableInfo[] =>
  views.map((view, index) => ({
    kind: 'system',
    schema: view.schema,
    name: view.name,
    objectId: -100 - index,
    columns: view.columns.map(([one, type]) => ({ name: one, type, isNullable: true })),
    primary: [],
    created: '2020-01-01 00:00:00.000',
    get reference() {
      return viewSql(view, catalog, database);
    },
  }));
