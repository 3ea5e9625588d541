// Expressions, by the strength of their signs.
import { badRequest } from '../cosmos-error.ts';
import { type AggregateName, aggregateNames, type Expression, type Select } from './expression.ts';
import { functionNames } from './function.ts';
import type { Reader } from './reader.ts';
import { syntaxError } from './token.ts';

type ReadSelect = (reader: Reader) => Select;

// The weakest first. AND and OR are words; the others are signs.
const levels: readonly (readonly string[])[] = [
  ['??'],
  ['OR'],
  ['AND'],
  ['=', '!=', '<>', '<', '<=', '>', '>='],
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>', '>>>'],
  ['||', '+', '-'],
  ['*', '/', '%'],
];
const comparison = 3;
/** A chain of signs or properties is evaluated from inside: a longer one would be too deep. */
const longestChain = 2000;

const chain = () => {
  let length = 0;
  return (): void => {
    length += 1;
    if (length > longestChain)
      throw badRequest(
        `The query has a chain of more than ${longestChain} operators. Use IN with a list, or a parameter that is an array.`,
      );
  };
};

const constants: Readonly<Record<string, boolean | null | undefined>> = {
  TRUE: true,
  FALSE: false,
  NULL: null,
  UNDEFINED: undefined,
};

const isAggregate = (name: string): name is AggregateName => (aggregateNames as readonly string[]).includes(name);

