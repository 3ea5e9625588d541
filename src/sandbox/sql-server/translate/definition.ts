// Definitions as statements for the engine. Several go together: whoever runs them does so in one transaction.
import { randomUUID } from 'node:crypto';
import { commentSql, referenceOf, type TableWords, wordsOf } from '../engine/catalog.ts';
import type { ColumnDefinition, Expression, ObjectName, Statement, TableConstraint } from '../language/syntax.ts';
import { SqlError, unsupported } from '../sql-error.ts';
import { engineType, isInteger, isString, typeOf } from '../type/sql-type.ts';
import {
  type Bound,
  type ColumnInfo,
  type Context,
  quoteName,
  quoteText,
  type Scope,
  type TableInfo,
} from './context.ts';
import { assign } from './conversion.ts';
import { translate } from './expression.ts';
import { findModule, findTable, isTemporary, objectKey, printName, requireLocal, schemaOf } from './object-name.ts';
import { scopeSource, translateNamedQuery } from './query.ts';

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

/** One statement for the engine. */
export type EngineStatement = { sql: string; bound?: readonly Bound[] };

/** A context without a place for values: what is kept has none beside it. */
const fixed = (context: Context): Context => ({ ...context, bound: null });
const now = (): string => new Date().toISOString().slice(0, 23).replace('T', ' ');

const place = (name: ObjectName, context: Context): { schema: string; name: string; reference: string } => {
  requireLocal(name, context);
  const own = name.parts.at(-1)!;
  if (own.startsWith('##')) throw unsupported('A global temporary table', 'Use a #temporary table.');
  const asked = schemaOf(name);
  const schema = asked === '#' ? '#' : context.catalog.schemas.find((one) => one.toLowerCase() === asked.toLowerCase());
  if (schema === undefined)
    throw new SqlError(
      2760,
      `The specified schema name "${asked}" either does not exist or you do not have permission to use it.`,
    );
  return { schema, name: own, reference: referenceOf(schema, own) };
};

const requireFree = (name: ObjectName, context: Context): void => {
  const key = objectKey(name);
  if (context.catalog.tables.has(key) || context.catalog.modules.has(key))
    throw new SqlError(2714, `There is already an object named '${name.parts.at(-1)}' in the database.`);
};

const defaultSql = (expression: Expression, column: ColumnInfo, context: Context, table: string): string =>
  assign(translate(expression, fixed(context), null), column, table).sql;

type ColumnPlan = {
  sql: string;
  info: ColumnInfo;
  sequence: string | null;
  before: EngineStatement[];
  primary: boolean;
  unique: boolean;
};

const planColumn = (
  definition: ColumnDefinition,
  primary: readonly string[],
  context: Context,
  isOwn: boolean,
  table: string,
): ColumnPlan => {
  const { name, type, identity } = definition;
  const isKey = definition.isPrimary || primary.some((one) => one.toLowerCase() === name.toLowerCase());
  const isNullable = !(definition.isNullable === false || isKey || identity !== undefined);
  const info: ColumnInfo = {
    name,
    type,
    isNullable,
    ...(identity && { identity: { seed: String(identity.seed), increment: String(identity.increment) } }),
    ...(definition.default && { hasDefault: true }),
  };
  const parts = [quoteName(name), engineType(type)];
  const before: EngineStatement[] = [];
  let sequence: string | null = null;
  if (identity) {
    if (!isInteger(type) && !(type.name === 'decimal' && type.scale === 0))
      throw new SqlError(
        2749,
        `Identity column '${name}' must be of data type int, bigint, smallint, tinyint, or decimal or numeric with a scale of 0, and constrained to be nonnullable.`,
      );
    sequence = `${isOwn ? 'temp.main' : '__postern'}.${quoteName(`identity_${randomUUID()}`)}`;
    const { seed, increment } = identity;
    const bounds =
      increment > 0n
        ? `MINVALUE ${seed < 1n ? seed : 1n}`
        : `MINVALUE ${-(2n ** 62n)} MAXVALUE ${seed > 0n ? seed : 0n}`;
    before.push({
      sql: `CREATE ${isOwn ? 'TEMP ' : ''}SEQUENCE ${sequence} START ${seed} INCREMENT ${increment} ${bounds}`,
    });
    parts.push(`DEFAULT nextval(${quoteText(sequence)})`);
  } else if (definition.default) parts.push(`DEFAULT ${defaultSql(definition.default, info, context, table)}`);
  if (!isNullable) parts.push('NOT NULL');
  return { sql: parts.join(' '), info, sequence, before, primary: definition.isPrimary, unique: definition.isUnique };
};

