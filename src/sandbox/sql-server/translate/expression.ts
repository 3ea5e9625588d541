// Expressions and conditions as SQL for the engine.
import type { Expression, OrderItem, Window } from '../language/syntax.ts';
import { SqlError, tooDeep, unsupported } from '../sql-error.ts';
import {
  isBinary,
  isDateTime,
  isInteger,
  isMoment,
  isNumeric,
  isString,
  type SqlType,
  type SqlValue,
  spellType,
  typeOf,
} from '../type/sql-type.ts';
import { type Context, findColumn, type Piece, type Scope } from './context.ts';
import { arithmeticType, bindValue, convert, literalSql, tryConvert, unify } from './conversion.ts';
import { translateCall } from './function.ts';
import { isPlain, patternAsRegex } from './like-pattern.ts';
import { translateQuery } from './query.ts';

/** The value that an expression has without a row: of literals and variables only, or undefined. */
export const constantOf = (expression: Expression, context: Context): SqlValue | undefined => {
  if (expression.kind === 'literal') return expression.value;
  if (expression.kind === 'variable' && !expression.name.startsWith('@@'))
    return variableOf(context, expression.name).value;
  if (expression.kind !== 'binary' || expression.operator !== '+') return undefined;
  const [left, right] = [constantOf(expression.left, context), constantOf(expression.right, context)];
  return typeof left === 'string' && typeof right === 'string' ? left + right : undefined;
};

const variableOf = (context: Context, name: string) => {
  const found = context.variables.get(name);
  if (!found) throw new SqlError(137, `Must declare the scalar variable "${name}".`, { severity: 15 });
  return found;
};

const globalOf = (context: Context, name: string): Piece => {
  const { facts } = context;
  const int = (value: number | bigint): Piece => ({
    sql: literalSql(typeOf('int'), BigInt(value)),
    type: typeOf('int'),
  });
  const text = (value: string): Piece => ({
    sql: literalSql(typeOf('nvarchar', { length: 'max' }), value),
    type: typeOf('nvarchar', { length: Math.max(1, value.length) }),
  });
  switch (name) {
    case '@@rowcount':
      return int(facts.rowCount);
    case '@@error':
      return int(facts.errorNumber);
    case '@@trancount':
      return int(facts.transactionCount);
    case '@@spid':
      return int(facts.sessionId);
    case '@@servername':
      return text(facts.server);
    case '@@version':
      return text(
        `Microsoft SQL Azure (RTM) - 12.0.2000.8 (Postern sandbox${facts.isWarehouse ? ', data warehouse' : ''})`,
      );
    case '@@language':
      return text('us_english');
    case '@@max_precision':
      return int(38);
    case '@@microsoftversion':
      return int(0x0c0007d0);
    case '@@nestlevel':
    case '@@lock_timeout':
      return int(name === '@@nestlevel' ? 0 : -1);
    case '@@datefirst':
      return int(7);
    case '@@identity':
      return {
        sql: facts.identity === null ? 'CAST(NULL AS DECIMAL(38,0))' : `CAST('${facts.identity}' AS DECIMAL(38,0))`,
        type: typeOf('decimal', { precision: 38, scale: 0 }),
      };
    default:
      throw unsupported(`The variable ${name.toUpperCase()}`);
  }
};

/** Makes two sides comparable: text becomes what the other side is. */
export const align = (left: Piece, right: Piece): [Piece, Piece] => {
  const type = unify(left.type, right.type);
  if (!left.type || !right.type || !type || left.type.name === right.type.name) return [left, right];
  if (isString(left.type) && isString(right.type)) return [left, right];
  const one = (piece: Piece): Piece => {
    if (piece.type!.name === type.name) return piece;
    // A bit that meets a number counts as one.
    if (isNumeric(type) && isNumeric(piece.type))
      return piece.type!.name === 'bit' ? { sql: `CAST(${piece.sql} AS INTEGER)`, type } : piece;
    if (isDateTime(type) && (isDateTime(piece.type) || piece.type!.name === 'date')) return piece;
    // Any number meets text as a number of its own kind, of whatever size.
    if (isString(piece.type) && isNumeric(type) && type.name !== 'bit') {
      const wide = typeOf('decimal', { precision: 38, scale: type.scale ?? 0 });
      const { sql } = convert(piece, isInteger(type) ? typeOf('bigint') : type.name === 'decimal' ? wide : type);
      return { sql, type };
    }
    return convert(piece, type);
  };
  return [one(left), one(right)];
};

const concatenation = (left: Piece, right: Piece): Piece => {
  const a = left.type ?? typeOf('varchar', { length: 1 });
  const b = right.type ?? typeOf('varchar', { length: 1 });
  const name = a.name.startsWith('n') || b.name.startsWith('n') ? 'nvarchar' : 'varchar';
  const sum = Number(a.length) + Number(b.length);
  const most = name === 'nvarchar' ? 4000 : 8000;
  const length = Number.isNaN(sum) ? ('max' as const) : Math.min(most, sum);
  return { sql: `(${left.sql} || ${right.sql})`, type: typeOf(name, { length }) };
};

