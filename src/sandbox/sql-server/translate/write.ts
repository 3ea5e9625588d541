// INSERT, UPDATE, DELETE and MERGE as SQL for the engine.
import type { Assignment, Expression, MergeBranch, Output, Source, Statement } from '../language/syntax.ts';
import { SqlError, unsupported } from '../sql-error.ts';
import { typeOf } from '../type/sql-type.ts';
import {
  type ColumnInfo,
  type Context,
  freshName,
  type Piece,
  quoteName,
  type Scope,
  type TableInfo,
} from './context.ts';
import { assign, convert } from './conversion.ts';
import { translate } from './expression.ts';
import { findTable } from './object-name.ts';
import {
  type OutputColumn,
  resultColumn,
  scopeSource,
  translateFrom,
  translateItems,
  translateQuery,
  translateSource,
  translateWith,
} from './query.ts';

type Statement_<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

/** A write for the engine. `returns` are the columns of its OUTPUT; `identity` says which column gives the last identity. */
export type TranslatedWrite = {
  sql: string;
  returns: OutputColumn[] | null;
  table: TableInfo;
  identity: string | null;
};

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const columnOf = (table: TableInfo, name: string): ColumnInfo => {
  const found = table.columns.find((column) => same(column.name, name));
  if (found) return found;
  throw new SqlError(207, `Invalid column name '${name}'.`);
};

const requireTable = (table: TableInfo): TableInfo => {
  if (table.kind === 'table') return table;
  throw table.kind === 'view'
    ? unsupported(`Writing through the view '${table.name}'`, 'Write to its table.')
    : new SqlError(259, 'Ad hoc updates to system catalogs are not allowed.');
};

const tableLabel = (context: Context, table: TableInfo): string =>
  `${context.facts.database}.${table.schema}.${table.name}`;

/** RETURNING for an OUTPUT: `prefix` is what the engine can tell of, the new rows or the removed ones. */
const returning = (
  output: Output | undefined,
  prefix: 'inserted' | 'deleted',
  table: TableInfo,
  context: Context,
): { sql: string; returns: OutputColumn[] | null } => {
  if (!output) return { sql: '', returns: null };
  const source = scopeSource(prefix, '', table.columns, (column) => quoteName(column.name));
  const columns = source.columns.map((column) => ({ ...column, sql: column.sql.slice(1) }));
  const scope: Scope = { sources: [{ ...source, columns }], parent: null };
  for (const item of output.items) {
    const path =
      item.kind === 'star' ? item.path : item.expression.kind === 'column' ? item.expression.path.slice(0, -1) : [];
    const other = prefix === 'inserted' ? 'deleted' : 'inserted';
    if (path.length === 1 && same(path[0]!, other)) throw unsupported(`OUTPUT ${other} here`);
  }
  const items = translateItems(output.items, context, scope);
  const list = items.map(({ sql }, index) => `${sql} AS "c${index + 1}"`).join(', ');
  return { sql: ` RETURNING ${list}`, returns: items.map(({ sql: _sql, ...column }) => column) };
};

const given = (
  expression: Expression,
  column: ColumnInfo,
  table: TableInfo,
  context: Context,
  scope: Scope | null,
): string =>
  expression.kind === 'default'
    ? 'DEFAULT'
    : assign(translate(expression, context, scope), column, tableLabel(context, table)).sql;

const insertColumns = (
  statement: Statement_<'insert'>,
  table: TableInfo,
  identityInsert: string | null,
): ColumnInfo[] => {
  const mayNameIdentity = identityInsert === table.reference;
  const columns =
    statement.columns.length > 0
      ? statement.columns.map((name) => columnOf(table, name))
      : table.columns.filter((column) => mayNameIdentity || !column.identity);
  const identity = columns.find((column) => column.identity);
  if (identity && !mayNameIdentity)
    throw new SqlError(
      544,
      `Cannot insert explicit value for identity column in table '${table.name}' when IDENTITY_INSERT is set to OFF.`,
    );
  if (!identity && mayNameIdentity && table.columns.some((column) => column.identity))
    throw new SqlError(
      545,
      `Explicit value must be specified for identity column in table '${table.name}' when IDENTITY_INSERT is set to ON.`,
    );
  if (new Set(columns).size !== columns.length)
    throw new SqlError(264, 'A column name is specified more than once in the SET clause or column list of an INSERT.');
  return columns;
};

const requireCount = (have: number, want: number): void => {
  if (have > want)
    throw new SqlError(
      110,
      'There are fewer columns in the INSERT statement than values specified in the VALUES clause.',
      { severity: 15 },
    );
  if (have < want) throw new SqlError(213, 'Column name or number of supplied values does not match table definition.');
};