const checkSql = (expression: Expression, columns: readonly ColumnInfo[], context: Context): string => {
  const source = scopeSource('', '', columns, (column) => quoteName(column.name));
  const scope: Scope = {
    sources: [{ ...source, columns: source.columns.map((one) => ({ ...one, sql: one.sql.slice(1) })) }],
    parent: null,
  };
  return translate(expression, fixed(context), scope).sql;
};

const nameList = (names: readonly string[]): string => `(${names.map(quoteName).join(', ')})`;

const requireColumns = (names: readonly string[], columns: readonly ColumnInfo[]): string[] =>
  names.map((name) => {
    const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (!found) throw new SqlError(1911, `Column name '${name}' does not exist in the target table or view.`);
    return found.name;
  });

const requireDistinct = (columns: readonly { name: string }[], table: string): void => {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase()))
      throw new SqlError(
        2705,
        `Column names in each table must be unique. Column name '${name}' in table '${table}' is specified more than once.`,
      );
    seen.add(name.toLowerCase());
  }
};

const keysOf = (constraints: readonly TableConstraint[]): string[] =>
  constraints.flatMap((one) => (one.kind === 'primary' ? one.columns : []));

export const createTable = (statement: Of<'createTable'>, context: Context): EngineStatement[] => {
  const target = place(statement.table, context);
  requireFree(statement.table, context);
  const { constraints } = statement;
  requireDistinct(statement.columns, target.name);
  const isOwn = isTemporary(statement.table);
  const plans = statement.columns.map((column) => planColumn(column, keysOf(constraints), context, isOwn, target.name));
  const columns = plans.map(({ info }) => info);
  const primary = requireColumns(
    [...plans.filter((plan) => plan.primary).map(({ info }) => info.name), ...keysOf(constraints)],
    columns,
  );
  if (plans.filter(({ info }) => info.identity).length > 1)
    throw new SqlError(
      2744,
      `Multiple identity columns specified for table '${target.name}'. Only one identity column per table is allowed.`,
    );
  // A data warehouse states its keys and does not hold to them.
  const isEnforced = !context.facts.isWarehouse;
  const rules = [
    ...(primary.length > 0 && isEnforced ? [`PRIMARY KEY ${nameList(primary)}`] : []),
    ...plans.filter(({ unique }) => unique && isEnforced).map(({ info }) => `UNIQUE ${nameList([info.name])}`),
    ...constraints.flatMap((one) =>
      one.kind === 'unique' && isEnforced
        ? [`UNIQUE ${nameList(requireColumns(one.columns, columns))}`]
        : one.kind === 'check'
          ? [`CHECK (${checkSql(one.expression, columns, context)})`]
          : [],
    ),
    ...statement.columns.flatMap(({ check }) => (check ? [`CHECK (${checkSql(check, columns, context)})`] : [])),
  ];
  const sequence = plans.find((plan) => plan.sequence)?.sequence;
  const words: TableWords = { columns, primary, created: now(), ...(sequence && { sequence }) };
  return [
    ...plans.flatMap(({ before }) => before),
    {
      sql: `CREATE ${isOwn ? 'TEMP ' : ''}TABLE ${target.reference} (${[...plans.map(({ sql }) => sql), ...rules].join(', ')})`,
    },
    { sql: commentSql('TABLE', target.reference, words) },
  ];
};

