// Functions of days and times.
import { SqlError, unsupported } from '../sql-error.ts';
import { isDateTime, isString, type SqlType, typeOf } from '../type/sql-type.ts';
import type { Piece } from './context.ts';
import { convert } from './conversion.ts';
import { type CallSite, type FunctionTable, rule } from './function-rule.ts';

const int = typeOf('int');
const datetime = typeOf('datetime');
const datetime2 = typeOf('datetime2', { scale: 7 });

const parts: Readonly<Record<string, string>> = {
  year: 'year',
  yy: 'year',
  yyyy: 'year',
  quarter: 'quarter',
  qq: 'quarter',
  q: 'quarter',
  month: 'month',
  mm: 'month',
  m: 'month',
  dayofyear: 'dayofyear',
  dy: 'dayofyear',
  y: 'dayofyear',
  day: 'day',
  dd: 'day',
  d: 'day',
  week: 'week',
  wk: 'week',
  ww: 'week',
  weekday: 'weekday',
  dw: 'weekday',
  w: 'weekday',
  hour: 'hour',
  hh: 'hour',
  minute: 'minute',
  mi: 'minute',
  n: 'minute',
  second: 'second',
  ss: 'second',
  s: 'second',
  millisecond: 'millisecond',
  ms: 'millisecond',
  microsecond: 'microsecond',
  mcs: 'microsecond',
  iso_week: 'iso_week',
  isowk: 'iso_week',
  isoww: 'iso_week',
};

const partOf = ({ call }: CallSite): string => {
  const first = call.arguments[0];
  const written = first?.kind === 'literal' ? String(first.value) : '';
  const part = parts[written];
  if (part) return part;
  if (['nanosecond', 'ns', 'tzoffset', 'tz'].includes(written)) throw unsupported(`The date part ${written}`);
  throw new SqlError(155, `'${written}' is not a recognized ${call.name.toLowerCase()} option.`, { severity: 15 });
};

const asMoment = (piece: Piece): Piece => {
  if (isDateTime(piece.type) || piece.type?.name === 'date' || piece.type?.name === 'time') return piece;
  return convert(piece, isString(piece.type) || piece.type?.name === 'datetimeoffset' ? datetime2 : datetime);
};
const asTimestamp = (piece: Piece): string => {
  const moment = asMoment(piece);
  return moment.type?.name === 'time' ? `(DATE '1900-01-01' + ${moment.sql})` : `CAST(${moment.sql} AS TIMESTAMP)`;
};

const intervals: Readonly<Record<string, (n: string) => string>> = {
  year: (n) => `to_years(${n})`,
  quarter: (n) => `to_months(3 * ${n})`,
  month: (n) => `to_months(${n})`,
  dayofyear: (n) => `to_days(${n})`,
  day: (n) => `to_days(${n})`,
  weekday: (n) => `to_days(${n})`,
  week: (n) => `to_days(7 * ${n})`,
  hour: (n) => `to_hours(${n})`,
  minute: (n) => `to_minutes(${n})`,
  second: (n) => `to_seconds(${n})`,
  millisecond: (n) => `to_milliseconds(${n})`,
  microsecond: (n) => `to_microseconds(${n})`,
};

const add = rule(3, 3, ([, count, value], site) => {
  const part = partOf(site);
  const interval = intervals[part];
  if (!interval) throw unsupported(`DATEADD of ${part}`);
  const whole = `CAST(trunc(${count!.sql}) AS INTEGER)`;
  const { type } = value!;
  const result: SqlType = isString(type) || !type ? datetime : type.name === 'datetimeoffset' ? datetime2 : type;
  return convert({ sql: `(${asTimestamp(value!)} + ${interval(whole)})`, type: datetime2 }, result);
});

const difference = (type: SqlType) =>
  rule(3, 3, ([, from, to], site) => {
    const part = partOf(site);
    const [start, end] = [asTimestamp(from!), asTimestamp(to!)];
    if (part === 'week')
      return {
        sql: `CAST(date_diff('day', __postern.sunday_of(${start}), __postern.sunday_of(${end})) / 7 AS BIGINT)`,
        type,
      };
    const unit = part === 'dayofyear' || part === 'weekday' ? 'day' : part;
    if (unit === 'iso_week') throw unsupported('DATEDIFF of iso_week');
    return { sql: `date_diff('${unit}', ${start}, ${end})`, type };
  });

