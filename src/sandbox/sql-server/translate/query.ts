// Queries as SQL for the engine. Every source and column gets a name that nothing else has, so no name of the user's can
// mean something to the engine.
import type { Cte, Expression, Item, Query, QueryBody, Select, Source } from '../language/syntax.ts';
import { SqlError, unsupported } from '../sql-error.ts';
import { type SqlType, typeOf } from '../type/sql-type.ts';
import {
  type ColumnInfo,
  type Context,
  findSources,
  freshName,
  type Piece,
  quoteName,
  type Scope,
  type ScopeSource,
} from './context.ts';
import { convert, unify } from './conversion.ts';
import { fitTo, translate } from './expression.ts';
import { findTable } from './object-name.ts';

/** A column of a result; `variable` is what `SELECT @x = ...` sets. */
export type OutputColumn = {
  name: string;
  type: SqlType | null;
  isNullable: boolean;
  isIdentity: boolean;
  variable?: string;
};

/** A query for the engine. Its columns are named c1, c2, ... */
export type TranslatedQuery = { sql: string; columns: OutputColumn[] };

type Output = OutputColumn & { sql: string };

const columnName = (index: number): string => `"c${index + 1}"`;

/** A source's columns under its alias, for a scope. */
export const scopeSource = (
  alias: string,
  sqlAlias: string,
  columns: readonly ColumnInfo[],
  named: (column: ColumnInfo, index: number) => string,
  table: ScopeSource['table'] = null,
): ScopeSource => ({
  alias,
  table,
  rowId: `${sqlAlias}.rowid`,
  columns: columns.map((column, index) => ({
    name: column.name,
    sql: `${sqlAlias}.${named(column, index)}`,
    type: column.type,
    isNullable: column.isNullable,
    isIdentity: column.identity !== undefined,
  })),
});

const nameColumns = (columns: readonly OutputColumn[], names: readonly string[], what: string): ColumnInfo[] => {
  if (names.length > 0 && names.length !== columns.length)
    throw new SqlError(
      names.length > columns.length ? 8158 : 8159,
      `'${what}' has ${names.length > columns.length ? 'more' : 'fewer'} columns than were specified in the column list.`,
    );
  return columns.map(({ name, type, isNullable }, index) => ({ name: names[index] ?? name, type, isNullable }));
};

/** One source of FROM: its text, and what it brings into scope. */
export const translateSource = (
  source: Source,
  context: Context,
  outer: Scope | null,
): { sql: string; sources: ScopeSource[] } => {
  if (source.kind === 'table') {
    const { name } = source;
    const cte = name.parts.length === 1 ? context.ctes.get(name.parts[0]!.toLowerCase()) : undefined;
    const sqlAlias = freshName(context, 's');
    if (cte) {
      const alias = source.alias ?? name.parts[0]!;
      return {
        sql: `${cte.sql} AS ${sqlAlias}`,
        sources: [scopeSource(alias, sqlAlias, cte.columns, (_column, index) => columnName(index))],
      };
    }
    const table = findTable(name, context);
    return {
      sql: `${table.reference} AS ${sqlAlias}`,
      sources: [
        scopeSource(source.alias ?? table.name, sqlAlias, table.columns, (column) => quoteName(column.name), table),
      ],
    };
  }
  if (source.kind === 'derived') {
    const inside = translateQuery(source.query, context, outer);
    const sqlAlias = freshName(context, 's');
    const columns = nameColumns(inside.columns, source.columns, source.alias);
    return {
      sql: `(${inside.sql}) AS ${sqlAlias}`,
      sources: [scopeSource(source.alias, sqlAlias, columns, (_column, index) => columnName(index))],
    };
  }
  if (source.kind === 'rows') {
    const sqlAlias = freshName(context, 's');
    const rows = source.rows.map((row) => row.map((one) => translate(one, context, outer)));
    if (rows.some((row) => row.length !== source.columns.length))
      throw new SqlError(8159, `'${source.alias}' has rows with another number of columns than were specified.`);
    const types = source.columns.map((_name, at) =>
      rows.reduce<SqlType | null>((sum, row) => unify(sum, row[at]!.type), null),
    );
    const text = rows.map((row) => `(${row.map((piece, at) => fitTo(piece, types[at]!).sql).join(', ')})`).join(', ');
    const columns = source.columns.map((name, at) => ({ name, type: types[at]!, isNullable: true }));
    const names = columns.map((_column, index) => columnName(index)).join(', ');
    return {
      sql: `(VALUES ${text}) AS ${sqlAlias}(${names})`,
      sources: [scopeSource(source.alias, sqlAlias, columns, (_column, index) => columnName(index))],
    };
  }
  const left = translateSource(source.left, context, outer);
  if (source.kind === 'apply') {
    const right = translateSource(source.right, context, { sources: left.sources, parent: outer });
    const sources = [...left.sources, ...right.sources];
    return source.isOuter
      ? { sql: `${left.sql} LEFT JOIN LATERAL ${right.sql} ON TRUE`, sources }
      : { sql: `${left.sql} CROSS JOIN LATERAL ${right.sql}`, sources };
  }
  const right = translateSource(source.right, context, outer);
  const sources = [...left.sources, ...right.sources];
  const rightSql = source.right.kind === 'join' || source.right.kind === 'apply' ? `(${right.sql})` : right.sql;
  const on = source.on ? ` ON ${translate(source.on, context, { sources, parent: outer }).sql}` : '';
  return { sql: `${left.sql} ${source.join} ${rightSql}${on}`, sources };
};