/** A table made of a query: SELECT INTO and CREATE TABLE AS SELECT. */
export const createTableAs = (
  table: ObjectName,
  query: Of<'createTableAs'>['query'],
  context: Context & { bound: Bound[] },
): EngineStatement[] => {
  const target = place(table, context);
  requireFree(table, context);
  const { sql, columns } = translateNamedQuery(query, [], context);
  const kept = columns.map(
    (column): ColumnInfo => ({
      name: column.name,
      type: column.type ?? typeOf('nvarchar', { length: 'max' }),
      isNullable: column.isNullable,
    }),
  );
  const cast = kept
    .map(({ name, type }) => `CAST(${quoteName(name)} AS ${engineType(type!)}) AS ${quoteName(name)}`)
    .join(', ');
  const own = isTemporary(table) ? 'TEMP ' : '';
  return [
    { sql: `CREATE ${own}TABLE ${target.reference} AS SELECT ${cast} FROM (${sql}) AS q`, bound: context.bound },
    { sql: commentSql('TABLE', target.reference, { columns: kept, primary: [], created: now() }) },
  ];
};

const requireOwn = (table: TableInfo): TableInfo => {
  if (table.kind === 'table') return table;
  throw new SqlError(
    4902,
    `Cannot find the table "${table.name}" because it does not exist or you do not have permissions.`,
  );
};

export const addColumns = (statement: Of<'addColumns'>, context: Context): EngineStatement[] => {
  const table = requireOwn(findTable(statement.table, context));
  const plans = statement.columns.map((column) => planColumn(column, [], context, table.schema === '#', table.name));
  if (plans.some(({ info, primary, unique }) => info.identity || primary || unique))
    throw unsupported('Adding a column that is an identity or a key');
  const columns = [...table.columns, ...plans.map(({ info }) => info)];
  requireDistinct(columns, table.name);
  const primary = [...table.primary];
  const rules = statement.constraints.map((one): EngineStatement => {
    if (one.kind === 'check') throw unsupported('Adding a CHECK constraint to a table', 'Write it in CREATE TABLE.');
    const names = requireColumns(one.columns, columns);
    if (one.kind === 'unique')
      return {
        sql: `CREATE UNIQUE INDEX ${quoteName(`unique_${randomUUID()}`)} ON ${table.reference} ${nameList(names)}`,
      };
    primary.push(...names);
    return { sql: `ALTER TABLE ${table.reference} ADD PRIMARY KEY ${nameList(names)}` };
  });
  return [
    ...plans.flatMap(({ sql, info }): EngineStatement[] => {
      const text = sql.replace(/ NOT NULL$/, '');
      const after = info.isNullable
        ? []
        : [{ sql: `ALTER TABLE ${table.reference} ALTER COLUMN ${quoteName(info.name)} SET NOT NULL` }];
      return [{ sql: `ALTER TABLE ${table.reference} ADD COLUMN ${text}` }, ...after];
    }),
    ...(context.facts.isWarehouse ? [] : rules),
    { sql: commentSql('TABLE', table.reference, { ...wordsOf(table), columns, primary }) },
  ];
};

export const alterColumn = (statement: Of<'alterColumn'>, context: Context): EngineStatement[] => {
  const table = requireOwn(findTable(statement.table, context));
  const { name, type, isNullable } = statement.column;
  const known = table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (!known)
    throw new SqlError(
      4924,
      `ALTER TABLE ALTER COLUMN failed because column '${name}' does not exist in table '${table.name}'.`,
    );
  if (known.identity) throw unsupported('ALTER COLUMN of an identity column');
  const column: ColumnInfo = { ...known, type, isNullable: isNullable ?? known.isNullable };
  const converted = assign({ sql: quoteName(known.name), type: known.type }, column, table.name).sql;
  const change = `ALTER TABLE ${table.reference} ALTER COLUMN ${quoteName(known.name)}`;
  const isSame = engineType(known.type!) === engineType(type) && !isString(type);
  return [
    ...(isSame ? [] : [{ sql: `${change} TYPE ${engineType(type)} USING ${converted}` }]),
    ...(column.isNullable === known.isNullable
      ? []
      : [{ sql: `${change} ${column.isNullable ? 'DROP' : 'SET'} NOT NULL` }]),
    {
      sql: commentSql('TABLE', table.reference, {
        ...wordsOf(table),
        columns: table.columns.map((one) => (one === known ? column : one)),
      }),
    },
  ];
};