/** An INSERT. `identityInsert` is the table that takes explicit identity values. */
export const translateInsert = (
  statement: Statement_<'insert'>,
  outer: Context,
  identityInsert: string | null,
): TranslatedWrite => {
  const table = requireTable(findTable(statement.table, outer));
  const { sql: head, context } = translateWith(statement.with, outer, null);
  const output = returning(statement.output, 'inserted', table, context);
  const identityColumn = table.columns.find((column) => column.identity);
  const identity = identityColumn && !output.returns ? identityColumn.name : null;
  const end = output.sql || (identity === null ? '' : ` RETURNING ${quoteName(identity)}`);
  const done = (sql: string): TranslatedWrite => ({
    sql: `${head}${sql}${end}`,
    returns: output.returns,
    table,
    identity,
  });
  const { rows } = statement;
  if (rows.kind === 'default') return done(`INSERT INTO ${table.reference} DEFAULT VALUES`);
  const columns = insertColumns(statement, table, identityInsert);
  const target = `INSERT INTO ${table.reference} (${columns.map(({ name }) => quoteName(name)).join(', ')})`;
  if (rows.kind === 'values') {
    const text = rows.rows.map((row) => {
      requireCount(row.length, columns.length);
      return `(${row.map((one, at) => given(one, columns[at]!, table, context, null)).join(', ')})`;
    });
    return done(`${target} VALUES ${text.join(', ')}`);
  }
  if (rows.kind === 'exec') throw unsupported('INSERT ... EXEC');
  const query = translateQuery(rows.query, context, null);
  requireCount(query.columns.length, columns.length);
  const list = query.columns.map(
    ({ type }, index) => assign(resultColumn(index, type, 'q'), columns[index]!, tableLabel(context, table)).sql,
  );
  return done(`${target} SELECT ${list.join(', ')} FROM (${query.sql}) AS q`);
};

const requireSettable = (set: readonly Assignment[], table: TableInfo): ColumnInfo[] => {
  const columns = set.map(({ column }) => columnOf(table, column));
  const identity = columns.find((column) => column.identity);
  if (identity) throw new SqlError(8102, `Cannot update identity column '${identity.name}'.`);
  if (new Set(columns).size !== columns.length)
    throw new SqlError(264, 'A column name is specified more than once in the SET clause.');
  return columns;
};

/** The table that an UPDATE or DELETE means: an alias of its FROM, or a table. */
const targetOf = (
  statement: Statement_<'update'> | Statement_<'delete'>,
  context: Context,
): { table: TableInfo; from: Source[] } => {
  const name = statement.table.parts.at(-1)!;
  const tables = (source: Source): Extract<Source, { kind: 'table' }>[] =>
    source.kind === 'table'
      ? [source]
      : source.kind === 'join' || source.kind === 'apply'
        ? [...tables(source.left), ...tables(source.right)]
        : [];
  const named = statement.from.flatMap(tables);
  const byAlias =
    statement.table.parts.length === 1
      ? named.find((one) => one.alias !== undefined && same(one.alias, name))
      : undefined;
  if (byAlias) return { table: requireTable(findTable(byAlias.name, context)), from: statement.from };
  const table = requireTable(findTable(statement.table, context));
  const isThere = named.some((one) => one.alias === undefined && same(one.name.parts.at(-1)!, name));
  if (statement.from.length === 0 || isThere) return { table, from: statement.from };
  return { table, from: [{ kind: 'table', name: statement.table }, ...statement.from] };
};

const limitSql = (top: Expression | undefined, context: Context): string =>
  top ? ` LIMIT ${convert(translate(top, context, null), typeOf('bigint')).sql}` : '';

const rowIdOf = (scope: Scope, table: TableInfo, name: string): string => {
  const source =
    scope.sources.find((one) => one.table === table && same(one.alias, name)) ??
    scope.sources.find((one) => one.table === table);
  return source!.rowId;
};

const lone = (statement: { table: { parts: readonly string[] } }): Source[] => [
  { kind: 'table', name: statement.table },
];