const divide = (operator: string, left: Piece, right: Piece, type: SqlType | null): string => {
  const isSafe = /^[1-9]\d*$/.test(right.sql);
  const divisor = isSafe ? right.sql : `__postern.divisor(${right.sql})`;
  if (type?.name !== 'decimal' && type?.name !== 'money') return `(${left.sql} ${operator} ${divisor})`;
  return operator === '%'
    ? `(${left.sql} % ${divisor})`
    : `CAST(CAST(${left.sql} AS DOUBLE) / CAST(${divisor} AS DOUBLE) AS DECIMAL(${type.precision ?? 19},${type.scale ?? 4}))`;
};

const arithmetic = (operator: string, left: Piece, right: Piece): Piece => {
  if (isMoment(left.type) && isNumeric(right.type) && (operator === '+' || operator === '-')) {
    const days = `to_milliseconds(CAST(${right.sql} * 86400000 AS DOUBLE))`;
    return { sql: `(CAST(${left.sql} AS TIMESTAMP) ${operator} ${days})`, type: left.type };
  }
  if (isMoment(left.type) || isMoment(right.type))
    throw new SqlError(
      402,
      `The data types ${left.type?.name ?? 'NULL'} and ${right.type?.name ?? 'NULL'} are incompatible in the ${operator} operator. Use DATEADD or DATEDIFF.`,
    );
  const [a, b] = align(left, right);
  const number = (piece: Piece): Piece =>
    piece.type?.name === 'bit' ? { sql: `CAST(${piece.sql} AS INTEGER)`, type: typeOf('int') } : piece;
  const [x, y] = [number(a), number(b)];
  const type = x.type && y.type ? arithmeticType(operator, x.type, y.type) : (x.type ?? y.type);
  if (operator === '/' || operator === '%') return { sql: divide(operator, x, y, type), type };
  if (operator === '^') return { sql: `xor(${x.sql}, ${y.sql})`, type };
  return { sql: `(${x.sql} ${operator} ${y.sql})`, type };
};

const binary = (operator: string, left: Piece, right: Piece): Piece => {
  if (operator === 'AND' || operator === 'OR') return { sql: `(${left.sql} ${operator} ${right.sql})`, type: null };
  if (['=', '<>', '<', '>', '<=', '>='].includes(operator)) {
    const [a, b] = align(left, right);
    return { sql: `(${a.sql} ${operator} ${b.sql})`, type: null };
  }
  if (operator === '+') {
    const texts = [left, right].filter(({ type }) => isString(type) || isBinary(type)).length;
    const nothings = [left, right].filter(({ type }) => type === null).length;
    if (texts > 0 && texts + nothings === 2) return concatenation(left, right);
  }
  return arithmetic(operator, left, right);
};

const orderSql = (order: readonly OrderItem[], context: Context, scope: Scope | null): string =>
  order
    .map(({ expression, isDescending }) => translate(expression, context, scope).sql + (isDescending ? ' DESC' : ''))
    .join(', ');

/** The OVER of a call. */
export const overSql = (window: Window, context: Context, scope: Scope | null): string => {
  const parts = [
    window.partition.length > 0
      ? `PARTITION BY ${window.partition.map((one) => translate(one, context, scope).sql).join(', ')}`
      : '',
    window.order.length > 0 ? `ORDER BY ${orderSql(window.order, context, scope)}` : '',
    window.frame,
  ];
  return ` OVER (${parts.filter((part) => part !== '').join(' ')})`;
};

const like = (expression: Extract<Expression, { kind: 'like' }>, context: Context, scope: Scope | null): string => {
  const asText = (piece: Piece) => convert(piece, typeOf('nvarchar', { length: 'max' })).sql;
  const operand = asText(translate(expression.operand, context, scope));
  const known = constantOf(expression.pattern, context);
  const mark = expression.escape ? constantOf(expression.escape, context) : '';
  if (typeof mark !== 'string' || mark.length > 1)
    throw new SqlError(506, 'The invalid escape character was specified in a LIKE predicate.');
  const not = expression.isNegated ? 'NOT ' : '';
  if (typeof known === 'string' && !isPlain(known))
    return `(${not}regexp_full_match(${operand}, ${literalSql(typeOf('nvarchar'), patternAsRegex(known, mark))}, 'si'))`;
  const pattern = asText(translate(expression.pattern, context, scope));
  const escapeMark = literalSql(typeOf('nvarchar'), mark);
  if (typeof known !== 'string') return `(${not}__postern.is_like(${operand}, ${pattern}, ${escapeMark}))`;
  const sign = mark === '' ? '' : ` ESCAPE ${escapeMark}`;
  return `(${operand} ${not}ILIKE ${pattern}${sign})`;
};

/** A piece that will stand so many times in the text: refuses (8631) what would grow with each level of its own kind. */
export const repeated = (piece: Piece, times: number): Piece => {
  const { length } = piece.sql;
  if (length > 256 && length * times > 32 * 1024) throw tooDeep();
  return piece;
};

