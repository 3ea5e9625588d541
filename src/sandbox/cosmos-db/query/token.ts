// The text of a query, cut into tokens.
import { badRequest } from '../cosmos-error.ts';

/** One token. A word may be a keyword; `at` is where it begins, from 0. */
export type Token =
  | { kind: 'word'; text: string; at: number }
  | { kind: 'number'; value: number; text: string; at: number }
  | { kind: 'string'; value: string; text: string; at: number }
  | { kind: 'parameter'; text: string; at: number }
  | { kind: 'sign'; text: string; at: number }
  | { kind: 'end'; text: string; at: number };

// None of these goes back over what it has read: a query may be long, and hostile.
const shapes = [
  { kind: 'space', form: /\s+|--[^\n]*/y },
  { kind: 'number', form: /(?:0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?!\w)/y },
  { kind: 'string', form: /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y },
  { kind: 'word', form: /[\p{L}_][\p{L}\p{N}_]*/uy },
  { kind: 'parameter', form: /@[\p{L}_][\p{L}\p{N}_]*/uy },
  { kind: 'sign', form: /<=>|>>>|\?\?|\|\||<=|>=|<>|!=|<<|>>|[-+*/%=<>&|^~?:.,()[\]{}]/y },
] as const;

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const unquote = (text: string): string =>
  text.slice(1, -1).replace(/\\(u([0-9a-fA-F]{4})|[\s\S])/g, (_, mark: string, code: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return escapes[mark] ?? mark;
  });

/** A syntax error that says where. */
export const syntaxError = (token: Pick<Token, 'text' | 'at'>, wanted: string): Error =>
  badRequest(
    token.text === ''
      ? `Syntax error in the query: it ends where ${wanted} was expected.`
      : `Syntax error in the query at position ${token.at + 1}, near '${token.text.slice(0, 50)}': expected ${wanted}.`,
  );

/** The tokens of a query, with one of kind `end` at the end. */
export const tokensOf = (query: string): Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  scan: while (at < query.length) {
    if (query.startsWith('/*', at)) {
      const end = query.indexOf('*/', at + 2);
      if (end < 0) throw syntaxError({ text: '', at }, "'*/'");
      at = end + 2;
      continue;
    }
    for (const { kind, form } of shapes) {
      form.lastIndex = at;
      const text = form.exec(query)?.[0];
      if (text === undefined) continue;
      if (kind === 'number') {
        if (!Number.isFinite(Number(text))) throw syntaxError({ text, at }, 'a number that a double can hold');
        tokens.push({ kind, text, value: Number(text), at });
      } else if (kind === 'string') tokens.push({ kind, text, value: unquote(text), at });
      else if (kind !== 'space') tokens.push({ kind, text, at });
      at += text.length;
      continue scan;
    }
    throw syntaxError({ text: query.slice(at, at + 10), at }, 'something else');
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
};
