import { badRequest } from '../cosmos-error.ts';
import { syntaxError, type Token, tokensOf } from './token.ts';

/** Words that cannot be names of collections, aliases or columns without a quoted form. */
const reserved = new Set(
  'SELECT DISTINCT TOP FROM WHERE GROUP BY ORDER ASC DESC OFFSET LIMIT JOIN IN AS AND OR NOT BETWEEN LIKE ESCAPE EXISTS UNDEFINED NULL TRUE FALSE'.split(
    ' ',
  ),
);

const deepest = 100;

/** Reads tokens one by one. */
export type Reader = ReturnType<typeof createReader>;

/** A reader at the beginning of a query. */
export const createReader = (query: string) => {
  const tokens = tokensOf(query);
  let at = 0;
  let depth = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)]!;
  const next = (): Token => {
    const token = peek();
    if (at < tokens.length - 1) at += 1;
    return token;
  };
  const isWord = (word: string, ahead = 0) => {
    const token = peek(ahead);
    return token.kind === 'word' && token.text.toUpperCase() === word;
  };
  const isSign = (sign: string, ahead = 0) => {
    const token = peek(ahead);
    return token.kind === 'sign' && token.text === sign;
  };
  const acceptWord = (word: string): boolean => isWord(word) && next() !== undefined;
  const acceptSign = (sign: string): boolean => isSign(sign) && next() !== undefined;
  return {
    peek,
    next,
    isWord,
    isSign,
    acceptWord,
    acceptSign,
    needWord: (word: string): void => {
      if (!acceptWord(word)) throw syntaxError(peek(), `'${word}'`);
    },
    needSign: (sign: string): void => {
      if (!acceptSign(sign)) throw syntaxError(peek(), `'${sign}'`);
    },
    /** Whether a name comes next that is no keyword. */
    isName: (): boolean => {
      const token = peek();
      return token.kind === 'word' && !reserved.has(token.text.toUpperCase());
    },
    needName: (what: string): string => {
      const token = next();
      if (token.kind !== 'word' || reserved.has(token.text.toUpperCase())) throw syntaxError(token, what);
      return token.text;
    },
    /** Reads what stands inside something else, at most so deep. */
    nested: <Result>(read: () => Result): Result => {
      depth += 1;
      if (depth > deepest) throw badRequest(`The query is nested deeper than ${deepest} levels.`);
      try {
        return read();
      } finally {
        depth -= 1;
      }
    },
  };
};
