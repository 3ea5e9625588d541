// Azure's wildcards: `*` is any characters, `?` none or one, neither of them `/`; `^` takes the next one as it is. Pure.

const parts = (pattern: string): { text: string; wild: boolean }[] =>
  [...pattern.matchAll(/\^(.)|([*?])|([^*?^]+|\^)/gsu)].map(([, escaped, wild, plain]) =>
    wild === undefined ? { text: escaped ?? plain ?? '', wild: false } : { text: wild, wild: true },
  );

/** The expression that a whole name or path matches. Runs of `*` are one, so that no pattern takes long. */
export const wildcardExpression = (pattern: string): string =>
  parts(pattern)
    .map(({ text, wild }) => (wild ? (text === '*' ? '[^/]*' : '[^/]?') : RegExp.escape(text)))
    .join('')
    .replaceAll(/(?:\[\^\/\]\*)+/g, '[^/]*');

/** What every match begins with. */
export const fixedStart = (pattern: string): string => {
  const all = parts(pattern);
  const wild = all.findIndex((part) => part.wild);
  return (wild < 0 ? all : all.slice(0, wild)).map((part) => part.text).join('');
};
