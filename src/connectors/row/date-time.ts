// Dates and times as text of one form: exact to a hundred nanoseconds, in every year from 0001 to 9999. Pure.

/** `clock` is `yyyy-MM-ddTHH:mm:ss.fffffff`; `offset` is `+hh:mm`, or undefined where the text had none. */
export type Moment = { clock: string; offset: string | undefined; isExact: boolean };

const form =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?\s*(Z|[+-]\d{1,2}:?\d{2})?$/i;

const two = (text: string | undefined) => (text ?? '').padStart(2, '0');

const offsetOf = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  if (/^z$/i.test(text)) return '+00:00';
  const [, sign, hours, minutes] = /^([+-])(\d{1,2}):?(\d{2})$/.exec(text) ?? [];
  return `${sign}${two(hours)}:${minutes}`;
};

/** Whether there is such an offset: up to fourteen hours. */
const isOffset = (offset: string | undefined): boolean =>
  offset === undefined || (/^.\d\d:[0-5]\d$/.test(offset) && offset.slice(1) <= '14:00');

const moment = (
  parts: { year: string; month: string; day: string; hour: string; minute: string; second: string; fraction: string },
  zone: string | undefined,
): Moment | undefined => {
  const date = `${parts.year.padStart(4, '0')}-${two(parts.month)}-${two(parts.day)}`;
  const seconds = `${date}T${two(parts.hour)}:${two(parts.minute)}:${two(parts.second)}`;
  const at = Date.parse(`${seconds}Z`);
  // What is no day of the calendar (31 April) would be taken for the next one.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 19) !== seconds || parts.year === '0000')
    return undefined;
  const offset = offsetOf(zone);
  if (!isOffset(offset)) return undefined;
  const clock = `${seconds}.${parts.fraction.slice(0, 7).padEnd(7, '0')}`;
  return { clock, offset, isExact: !/[1-9]/.test(parts.fraction.slice(7)) };
};

/** Reads ISO 8601, with a space or a `T`. Undefined where the text is no date. */
export const readMoment = (text: string): Moment | undefined => {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] =
    form.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  return moment({ year, month: month!, day: day!, hour, minute, second, fraction }, zone);
};

/** The same instant on a clock in UTC. Undefined where its year is not from 0001 to 9999. */
export const inUtc = ({ clock, offset }: Pick<Moment, 'clock' | 'offset'>): string | undefined => {
  if (offset === undefined || offset === '+00:00') return clock;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4));
  const at = new Date(Date.parse(`${clock.slice(0, 19)}Z`) - (offset.startsWith('-') ? -minutes : minutes) * 60_000);
  const year = at.getUTCFullYear();
  return year < 1 || year > 9999 ? undefined : `${at.toISOString().slice(0, 19)}${clock.slice(19)}`;
};

const tokens = /'([^']*)'|"([^"]*)"|\\(.)|yyyy|MM?|dd?|HH?|hh?|mm?|ss?|[fF]{1,7}|tt|zzz|K|[\s\S]/g;
type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction';
const partOf: Readonly<Record<string, Part>> = {
  y: 'year',
  M: 'month',
  d: 'day',
  H: 'hour',
  h: 'hour',
  m: 'minute',
  s: 'second',
  f: 'fraction',
  F: 'fraction',
};

/** Whether every letter of a pattern of .NET is one that is understood here. */
export const isPattern = (pattern: string): boolean =>
  [...pattern.matchAll(tokens)].every(
    ([token, ...quoted]) =>
      quoted.some((text) => text !== undefined) ||
      token.length > 1 ||
      !/[A-Za-z%]/.test(token) ||
      /[MdHhmsfFK]/.test(token),
  );

/** Writes a moment by a pattern of .NET, such as `yyyy-MM-dd HH:mm:ss.fff`. */
export const writeMoment = ({ clock, offset }: Pick<Moment, 'clock' | 'offset'>, pattern: string): string =>
  pattern.replaceAll(tokens, (token, single?: string, double?: string, escaped?: string) => {
    const literal = single ?? double ?? escaped;
    if (literal !== undefined) return literal;
    const hour = Number(clock.slice(11, 13));
    if (token === 'tt') return hour < 12 ? 'AM' : 'PM';
    if (token === 'zzz' || token === 'K') return offset ?? '';
    if (token.startsWith('f')) return clock.slice(20, 20 + token.length);
    if (token.startsWith('F')) return clock.slice(20, 20 + token.length).replace(/0+$/, '');
    const texts = {
      y: clock.slice(0, 4),
      M: clock.slice(5, 7),
      d: clock.slice(8, 10),
      H: clock.slice(11, 13),
      h: two(String(hour % 12 || 12)),
      m: clock.slice(14, 16),
      s: clock.slice(17, 19),
    };
    const text = texts[token[0] as keyof typeof texts];
    if (text === undefined || !/^[yMdHhms]+$/.test(token)) return token;
    return token.length === 1 ? text.replace(/^0(?=.)/, '') : text;
  });