/** All sources of a FROM. */
export const translateFrom = (from: readonly Source[], context: Context, outer: Scope | null) => {
  const parts = from.map((source) => translateSource(source, context, outer));
  const scope: Scope = { sources: parts.flatMap(({ sources }) => sources), parent: outer };
  return { sql: parts.map(({ sql }) => sql).join(' CROSS JOIN '), scope };
};

const starColumns = (path: readonly string[], scope: Scope): Output[] => {
  const sources = path.length === 0 ? scope.sources : findSources(scope, path);
  if (sources.length === 0)
    throw path.length === 0
      ? new SqlError(263, 'Must specify table to select from.')
      : new SqlError(
          107,
          `The column prefix '${path.join('.')}' does not match with a table name or alias name used in the query.`,
        );
  return sources.flatMap(({ columns }) =>
    columns.map(({ name, sql, type, isNullable, isIdentity }) => ({ name, sql, type, isNullable, isIdentity })),
  );
};

const isDirect = (expression: Expression): boolean => expression.kind === 'column';

/** The columns that a list of items makes. */
export const translateItems = (items: readonly Item[], context: Context, scope: Scope): Output[] =>
  items.flatMap((item): Output[] => {
    if (item.kind === 'star') return starColumns(item.path, scope);
    const { expression } = item;
    const { sql, type } = translate(expression, context, scope);
    const column =
      isDirect(expression) && expression.kind === 'column' ? findDirect(scope, expression.path, sql) : null;
    const name =
      item.kind === 'expression' && item.alias !== undefined
        ? item.alias
        : expression.kind === 'column'
          ? expression.path.at(-1)!
          : '';
    const isBare = expression.kind === 'literal' && expression.value === null;
    return [
      {
        name,
        sql: isBare ? 'CAST(NULL AS INTEGER)' : sql,
        type: isBare ? typeOf('int') : type,
        isNullable: column?.isNullable ?? true,
        isIdentity: column?.isIdentity ?? false,
        ...(item.kind === 'assign' && { variable: item.variable }),
      },
    ];
  });

const findDirect = (scope: Scope | null, _path: readonly string[], sql: string) => {
  for (let one = scope; one; one = one.parent)
    for (const { columns } of one.sources) {
      const found = columns.find((column) => column.sql === sql);
      if (found) return found;
    }
  return null;
};

