// Connection strings of databases: `Name=value` pairs between semicolons, a value in quotes where it holds one. Pure.

const pair = /\s*([^=;]+?)\s*=\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*?))\s*(?:;|$)/y;

/** The pairs by name, in lower case and without blanks; the last of a name holds. Undefined where the text is no connection string. */
export const readPairs = (text: string): Map<string, string> | undefined => {
  const pairs = new Map<string, string>();
  pair.lastIndex = 0;
  while (pair.lastIndex < text.length) {
    if (/^[\s;]*$/.test(text.slice(pair.lastIndex))) break;
    const found = pair.exec(text);
    if (!found) return undefined;
    const [, name, double, single, plain] = found;
    pairs.set(
      name!.replace(/\s+/g, '').toLowerCase(),
      double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain ?? '',
    );
  }
  return pairs;
};

/** The value of the first of these names that the pairs have. */
export const pairOf = (pairs: ReadonlyMap<string, string>, ...names: string[]): string | undefined => {
  const name = names.find((one) => pairs.has(one) && pairs.get(one) !== '');
  return name === undefined ? undefined : pairs.get(name);
};