const extract = (part: string, value: string): string => {
  if (part === 'dayofyear') return `dayofyear(${value})`;
  if (part === 'weekday') return `(dayofweek(${value}) + 1)`;
  if (part === 'iso_week') return `weekofyear(${value})`;
  if (part === 'week') return `__postern.week_of(${value})`;
  if (part === 'millisecond') return `(millisecond(${value}) % 1000)`;
  if (part === 'microsecond') return `(microsecond(${value}) % 1000000)`;
  return `${part}(${value})`;
};

const shortPart = (part: string) => rule(1, 1, ([value]) => ({ sql: `${part}(${asTimestamp(value!)})`, type: int }));
const now = (sql: string, type: SqlType) => rule(0, 0, () => ({ sql, type }));
const utc = "CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)";
const toMilliseconds = `date_trunc('milliseconds', ${utc})`;

export const timeFunctions: FunctionTable = {
  GETDATE: now(toMilliseconds, datetime),
  GETUTCDATE: now(toMilliseconds, datetime),
  CURRENT_TIMESTAMP: now(toMilliseconds, datetime),
  SYSDATETIME: now(utc, datetime2),
  SYSUTCDATETIME: now(utc, datetime2),
  SYSDATETIMEOFFSET: now(`__postern.at_zero(${utc})`, typeOf('datetimeoffset', { scale: 7 })),
  CURRENT_DATE: now(`CAST(${utc} AS DATE)`, typeOf('date')),
  DATEADD: add,
  DATEDIFF: difference(int),
  DATEDIFF_BIG: difference(typeOf('bigint')),
  DATEPART: rule(2, 2, ([, value], site) => ({ sql: extract(partOf(site), asTimestamp(value!)), type: int })),
  DATENAME: rule(2, 2, ([, value], site) => {
    const part = partOf(site);
    const moment = asTimestamp(value!);
    const sql =
      part === 'month'
        ? `monthname(${moment})`
        : part === 'weekday'
          ? `dayname(${moment})`
          : `CAST(${extract(part, moment)} AS VARCHAR)`;
    return { sql, type: typeOf('nvarchar', { length: 30 }) };
  }),
  DATETRUNC: rule(2, 2, ([, value], site) => {
    const part = partOf(site);
    const unit =
      part === 'dayofyear'
        ? 'day'
        : part === 'millisecond'
          ? 'milliseconds'
          : part === 'microsecond'
            ? 'microseconds'
            : part;
    if (part === 'week' || part === 'weekday') throw unsupported(`DATETRUNC of ${part}`);
    const type = value!.type && !isString(value!.type) ? value!.type : datetime2;
    return {
      sql: `CAST(date_trunc('${unit === 'iso_week' ? 'week' : unit}', ${asTimestamp(value!)}) AS ${type.name === 'date' ? 'DATE' : 'TIMESTAMP'})`,
      type,
    };
  }),
  YEAR: shortPart('year'),
  MONTH: shortPart('month'),
  DAY: shortPart('day'),
  EOMONTH: rule(1, 2, ([value, months]) => ({
    sql: `last_day(${asTimestamp(value!)}${months ? ` + to_months(CAST(${months.sql} AS INTEGER))` : ''})`,
    type: typeOf('date'),
  })),
  DATEFROMPARTS: rule(3, 3, (given) => ({
    sql: `make_date(${given.map(({ sql }) => `CAST(${sql} AS BIGINT)`).join(', ')})`,
    type: typeOf('date'),
  })),
  DATETIMEFROMPARTS: rule(7, 7, (given) => {
    const [year, month, day, hour, minute, second, ms] = given.map(({ sql }) => sql);
    return {
      sql: `make_timestamp(${[year, month, day, hour, minute].map((one) => `CAST(${one} AS BIGINT)`).join(', ')}, CAST(${second} AS DOUBLE) + ${ms} / 1000.0)`,
      type: datetime,
    };
  }),
  ISDATE: rule(1, 1, ([text]) => ({
    sql: `CASE WHEN __postern.try_moment(CAST(${text!.sql} AS VARCHAR)) IS NULL THEN 0 ELSE 1 END`,
    type: int,
  })),
};