/** An assignment with an operator (`@x += 1`) as what is assigned. */
const withOperator = (item: Item): Item => {
  if (item.kind !== 'assign' || item.operator === '=') return item;
  const left: Expression = { kind: 'variable', name: item.variable };
  const expression: Expression = { kind: 'binary', operator: item.operator.slice(0, -1), left, right: item.expression };
  return { ...item, operator: '=', expression };
};

type Body = { sql: string; outputs: Output[]; scope: Scope | null; limit: string };

const limitOf = (top: NonNullable<Select['top']>, context: Context, scope: Scope): string => {
  const { sql } = convert(translate(top.count, context, scope), typeOf(top.isPercent ? 'float' : 'bigint'));
  return top.isPercent ? ` LIMIT (${sql})%` : ` LIMIT ${sql}`;
};

const translateSelect = (select: Select, context: Context, outer: Scope | null): Body => {
  const { sql: from, scope } = translateFrom(select.from, context, outer);
  const outputs = translateItems(select.items.map(withOperator), context, scope);
  const columns = outputs.map(({ sql }, index) => `${sql} AS ${columnName(index)}`).join(', ');
  const clauses = [
    `SELECT ${select.isDistinct ? 'DISTINCT ' : ''}${columns}`,
    from === '' ? '' : `FROM ${from}`,
    select.where ? `WHERE ${translate(select.where, context, scope).sql}` : '',
    select.group.length > 0
      ? `GROUP BY ${select.group.map((one) => translate(one, context, scope).sql).join(', ')}`
      : '',
    select.having ? `HAVING ${translate(select.having, context, scope).sql}` : '',
  ];
  return {
    sql: clauses.filter((clause) => clause !== '').join(' '),
    outputs,
    scope,
    limit: select.top ? limitOf(select.top, context, scope) : '',
  };
};

const translateBody = (body: QueryBody, context: Context, outer: Scope | null): Body => {
  if (body.kind === 'select') return translateSelect(body, context, outer);
  const left = translateBody(body.left, context, outer);
  return combine(body.operator, left, translateBody(body.right, context, outer));
};

const combine = (operator: string, left: Body, right: Body): Body => {
  if (left.outputs.length !== right.outputs.length)
    throw new SqlError(
      205,
      'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
    );
  const outputs = left.outputs.map((output, index) => ({
    ...output,
    type: unify(output.type, right.outputs[index]!.type),
    isNullable: output.isNullable || right.outputs[index]!.isNullable,
    isIdentity: false,
  }));
  const fitted = (side: Body): string => {
    const isFit = side.outputs.every((output, index) => fitTo(output, outputs[index]!.type).sql === output.sql);
    const whole = side.limit === '' ? side.sql : `(${side.sql}${side.limit})`;
    if (isFit)
      return side.limit === '' && side.sql.startsWith('SELECT') ? whole : `SELECT * FROM (${side.sql}${side.limit})`;
    const columns = side.outputs.map(
      ({ type }, index) =>
        `${fitTo({ sql: columnName(index), type }, outputs[index]!.type).sql} AS ${columnName(index)}`,
    );
    return `SELECT ${columns.join(', ')} FROM (${side.sql}${side.limit})`;
  };
  return { sql: `${fitted(left)} ${operator} ${fitted(right)}`, outputs, scope: null, limit: '' };
};

const orderTerm = (expression: Expression, body: Body, context: Context): string => {
  if (expression.kind === 'literal' && typeof expression.value === 'bigint') {
    if (expression.value < 1n || expression.value > BigInt(body.outputs.length))
      throw new SqlError(
        108,
        `The ORDER BY position number ${expression.value} is out of range of the number of items in the select list.`,
      );
    return columnName(Number(expression.value) - 1);
  }
  if (expression.kind === 'column' && expression.path.length === 1) {
    const name = expression.path[0]!.toLowerCase();
    const place = body.outputs.findIndex((output) => output.name.toLowerCase() === name);
    if (place >= 0) return columnName(place);
  }
  if (!body.scope)
    throw new SqlError(
      104,
      'ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.',
    );
  const { sql } = translate(expression, context, body.scope);
  const place = body.outputs.findIndex((output) => output.sql === sql);
  return place >= 0 ? columnName(place) : sql;
};