/** Reads an expression; `path`: only a name with properties and items, `count`: only a number or a parameter. */
export const readExpression = (reader: Reader, readSelect: ReadSelect, only?: 'path' | 'count'): Expression => {
  const list = (end: string): Expression[] => {
    const items: Expression[] = [];
    if (reader.acceptSign(end)) return items;
    do items.push(expression());
    while (reader.acceptSign(','));
    reader.needSign(end);
    return items;
  };
  const subquery = (as: 'scalar' | 'exists' | 'array'): Expression => {
    reader.needSign('(');
    const query = reader.nested(() => readSelect(reader));
    reader.needSign(')');
    return { kind: 'subquery', as, query };
  };

  const call = (name: string): Expression => {
    reader.needSign('(');
    const upper = name.toUpperCase();
    if (isAggregate(upper)) {
      const argument: Expression = reader.acceptSign('*') ? { kind: 'constant', value: 1 } : expression();
      reader.needSign(')');
      return { kind: 'aggregate', name: upper, argument };
    }
    if (!functionNames.has(upper))
      throw badRequest(`The function '${name.slice(0, 100)}' is not one that this store knows.`);
    return { kind: 'call', name: upper, arguments: list(')') };
  };

  const entries = (): Expression => {
    const found: { name: string; value: Expression }[] = [];
    if (reader.acceptSign('}')) return { kind: 'object', entries: found };
    do {
      const token = reader.next();
      if (token.kind !== 'string' && token.kind !== 'word') throw syntaxError(token, 'the name of a property');
      reader.needSign(':');
      found.push({ name: token.kind === 'string' ? token.value : token.text, value: expression() });
    } while (reader.acceptSign(','));
    reader.needSign('}');
    return { kind: 'object', entries: found };
  };

  const primary = (): Expression => {
    const token = reader.peek();
    if (token.kind === 'number' || token.kind === 'string') {
      reader.next();
      return { kind: 'constant', value: token.value };
    }
    if (token.kind === 'parameter') {
      reader.next();
      return { kind: 'parameter', name: token.text };
    }
    if (reader.isSign('(') && reader.isWord('SELECT', 1)) return subquery('scalar');
    if (reader.acceptSign('(')) {
      const inner = expression();
      reader.needSign(')');
      return inner;
    }
    if (reader.acceptSign('[')) return { kind: 'array', items: list(']') };
    if (reader.acceptSign('{')) return entries();
    if (token.kind !== 'word') throw syntaxError(token, 'an expression');
    const upper = token.text.toUpperCase();
    if (Object.hasOwn(constants, upper)) {
      reader.next();
      return { kind: 'constant', value: constants[upper] };
    }
    if ((upper === 'EXISTS' || upper === 'ARRAY') && reader.isSign('(', 1)) {
      reader.next();
      return subquery(upper === 'EXISTS' ? 'exists' : 'array');
    }
    if (upper === 'UDF' && reader.isSign('.', 1))
      throw badRequest('User-defined functions (udf.) are not supported by this store.');
    const name = reader.needName('an expression');
    return reader.isSign('(') ? call(name) : { kind: 'name', name };
  };

  const postfix = (): Expression => {
    let found = primary();
    const grow = chain();
    for (;;) {
      grow();
      if (reader.acceptSign('.')) {
        const token = reader.next();
        if (token.kind !== 'word') throw syntaxError(token, 'the name of a property');
        found = { kind: 'member', of: found, name: { kind: 'constant', value: token.text } };
      } else if (reader.acceptSign('[')) {
        const name = expression();
        reader.needSign(']');
        found = { kind: 'member', of: found, name };
      } else return found;
    }
  };

  const unary = (): Expression => {
    const token = reader.peek();
    if (token.kind === 'sign' && ['-', '+', '~'].includes(token.text)) {
      reader.next();
      return { kind: 'unary', sign: token.text, operand: reader.nested(unary) };
    }
    return postfix();
  };

  /** `IN`, `BETWEEN` and `LIKE`, perhaps with NOT before them. */
  const worded = (operand: Expression): Expression | null => {
    const isNot = reader.isWord('NOT') && ['IN', 'BETWEEN', 'LIKE'].some((word) => reader.isWord(word, 1));
    if (isNot) reader.next();
    const found = positive(operand);
    return found && (isNot ? { kind: 'unary', sign: 'NOT', operand: found } : found);
  };
  const positive = (operand: Expression): Expression | null => {
    if (reader.acceptWord('IN')) {
      reader.needSign('(');
      return { kind: 'in', operand, among: list(')') };
    }
    if (reader.acceptWord('BETWEEN')) {
      const low = binary(comparison + 1);
      reader.needWord('AND');
      return { kind: 'between', operand, low, high: binary(comparison + 1) };
    }
    if (!reader.acceptWord('LIKE')) return null;
    const pattern = binary(comparison + 1);
    return { kind: 'like', operand, pattern, escape: reader.acceptWord('ESCAPE') ? primary() : null };
  };

  const acceptOne = (level: number): string | undefined =>
    levels[level]!.find((sign) => (/^[A-Z]/.test(sign) ? reader.acceptWord(sign) : reader.acceptSign(sign)));

  const binary = (level: number): Expression => {
    if (level === levels.length) return unary();
    // NOT binds weaker than comparisons and stronger than AND.
    if (level === comparison && reader.acceptWord('NOT'))
      return { kind: 'unary', sign: 'NOT', operand: reader.nested(() => binary(comparison)) };
    let left = binary(level + 1);
    const grow = chain();
    for (;;) {
      grow();
      const more = level === comparison ? worded(left) : null;
      if (more) {
        left = more;
        continue;
      }
      const sign = acceptOne(level);
      if (sign === undefined) return left;
      left = { kind: 'binary', sign: sign === '<>' ? '!=' : sign, left, right: binary(level + 1) };
    }
  };

  const choice = (): Expression => {
    const test = binary(0);
    if (!reader.acceptSign('?')) return test;
    const chosen = expression();
    reader.needSign(':');
    return { kind: 'choice', test, chosen, otherwise: expression() };
  };

  function expression(): Expression {
    return reader.nested(choice);
  }

  if (only === 'path') return postfix();
  if (only === undefined) return expression();
  const token = reader.peek();
  if (token.kind !== 'number' && token.kind !== 'parameter') throw syntaxError(token, 'a number or a parameter');
  return primary();
};