const expressionOf = (pattern: string): { expression: RegExp; names: string[] } => {
  const names: string[] = [];
  const source = [...pattern.matchAll(tokens)].map(([token, single, double, escaped]) => {
    const literal = single ?? double ?? escaped;
    if (literal !== undefined) return RegExp.escape(literal);
    const part = token === 'tt' ? 'half' : token === 'zzz' || token === 'K' ? 'zone' : partOf[token[0]!];
    if (part === undefined) return RegExp.escape(token);
    names.push(part);
    if (part === 'half') return '(AM|PM)';
    if (part === 'zone') return token === 'K' ? '(Z|[+-]\\d{2}:\\d{2})?' : '([+-]\\d{2}:\\d{2})';
    if (part === 'fraction') return token.startsWith('F') ? `(\\d{0,${token.length}})` : `(\\d{${token.length}})`;
    return token.length === 1 ? '(\\d{1,2})' : `(\\d{${token.length}})`;
  });
  return { expression: new RegExp(`^${source.join('')}$`, 'i'), names };
};

/** Makes the reader of texts that a pattern of .NET describes; it gives undefined for any other. */
export const momentReader = (pattern: string): ((text: string) => Moment | undefined) => {
  const { expression, names } = expressionOf(pattern);
  return (text) => {
    const found = expression.exec(text);
    if (!found) return undefined;
    const given = Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? '']));
    const hour = Number(given.hour ?? 0);
    const isLate = /pm/i.test(given.half ?? '');
    return moment(
      {
        year: given.year ?? '0001',
        month: given.month ?? '1',
        day: given.day ?? '1',
        hour: given.half ? String((hour % 12) + (isLate ? 12 : 0)) : String(hour),
        minute: given.minute ?? '0',
        second: given.second ?? '0',
        fraction: given.fraction ?? '',
      },
      given.zone || undefined,
    );
  };
};

/** Orders in which DATEFORMAT of SQL Server has the numbers of a date. By `ydm` one text is two days there, as the column's type has it. */
export const dateOrders = ['mdy', 'dmy', 'ymd', 'myd', 'dym'] as const;
export type DateOrder = (typeof dateOrders)[number];

const numbers =
  /^(\d{1,4})([-/.])(\d{1,4})\2(\d{1,4})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?: ?(AM|PM))?)?\s*(Z|[+-]\d{1,2}:?\d{2})?$/i;

/**
 * Makes the reader of dates whose numbers stand in that order, the year with four digits; it gives undefined for any other.
 * ISO 8601 is read too, but where days stand before months only with a `T`: else it could be two days.
 */
export const orderedReader = (order: DateOrder): ((text: string) => Moment | undefined) => {
  const isMonthFirst = order.indexOf('m') < order.indexOf('d');
  return (text) => {
    const trimmed = text.trim();
    const iso = isMonthFirst || trimmed.includes('T') ? readMoment(trimmed) : undefined;
    if (iso) return iso;
    const [, first, , second, third, hour = '0', minute = '0', secondOfMinute = '0', fraction = '', half, zone] =
      numbers.exec(trimmed) ?? [];
    const given = [first, second, third];
    const [year, month, day] = ['y', 'm', 'd'].map((part) => given[order.indexOf(part)] ?? '');
    if (year!.length !== 4 || month!.length > 2 || day!.length > 2) return undefined;
    if (half && !/^(0?[1-9]|1[0-2])$/.test(hour)) return undefined;
    const hours = half ? (Number(hour) % 12) + (/pm/i.test(half) ? 12 : 0) : Number(hour);
    return moment(
      { year: year!, month: month!, day: day!, hour: String(hours), minute, second: secondOfMinute, fraction },
      zone,
    );
  };
};