const refersTo = (body: QueryBody, name: string): boolean =>
  JSON.stringify(body, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
    .toLowerCase()
    .includes(`"parts":["${name}"]`);

/** Common table expressions as a WITH, and a context in which they are known. */
export const translateWith = (
  ctes: readonly Cte[],
  context: Context,
  outer: Scope | null,
): { sql: string; context: Context } => {
  if (ctes.length === 0) return { sql: '', context };
  const known = new Map(context.ctes);
  const inside: Context = { ...context, ctes: known };
  const parts = ctes.map(({ name, columns, query }) => {
    const key = name.toLowerCase();
    const sqlName = freshName(context, 'k');
    const { body } = query;
    const add = (outputs: readonly OutputColumn[]) =>
      known.set(key, { sql: sqlName, columns: nameColumns(outputs, columns, name) });
    if (body.kind === 'set' && body.operator === 'UNION ALL' && refersTo(body.right, key)) {
      const anchor = translateBody(body.left, inside, outer);
      add(anchor.outputs);
      const step = translateBody(body.right, inside, outer);
      const names = anchor.outputs.map((_output, index) => columnName(index)).join(', ');
      return `${sqlName}(${names}) AS (${combine('UNION ALL', anchor, step).sql})`;
    }
    const translated = translateQuery(query, inside, outer);
    add(translated.columns);
    return `${sqlName} AS (${translated.sql})`;
  });
  return { sql: `WITH RECURSIVE ${parts.join(', ')} `, context: inside };
};

/** A query, whole. */
export const translateQuery = (query: Query, context: Context, outer: Scope | null): TranslatedQuery => {
  const head = translateWith(query.with, context, outer);
  const body = translateBody(query.body, head.context, outer);
  let { sql } = body;
  if (query.order.length > 0) {
    const terms = query.order.map(
      ({ expression, isDescending }) => orderTerm(expression, body, head.context) + (isDescending ? ' DESC' : ''),
    );
    sql += ` ORDER BY ${terms.join(', ')}`;
  }
  const bigint = (expression: Expression) => convert(translate(expression, head.context, outer), typeOf('bigint')).sql;
  if (query.offset) {
    if (body.limit !== '') throw unsupported('TOP together with OFFSET');
    if (query.fetch) sql += ` LIMIT ${bigint(query.fetch)}`;
    sql += ` OFFSET ${bigint(query.offset)}`;
  } else sql += body.limit;
  return {
    sql: head.sql + sql,
    columns: body.outputs.map(({ sql: _sql, ...column }) => column),
  };
};

/** A query whose columns have their own names, for what keeps it: a view, or a table that it fills. */
export const translateNamedQuery = (
  query: Query,
  names: readonly string[],
  context: Context,
): { sql: string; columns: ColumnInfo[] } => {
  const inside = translateQuery(query, context, null);
  const columns = nameColumns(inside.columns, names, 'The definition');
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (name === '') throw new SqlError(4511, 'Create failed because no column name was specified for a column.');
    if (seen.has(name.toLowerCase()))
      throw new SqlError(
        4506,
        `Column names in each view or table must be unique. Column name '${name}' is specified more than once.`,
      );
    seen.add(name.toLowerCase());
  }
  const list = columns.map(({ name }, index) => `${columnName(index)} AS ${quoteName(name)}`).join(', ');
  return { sql: `SELECT ${list} FROM (${inside.sql}) AS q`, columns };
};

/** Names of the columns that a piece is of, for a source with columns c1, c2, ... */
export const resultColumn = (index: number, type: SqlType | null, alias: string): Piece => ({
  sql: `${alias}.${columnName(index)}`,
  type,
});