export const dropColumns = (statement: Of<'dropColumns'>, context: Context): EngineStatement[] => {
  const table = requireOwn(findTable(statement.table, context));
  const gone = statement.columns.flatMap((name) => {
    const found = table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (found || statement.ifExists) return found ? [found] : [];
    throw new SqlError(
      4924,
      `ALTER TABLE DROP COLUMN failed because column '${name}' does not exist in table '${table.name}'.`,
    );
  });
  return [
    ...gone.map(({ name }) => ({ sql: `ALTER TABLE ${table.reference} DROP COLUMN ${quoteName(name)}` })),
    {
      sql: commentSql('TABLE', table.reference, {
        ...wordsOf(table),
        columns: table.columns.filter((one) => !gone.includes(one)),
      }),
    },
  ];
};

/** The engine's name of an index: its table's too, because names are per table in SQL Server. */
const indexName = (table: TableInfo, name: string): string => `${table.name}.${name}`.toLowerCase();

export const createIndex = (statement: Of<'createIndex'>, context: Context): EngineStatement[] => {
  const table = requireOwn(findTable(statement.table, context));
  const columns = requireColumns(statement.columns, table.columns);
  // Only what an index promises matters here: its speed is the engine's own business.
  if (!statement.isUnique) return [];
  return [
    {
      sql: `CREATE UNIQUE INDEX ${quoteName(indexName(table, statement.name))} ON ${table.reference} ${nameList(columns)}`,
    },
  ];
};

export const createView = (statement: Of<'createView'>, context: Context): EngineStatement[] => {
  const target = place(statement.name, context);
  if (isTemporary(statement.name)) throw new SqlError(4103, 'Temporary views are not allowed.');
  const known = context.catalog.tables.get(objectKey(statement.name));
  if (!(statement.replaces && known?.kind === 'view')) {
    if (statement.mustExist) throw new SqlError(208, `Invalid object name '${printName(statement.name)}'.`);
    requireFree(statement.name, context);
  }
  const { sql, columns } = translateNamedQuery(statement.query, statement.columns, fixed(context));
  return [
    { sql: `CREATE OR REPLACE VIEW ${target.reference} AS ${sql}` },
    { sql: commentSql('VIEW', target.reference, { columns, primary: [], created: now(), definition: statement.text }) },
  ];
};

export const createProcedure = (statement: Of<'createProcedure'>, context: Context): EngineStatement[] => {
  const target = place(statement.name, context);
  if (isTemporary(statement.name)) throw unsupported('A temporary procedure');
  const known = findModule(statement.name, context);
  if (!known || !statement.replaces) {
    if (statement.mustExist) throw new SqlError(208, `Invalid object name '${printName(statement.name)}'.`);
    requireFree(statement.name, context);
  }
  const remove = known
    ? [{ sql: 'DELETE FROM __postern.module WHERE schema_name = $1 AND name = $2', bound: [known.schema, known.name] }]
    : [];
  return [
    ...remove,
    {
      sql: `INSERT INTO __postern.module VALUES ($1, $2, nextval('__postern.object_id'), $3, $4)`,
      bound: [target.schema, target.name, statement.text, now()],
    },
  ];
};

