// Connection strings: `Name=value` pairs between semicolons, a value in quotes if it holds one.

const secretNames = new Set([
  'accountkey',
  'sharedaccesssignature',
  'sharedaccesskey',
  'accesskey',
  'password',
  'pwd',
  'authkey',
]);

const pairs = (text: string): { name: string; text: string }[] =>
  [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^;])+/g)].map(([pair]) => ({
    name: pair.split('=', 1)[0]!.replace(/\s+/g, '').toLowerCase(),
    text: pair,
  }));

/** The string without its secret pairs (account keys, signatures, passwords), or null where it has none. */
export const withoutSecrets = (text: string): string | null => {
  const all = pairs(text);
  const shown = all.filter((pair) => !(secretNames.has(pair.name) && pair.text.includes('=')));
  return shown.length === all.length ? null : shown.map((pair) => pair.text).join(';');
};