/** An UPDATE: what it sets is worked out from its FROM first, row by row. */
export const translateUpdate = (statement: Statement_<'update'>, outer: Context): TranslatedWrite => {
  const { sql: head, context } = translateWith(statement.with, outer, null);
  const { table, from } = targetOf(statement, context);
  const columns = requireSettable(statement.set, table);
  const output = returning(statement.output, 'inserted', table, context);
  const where = (scope: Scope) => (statement.where ? ` WHERE ${translate(statement.where, context, scope).sql}` : '');
  if (from.length === 0 && !statement.top) {
    const { sql, sources } = translateSource(lone(statement)[0]!, context, null);
    const scope: Scope = { sources, parent: null };
    const set = statement.set.map(
      ({ expression }, at) =>
        `${quoteName(columns[at]!.name)} = ${given(expression, columns[at]!, table, context, scope)}`,
    );
    return {
      sql: `${head}UPDATE ${sql} SET ${set.join(', ')}${where(scope)}${output.sql}`,
      returns: output.returns,
      table,
      identity: null,
    };
  }
  const { sql, scope } = translateFrom(from.length === 0 ? lone(statement) : from, context, null);
  const values = statement.set.map(
    ({ expression }, at) => `${given(expression, columns[at]!, table, context, scope)} AS v${at}`,
  );
  const rowId = rowIdOf(scope, table, statement.table.parts.at(-1)!);
  const target = freshName(context, 't');
  const set = columns.map(({ name }, at) => `${quoteName(name)} = u.v${at}`);
  return {
    sql: `${head}UPDATE ${table.reference} AS ${target} SET ${set.join(', ')} FROM (SELECT ${rowId} AS r, ${values.join(', ')} FROM ${sql}${where(scope)}${limitSql(statement.top, context)}) AS u WHERE ${target}.rowid = u.r${output.sql}`,
    returns: output.returns,
    table,
    identity: null,
  };
};

export const translateDelete = (statement: Statement_<'delete'>, outer: Context): TranslatedWrite => {
  const { sql: head, context } = translateWith(statement.with, outer, null);
  const { table, from } = targetOf(statement, context);
  const output = returning(statement.output, 'deleted', table, context);
  const { sql, scope } = translateFrom(from.length === 0 ? lone(statement) : from, context, null);
  const where = statement.where ? ` WHERE ${translate(statement.where, context, scope).sql}` : '';
  const done = (text: string): TranslatedWrite => ({
    sql: `${head}${text}${output.sql}`,
    returns: output.returns,
    table,
    identity: null,
  });
  if (from.length === 0 && !statement.top) return done(`DELETE FROM ${sql}${where}`);
  const rowId = rowIdOf(scope, table, statement.table.parts.at(-1)!);
  return done(
    `DELETE FROM ${table.reference} WHERE rowid IN (SELECT ${rowId} FROM ${sql}${where}${limitSql(statement.top, context)})`,
  );
};

const branchSql = (
  branch: MergeBranch,
  table: TableInfo,
  context: Context,
  scope: Scope,
  sourceScope: Scope,
): string => {
  const { action, condition } = branch;
  const inner = branch.when === 'NOT MATCHED' ? sourceScope : scope;
  const and = condition ? ` AND ${translate(condition, context, inner).sql}` : '';
  const when = `WHEN ${branch.when}${and} THEN`;
  if (action.kind === 'delete') return `${when} DELETE`;
  if (action.kind === 'update') {
    const columns = requireSettable(action.set, table);
    const set = action.set.map(
      ({ expression }, at) =>
        `${quoteName(columns[at]!.name)} = ${given(expression, columns[at]!, table, context, scope)}`,
    );
    return `${when} UPDATE SET ${set.join(', ')}`;
  }
  if (!action.values) return `${when} INSERT DEFAULT VALUES`;
  const columns =
    action.columns.length > 0
      ? action.columns.map((name) => columnOf(table, name))
      : table.columns.filter((column) => !column.identity);
  if (columns.some((column) => column.identity))
    throw new SqlError(
      544,
      `Cannot insert explicit value for identity column in table '${table.name}' when IDENTITY_INSERT is set to OFF.`,
    );
  requireCount(action.values.length, columns.length);
  const values = action.values.map((one, at) => given(one, columns[at]!, table, context, sourceScope));
  return `${when} INSERT (${columns.map(({ name }) => quoteName(name)).join(', ')}) VALUES (${values.join(', ')})`;
};

/** A MERGE. The engine has it too, with the same branches. */
export const translateMerge = (statement: Statement_<'merge'>, outer: Context): TranslatedWrite => {
  if (statement.output) throw unsupported('OUTPUT of a MERGE');
  const { sql: head, context } = translateWith(statement.with, outer, null);
  const table = requireTable(findTable(statement.table, context));
  const target = translateSource(
    { kind: 'table', name: statement.table, ...(statement.alias !== undefined && { alias: statement.alias }) },
    context,
    null,
  );
  const source = translateSource(statement.source, context, null);
  const scope: Scope = { sources: [...target.sources, ...source.sources], parent: null };
  const sourceScope: Scope = { sources: source.sources, parent: null };
  const on = translate(statement.on, context, scope).sql;
  const branches = statement.branches.map((branch) => branchSql(branch, table, context, scope, sourceScope));
  return {
    sql: `${head}MERGE INTO ${target.sql} USING ${source.sql} ON ${on} ${branches.join(' ')}`,
    returns: null,
    table,
    identity: null,
  };
};

/** One column's value as a bulk load brings it, for the table. */
export const bulkValue = (piece: Piece, column: ColumnInfo, table: TableInfo, context: Context): string =>
  assign(piece, column, tableLabel(context, table)).sql;