export const createSchema = ({ name }: Of<'createSchema'>, context: Context): EngineStatement[] => {
  const isReserved = ['sys', 'information_schema', '__postern', 'main', 'pg_catalog', 'temp'].includes(
    name.toLowerCase(),
  );
  if (isReserved || context.catalog.schemas.some((one) => one.toLowerCase() === name.toLowerCase()))
    throw new SqlError(2714, `There is already an object named '${name}' in the database.`);
  return [{ sql: `CREATE SCHEMA ${quoteName(name)}` }];
};

const missing = (kind: string, name: ObjectName): SqlError =>
  new SqlError(
    3701,
    `Cannot drop the ${kind.toLowerCase()} '${printName(name)}', because it does not exist or you do not have permission.`,
    { severity: 11 },
  );

const dropOne = (statement: Of<'drop'>, name: ObjectName, context: Context): EngineStatement[] => {
  const { object } = statement;
  if (object === 'SCHEMA') {
    const schema = context.catalog.schemas.find((one) => one.toLowerCase() === name.parts.at(-1)!.toLowerCase());
    if (schema === undefined) throw missing('SCHEMA', name);
    if (schema === 'dbo') throw new SqlError(15150, "Cannot drop the schema 'dbo'.");
    return [{ sql: `DROP SCHEMA ${quoteName(schema)}` }];
  }
  if (object === 'PROCEDURE') {
    const found = findModule(name, context);
    if (!found) throw missing('PROCEDURE', name);
    return [
      { sql: 'DELETE FROM __postern.module WHERE schema_name = $1 AND name = $2', bound: [found.schema, found.name] },
    ];
  }
  if (object === 'INDEX') {
    const table = requireOwn(findTable(statement.table!, context));
    const reference = referenceOf(table.schema, indexName(table, name.parts.at(-1)!));
    return [{ sql: `DROP INDEX IF EXISTS ${reference}` }];
  }
  requireLocal(name, context);
  const table = context.catalog.tables.get(objectKey(name));
  if (!table || table.kind !== (object === 'VIEW' ? 'view' : 'table')) throw missing(object, name);
  const { sequence } = wordsOf(table);
  return [{ sql: `DROP ${object} ${table.reference}` }, ...(sequence ? [{ sql: `DROP SEQUENCE ${sequence}` }] : [])];
};

export const dropObjects = (statement: Of<'drop'>, context: Context): EngineStatement[] =>
  statement.names.flatMap((name) => {
    try {
      return dropOne(statement, name, context);
    } catch (error) {
      if (statement.ifExists && error instanceof SqlError && error.number === 3701) return [];
      throw error;
    }
  });

/** TRUNCATE, after which an identity begins again. */
export const truncate = ({ table: name }: Of<'truncate'>, context: Context): EngineStatement[] => {
  const table = findTable(name, context);
  if (table.kind !== 'table')
    throw new SqlError(4708, `Cannot truncate table '${table.name}' because it is not a table.`);
  const identity = table.columns.find((column) => column.identity);
  const words = wordsOf(table);
  if (!identity || !words.sequence) return [{ sql: `TRUNCATE ${table.reference}` }];
  const { seed, increment } = identity.identity!;
  const fresh = words.sequence.replace(/"identity_[^"]*"/, quoteName(`identity_${randomUUID()}`));
  const bounds =
    BigInt(increment) > 0n
      ? `MINVALUE ${BigInt(seed) < 1n ? seed : 1}`
      : `MINVALUE ${-(2n ** 62n)} MAXVALUE ${BigInt(seed) > 0n ? seed : 0}`;
  return [
    { sql: `TRUNCATE ${table.reference}` },
    {
      sql: `CREATE ${table.schema === '#' ? 'TEMP ' : ''}SEQUENCE ${fresh} START ${seed} INCREMENT ${increment} ${bounds}`,
    },
    {
      sql: `ALTER TABLE ${table.reference} ALTER COLUMN ${quoteName(identity.name)} SET DEFAULT nextval(${quoteText(fresh)})`,
    },
    { sql: `DROP SEQUENCE ${words.sequence}` },
    { sql: commentSql('TABLE', table.reference, { ...words, sequence: fresh }) },
  ];
};