const caseOf = (expression: Extract<Expression, { kind: 'case' }>, context: Context, scope: Scope | null): Piece => {
  const operand =
    expression.operand && repeated(translate(expression.operand, context, scope), expression.branches.length);
  const results = expression.branches.map(({ result }) => translate(result, context, scope));
  const otherwise = expression.otherwise && translate(expression.otherwise, context, scope);
  const type = [...results, ...(otherwise ? [otherwise] : [])].reduce<SqlType | null>(
    (sum, piece) => unify(sum, piece.type),
    null,
  );
  const fit = (piece: Piece) => fitTo(piece, type).sql;
  const branches = expression.branches.map(({ when }, index) => {
    const condition = translate(when, context, scope);
    return `WHEN ${operand ? binary('=', operand, condition).sql : condition.sql} THEN ${fit(results[index]!)}`;
  });
  return { sql: `CASE ${branches.join(' ')}${otherwise ? ` ELSE ${fit(otherwise)}` : ''} END`, type };
};

/** A value among others that together have `type`. */
export const fitTo = (piece: Piece, type: SqlType | null): Piece => {
  if (!type || !piece.type || spellType(piece.type) === spellType(type)) return piece;
  if (isString(piece.type) && isString(type)) return { ...piece, type };
  return convert(piece, type);
};

const subqueryOf = (
  query: Extract<Expression, { kind: 'subquery' }>['query'],
  context: Context,
  scope: Scope | null,
) => {
  const inside = translateQuery(query, context, scope);
  if (inside.columns.length !== 1)
    throw new SqlError(
      116,
      'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
    );
  return inside;
};

/** An expression as a piece of SQL. Text and numbers in it are literals, variables are bound beside it. */
export const translate = (expression: Expression, context: Context, scope: Scope | null): Piece => {
  switch (expression.kind) {
    case 'literal':
      return { sql: literalSql(expression.type, expression.value), type: expression.type };
    case 'variable': {
      if (expression.name.startsWith('@@')) return globalOf(context, expression.name);
      const { type, value } = variableOf(context, expression.name);
      return bindValue(context, type, value);
    }
    case 'column': {
      const { sql, type } = findColumn(scope, expression.path);
      return { sql, type };
    }
    case 'unary': {
      const { sql, type } = translate(expression.operand, context, scope);
      return { sql: `(${expression.operator} ${sql})`, type: expression.operator === 'NOT' ? null : type };
    }
    case 'binary':
      return binary(
        expression.operator,
        translate(expression.left, context, scope),
        translate(expression.right, context, scope),
      );
    case 'between': {
      const operand = repeated(translate(expression.operand, context, scope), 2);
      const [low, high] = [expression.low, expression.high].map((one) => translate(one, context, scope));
      const both = `(${binary('>=', operand, low!).sql} AND ${binary('<=', operand, high!).sql})`;
      return { sql: expression.isNegated ? `(NOT ${both})` : both, type: null };
    }
    case 'inList': {
      const operand = translate(expression.operand, context, scope);
      const pairs = expression.list.map((one) => align(operand, translate(one, context, scope)));
      const isAlike = pairs.every(([left]) => left.sql === operand.sql);
      if (!isAlike) repeated(operand, pairs.length);
      const sql = isAlike
        ? `(${operand.sql} IN (${pairs.map(([, right]) => right.sql).join(', ')}))`
        : `(${pairs.map(([left, right]) => `${left.sql} = ${right.sql}`).join(' OR ')})`;
      return { sql: expression.isNegated ? `(NOT ${sql})` : sql, type: null };
    }
    case 'inQuery': {
      const query = subqueryOf(expression.query, context, scope);
      const operand = translate(expression.operand, context, scope);
      const [left] = align(operand, { sql: '', type: query.columns[0]!.type });
      return { sql: `(${left.sql} ${expression.isNegated ? 'NOT ' : ''}IN (${query.sql}))`, type: null };
    }
    case 'like':
      return { sql: like(expression, context, scope), type: null };
    case 'isNull': {
      const { sql } = translate(expression.operand, context, scope);
      return { sql: `(${sql} IS ${expression.isNegated ? 'NOT ' : ''}NULL)`, type: null };
    }
    case 'exists':
      return { sql: `(EXISTS (${translateQuery(expression.query, context, scope).sql}))`, type: null };
    case 'subquery': {
      const query = subqueryOf(expression.query, context, scope);
      return { sql: `(${query.sql})`, type: query.columns[0]!.type };
    }
    case 'case':
      return caseOf(expression, context, scope);
    case 'cast': {
      const style = expression.style === undefined ? null : constantOf(expression.style, context);
      if (style === undefined) throw unsupported('CONVERT with a style that is no constant');
      const operand = translate(expression.operand, context, scope);
      const known = style === null ? null : Number(style);
      return expression.isTry ? tryConvert(operand, expression.type, known) : convert(operand, expression.type, known);
    }
    case 'default':
      throw new SqlError(156, "Incorrect syntax near the keyword 'DEFAULT'.", { severity: 15 });
    default:
      return translateCall(expression, context, scope);
  }
};
