// Connection strings of databases: `Name=value` pairs between semicolons, a value in quotes where it holds one. Pure. The
// control plane reads them too, so reading takes no longer than the text is long, whatever it holds.

const afterBlanks = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at += 1;
  return at;
};

/** A value in quotes, in which two of them are one, with nothing but blanks behind it; undefined where there is none. */
const quotedAt = (text: string, at: number): { value: string; end: number } | undefined => {
  const mark = text[at];
  if (mark !== '"' && mark !== "'") return undefined;
  let close = text.indexOf(mark, at + 1);
  while (close >= 0 && text[close + 1] === mark) close = text.indexOf(mark, close + 2);
  const end = afterBlanks(text, close + 1);
  if (close < 0 || (end < text.length && text[end] !== ';')) return undefined;
  return { value: text.slice(at + 1, close).replaceAll(mark + mark, mark), end };
};

const plainAt = (text: string, at: number): { value: string; end: number } => {
  const semicolon = text.indexOf(';', at);
  const end = semicolon < 0 ? text.length : semicolon;
  return { value: text.slice(at, end).trimEnd(), end };
};

const isEmptyFrom = (text: string, from: number): boolean => {
  let at = from;
  while (at < text.length && /[\s;]/.test(text[at]!)) at += 1;
  return at >= text.length;
};

/** The pairs by name, in lower case and without blanks; the last of a name holds. Undefined where the text is no connection string. */
export const readPairs = (text: string): Map<string, string> | undefined => {
  const pairs = new Map<string, string>();
  for (let at = 0; !isEmptyFrom(text, at); ) {
    const equals = text.indexOf('=', at);
    const name = text.slice(at, Math.max(at, equals)).replace(/\s+/g, '').toLowerCase();
    if (name === '' || name.includes(';')) return undefined;
    const from = afterBlanks(text, equals + 1);
    const { value, end } = quotedAt(text, from) ?? plainAt(text, from);
    pairs.set(name, value);
    at = end + 1;
  }
  return pairs;
};

/** The value of the first of these names that the pairs have. */
export const pairOf = (pairs: ReadonlyMap<string, string>, ...names: string[]): string | undefined => {
  const name = names.find((one) => pairs.has(one) && pairs.get(one) !== '');
  return name === undefined ? undefined : pairs.get(name);
};
