// T-SQL as words. Positions are kept, so that a definition can be stored as it was written.
import { SqlError, syntaxError } from '../sql-error.ts';

/** `name` is a word that may be a keyword; `quoted` never is. `text` of a string has its quotes undone. */
export type Lexeme = {
  kind: 'name' | 'quoted' | 'variable' | 'number' | 'string' | 'binary' | 'symbol' | 'end';
  text: string;
  /** The keyword that it may be: upper-case; '' for all but `name` and `symbol`. */
  word: string;
  isNational: boolean;
  start: number;
  end: number;
  line: number;
};

const symbols = ['<>', '<=', '>=', '!=', '!<', '!>', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '::'] as const;
const nameStart = /[\p{L}_#]/u;
const namePart = /[\p{L}\p{N}_@#$]/u;
const longestName = 128;
const mostLexemes = 500_000;

/** Splits a batch into lexemes, the last of which is `end`. Throws where a string, name or comment has no end. */
export const lex = (text: string): Lexeme[] => {
  const lexemes: Lexeme[] = [];
  let at = 0;
  let line = 1;

  const fail = (error: SqlError): never => {
    error.line = line;
    throw error;
  };
  const add = (kind: Lexeme['kind'], start: number, value: string, isNational = false): void => {
    const word = kind === 'name' ? value.toUpperCase() : kind === 'symbol' ? value : '';
    lexemes.push({ kind, text: value, word, isNational, start, end: at, line });
    if (lexemes.length > mostLexemes) fail(new SqlError(191, 'The statement has too many words.', { severity: 15 }));
    for (let place = start; place < at; place++) if (text[place] === '\n') line++;
  };
  /** Reads up to the closing mark, which stands for itself where it is doubled. */
  const enclosed = (from: number, close: string, what: string): string => {
    let value = '';
    for (let place = from; ; ) {
      const end = text.indexOf(close, place);
      if (end < 0)
        return fail(new SqlError(105, `Unclosed ${what} after '${text.slice(from, from + 60)}'.`, { severity: 15 }));
      value += text.slice(place, end);
      if (text[end + 1] !== close) {
        at = end + 1;
        return value;
      }
      value += close;
      place = end + 2;
    }
  };
  const quotedName = (close: string): void => {
    const start = at;
    const value = enclosed(at + 1, close, 'quotation mark');
    if (value === '' || value.includes('\0'))
      fail(new SqlError(1038, 'An object or column name is missing or empty.', { severity: 15 }));
    if (value.length > longestName) fail(tooLong(value));
    add('quoted', start, value);
  };
  const skipComment = (): void => {
    const start = at;
    const mark = /\/\*|\*\//g;
    mark.lastIndex = at;
    let depth = 0;
    do {
      const found = mark.exec(text);
      if (!found) throw Object.assign(new SqlError(113, "Missing end comment mark '*/'.", { severity: 15 }), { line });
      depth += found[0] === '/*' ? 1 : -1;
      at = mark.lastIndex;
    } while (depth > 0);
    for (let place = start; place < at; place++) if (text[place] === '\n') line++;
  };

  while (at < text.length) {
    const start = at;
    const one = text[at]!;
    const two = text.slice(at, at + 2);
    if (one === '\n') line++;
    if (/\s/.test(one) || one === '\ufeff') at++;
    else if (two === '--') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (two === '/*') skipComment();
    else if (one === "'") add('string', start, enclosed(at + 1, "'", 'quotation mark'));
    else if (two === "N'" || two === "n'") add('string', start, enclosed(at + 2, "'", 'quotation mark'), true);
    else if (one === '[') quotedName(']');
    else if (one === '"') quotedName('"');
    else if (/^0x/i.test(two)) {
      const digits = /^[0-9a-f]*/i.exec(text.slice(at + 2))![0];
      at += 2 + digits.length;
      add('binary', start, digits);
    } else if (/[0-9]/.test(one) || (one === '.' && /[0-9]/.test(text[at + 1] ?? ''))) {
      const digits = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(text.slice(at, at + 400))![0];
      at += digits.length;
      add('number', start, digits);
    } else if (one === '$' && /[0-9.]/.test(text[at + 1] ?? '')) {
      const digits = /^\$\d*\.?\d*/.exec(text.slice(at, at + 400))![0];
      at += digits.length;
      add('number', start, digits);
    } else if (one === '@') {
      at++;
      while (at < text.length && namePart.test(text[at]!)) at++;
      const value = text.slice(start, at).toLowerCase();
      if (value.length > longestName) fail(tooLong(value));
      add('variable', start, value);
    } else if (nameStart.test(one)) {
      while (at < text.length && namePart.test(text[at]!)) at++;
      const value = text.slice(start, at);
      if (value.length > longestName) fail(tooLong(value));
      add('name', start, value);
    } else if ((symbols as readonly string[]).includes(two)) {
      at += 2;
      add('symbol', start, two);
    } else if ('+-*/%&|^~=<>(),;.:!{}'.includes(one)) {
      at++;
      add('symbol', start, one);
    } else fail(syntaxError(one));
  }
  lexemes.push({ kind: 'end', text: '', word: '', isNational: false, start: at, end: at, line });
  return lexemes;
};

const tooLong = (name: string): SqlError =>
  new SqlError(
    103,
    `The identifier that starts with '${name.slice(0, 60)}' is too long. Maximum length is ${longestName}.`,
    {
      severity: 15,
    },
  );
