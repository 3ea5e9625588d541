// Aggregates and window functions.
import { SqlError, unsupported } from '../sql-error.ts';
import { isApproximate, isExact, isInteger, isString, type SqlType, typeOf } from '../type/sql-type.ts';
import type { Piece } from './context.ts';
import { convert } from './conversion.ts';
import { overSql, translate } from './expression.ts';
import type { CallSite, FunctionTable, RawRule } from './function-rule.ts';
import { asText } from './function-text.ts';

const int = typeOf('int');
const bigint = typeOf('bigint');
const float = typeOf('float');

const given = ({ call, context, scope }: CallSite): Piece[] =>
  call.arguments.map((one) => translate(one, context, scope));
const over = ({ call, context, scope }: CallSite): string => (call.over ? overSql(call.over, context, scope) : '');
const wrongCount = ({ call }: CallSite) =>
  new SqlError(174, `The ${call.name.toLowerCase()} function has the wrong number of arguments.`, { severity: 15 });

/** An aggregate of one value. `typed` tells its type from the value's; the result is cast to it. */
const aggregate = (name: string, typed: (type: SqlType | null) => SqlType | null, cast = true): RawRule => ({
  raw: (site) => {
    const [value, ...more] = given(site);
    if (!value || more.length > 0) throw wrongCount(site);
    const number = value.type?.name === 'bit' ? convert(value, int) : value;
    const type = typed(number.type);
    const sql = `${name}(${site.call.isDistinct ? 'DISTINCT ' : ''}${number.sql})${over(site)}`;
    return cast && type ? convert({ sql, type: null }, type) : { sql, type };
  },
});

const sumType = (type: SqlType | null): SqlType | null => {
  if (isString(type)) throw new SqlError(8117, `Operand data type ${type!.name} is invalid for sum operator.`);
  if (isInteger(type)) return type!.name === 'bigint' ? bigint : int;
  if (type?.name === 'decimal') return typeOf('decimal', { precision: 38, scale: type.scale ?? 0 });
  if (type?.name === 'smallmoney') return typeOf('money');
  return isApproximate(type) ? float : type;
};

const average: RawRule = {
  raw: (site) => {
    const [value, ...more] = given(site);
    if (!value || more.length > 0) throw wrongCount(site);
    const distinct = site.call.isDistinct ? 'DISTINCT ' : '';
    const number = value.type?.name === 'bit' ? convert(value, int) : value;
    const sum = `sum(${distinct}${number.sql})${over(site)}`;
    const count = `count(${distinct}${number.sql})${over(site)}`;
    if (isInteger(number.type)) {
      const type = number.type!.name === 'bigint' ? bigint : int;
      return { sql: `CAST(${sum} // nullif(${count}, 0) AS ${type === int ? 'INTEGER' : 'BIGINT'})`, type };
    }
    const sql = `avg(${distinct}${number.sql})${over(site)}`;
    if (!isExact(number.type)) return { sql, type: float };
    const scale = number.type!.name === 'decimal' ? Math.max(6, number.type!.scale ?? 0) : 4;
    const type = number.type!.name === 'decimal' ? typeOf('decimal', { precision: 38, scale }) : typeOf('money');
    return { sql: `CAST(${sql} AS DECIMAL(38,${scale}))`, type };
  },
};

const count = (type: SqlType): RawRule => ({
  raw: (site) => {
    const { call } = site;
    if (call.isStar) return { sql: `count(*)${over(site)}`, type };
    const [value, ...more] = given(site);
    if (!value || more.length > 0) throw wrongCount(site);
    return { sql: `count(${call.isDistinct ? 'DISTINCT ' : ''}${value.sql})${over(site)}`, type };
  },
});

const numbering = (name: string, arguments_: number): RawRule => ({
  raw: (site) => {
    if (!site.call.over || site.call.over.order.length === 0)
      throw new SqlError(4112, `The function '${site.call.name}' must have an OVER clause with ORDER BY.`);
    const values = given(site);
    if (values.length !== arguments_) throw wrongCount(site);
    return { sql: `${name}(${values.map(({ sql }) => sql).join(', ')})${over(site)}`, type: bigint };
  },
});

const neighbour = (name: string): RawRule => ({
  raw: (site) => {
    const values = given(site);
    if (!site.call.over) throw new SqlError(10753, `The function '${name}' must have an OVER clause.`);
    if (values.length < 1 || values.length > 3) throw wrongCount(site);
    return { sql: `${name}(${values.map(({ sql }) => sql).join(', ')})${over(site)}`, type: values[0]!.type };
  },
});

const stringAggregate: RawRule = {
  raw: (site) => {
    const [value, separator, ...more] = given(site);
    if (!value || !separator || more.length > 0) throw wrongCount(site);
    if (site.call.over) throw unsupported('STRING_AGG with OVER');
    const order = site.call.withinGroup?.map(
      ({ expression, isDescending }) =>
        translate(expression, site.context, site.scope).sql + (isDescending ? ' DESC' : ''),
    );
    return {
      sql: `string_agg(${asText(value).sql}, ${asText(separator).sql}${order ? ` ORDER BY ${order.join(', ')}` : ''})`,
      type: typeOf('nvarchar', { length: value.type?.length === 'max' ? 'max' : 4000 }),
    };
  },
};

const itself = (type: SqlType | null) => type;

export const aggregateFunctions: FunctionTable = {
  COUNT: count(int),
  COUNT_BIG: count(bigint),
  SUM: aggregate('sum', sumType),
  AVG: average,
  MIN: aggregate('min', itself, false),
  MAX: aggregate('max', itself, false),
  STDEV: aggregate('stddev_samp', () => float),
  STDEVP: aggregate('stddev_pop', () => float),
  VAR: aggregate('var_samp', () => float),
  VARP: aggregate('var_pop', () => float),
  STRING_AGG: stringAggregate,
  ROW_NUMBER: numbering('row_number', 0),
  RANK: numbering('rank', 0),
  DENSE_RANK: numbering('dense_rank', 0),
  NTILE: numbering('ntile', 1),
  LAG: neighbour('lag'),
  LEAD: neighbour('lead'),
  FIRST_VALUE: neighbour('first_value'),
  LAST_VALUE: neighbour('last_value'),
};
