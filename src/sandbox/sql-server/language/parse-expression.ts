// Expressions and conditions, by precedence.
import { SqlError, unsupported } from '../sql-error.ts';
import { isString, typeOf } from '../type/sql-type.ts';
import type { Cursor } from './cursor.ts';
import { parseOrder, parseQuery } from './parse-query.ts';
import type { Expression, Window } from './syntax.ts';
import { readTypeName } from './type-name.ts';

const comparisons = ['=', '<>', '!=', '<', '>', '<=', '>=', '!<', '!>'];
const spelled: Readonly<Record<string, string>> = { '!=': '<>', '!<': '>=', '!>': '<=' };

/** Reads a condition or a value. */
export const parseExpression = (cursor: Cursor): Expression => cursor.nested(() => parseOr(cursor));

const chain = (cursor: Cursor, words: readonly string[], operand: () => Expression): Expression => {
  let left = operand();
  while (cursor.is(...words)) {
    const operator = cursor.take().word;
    left = { kind: 'binary', operator, left, right: operand() };
  }
  return left;
};

const parseOr = (cursor: Cursor): Expression => chain(cursor, ['OR'], () => parseAnd(cursor));
const parseAnd = (cursor: Cursor): Expression => chain(cursor, ['AND'], () => parseNot(cursor));
const parseNot = (cursor: Cursor): Expression =>
  cursor.accept('NOT')
    ? { kind: 'unary', operator: 'NOT', operand: cursor.nested(() => parseNot(cursor)) }
    : parseComparison(cursor);

const parseIn = (cursor: Cursor, operand: Expression, isNegated: boolean): Expression => {
  cursor.expect('(');
  if (cursor.is('SELECT', 'WITH')) {
    const query = parseQuery(cursor);
    cursor.expect(')');
    return { kind: 'inQuery', isNegated, operand, query };
  }
  const list = cursor.list(() => parseExpression(cursor));
  cursor.expect(')');
  return { kind: 'inList', isNegated, operand, list };
};

const parseComparison = (cursor: Cursor): Expression => {
  if (cursor.is('EXISTS')) {
    cursor.take();
    cursor.expect('(');
    const query = parseQuery(cursor);
    cursor.expect(')');
    return { kind: 'exists', query };
  }
  let left = parseSum(cursor);
  for (;;) {
    if (cursor.is(...comparisons)) {
      const { word } = cursor.take();
      if (cursor.is('ALL', 'ANY', 'SOME'))
        throw unsupported(`A comparison with ${cursor.next.word}`, 'Use EXISTS or IN.');
      left = { kind: 'binary', operator: spelled[word] ?? word, left, right: parseSum(cursor) };
      continue;
    }
    if (cursor.is('IS')) {
      cursor.take();
      const isNegated = cursor.accept('NOT');
      if (cursor.is('DISTINCT')) throw unsupported('IS DISTINCT FROM');
      cursor.expect('NULL');
      left = { kind: 'isNull', isNegated, operand: left };
      continue;
    }
    const isNegated = cursor.is('NOT') && ['BETWEEN', 'IN', 'LIKE'].includes(cursor.ahead(1).word);
    if (isNegated) cursor.take();
    if (cursor.accept('BETWEEN')) {
      const low = parseSum(cursor);
      cursor.expect('AND');
      left = { kind: 'between', isNegated, operand: left, low, high: parseSum(cursor) };
    } else if (cursor.accept('IN')) left = parseIn(cursor, left, isNegated);
    else if (cursor.accept('LIKE')) {
      const pattern = parseSum(cursor);
      const mark = cursor.accept('ESCAPE') ? parseSum(cursor) : undefined;
      left = { kind: 'like', isNegated, operand: left, pattern, ...(mark && { escape: mark }) };
    } else return left;
  }
};

const parseSum = (cursor: Cursor): Expression => chain(cursor, ['+', '-', '&', '|', '^'], () => parseProduct(cursor));
const parseProduct = (cursor: Cursor): Expression => chain(cursor, ['*', '/', '%'], () => parseSign(cursor));

const parseSign = (cursor: Cursor): Expression => {
  if (cursor.is('-', '+', '~')) {
    const operator = cursor.take().word as '-' | '+' | '~';
    const operand = cursor.nested(() => parseSign(cursor));
    if (operator === '-' && operand.kind === 'literal' && operand.value !== null && !isString(operand.type)) {
      const { value } = operand;
      if (typeof value === 'bigint') return { ...operand, value: -value };
      if (typeof value === 'number') return { ...operand, value: -value };
      return { ...operand, value: `-${String(value)}` };
    }
    return { kind: 'unary', operator, operand };
  }
  let operand = parsePrimary(cursor);
  for (;;) {
    // One collation is all there is: it is case-insensitive, and what is asked for does not change it.
    if (cursor.accept('COLLATE')) cursor.name();
    else if (cursor.isPhrase('AT', 'TIME', 'ZONE')) throw unsupported('AT TIME ZONE');
    else return operand;
    operand = { ...operand };
  }
};

const numberLiteral = (text: string): Expression => {
  if (text.startsWith('$')) return { kind: 'literal', type: typeOf('money'), value: text.slice(1) || '0' };
  if (/e/i.test(text)) return { kind: 'literal', type: typeOf('float'), value: Number(text) };
  if (/^\d+$/.test(text)) {
    const value = BigInt(text);
    if (value <= 2_147_483_647n) return { kind: 'literal', type: typeOf('int'), value };
    const precision = value.toString().length;
    if (precision > 38) throw tooManyDigits(text);
    return { kind: 'literal', type: typeOf('decimal', { precision, scale: 0 }), value: value.toString() };
  }
  const [whole = '', fraction = ''] = text.split('.');
  const digits = whole.replace(/^0+/, '').length + fraction.length;
  if (digits > 38) throw tooManyDigits(text);
  const type = typeOf('decimal', { precision: Math.max(1, digits), scale: fraction.length });
  return { kind: 'literal', type, value: `${whole || '0'}${fraction && `.${fraction}`}` };
};

const tooManyDigits = (text: string): SqlError =>
  new SqlError(
    1007,
    `The number '${text.slice(0, 100)}' is out of the range for numeric representation (maximum precision 38).`,
    {
      severity: 15,
    },
  );

const parseCase = (cursor: Cursor): Expression => {
  const operand = cursor.is('WHEN') ? undefined : parseExpression(cursor);
  const branches: { when: Expression; result: Expression }[] = [];
  while (cursor.accept('WHEN')) {
    const when = parseExpression(cursor);
    cursor.expect('THEN');
    branches.push({ when, result: parseExpression(cursor) });
  }
  if (branches.length === 0) throw cursor.wrong();
  const otherwise = cursor.accept('ELSE') ? parseExpression(cursor) : undefined;
  cursor.expect('END');
  return { kind: 'case', branches, ...(operand && { operand }), ...(otherwise && { otherwise }) };
};

const parseCast = (cursor: Cursor, isTry: boolean): Expression => {
  cursor.expect('(');
  const operand = parseExpression(cursor);
  cursor.expect('AS');
  const type = readTypeName(cursor, 30);
  cursor.expect(')');
  return { kind: 'cast', operand, type, isTry };
};

const parseConvert = (cursor: Cursor, isTry: boolean): Expression => {
  cursor.expect('(');
  const type = readTypeName(cursor, 30);
  cursor.expect(',');
  const operand = parseExpression(cursor);
  const style = cursor.accept(',') ? parseExpression(cursor) : undefined;
  cursor.expect(')');
  return { kind: 'cast', operand, type, isTry, ...(style && { style }) };
};

const parseFrame = (cursor: Cursor): string => {
  if (!cursor.is('ROWS', 'RANGE')) return '';
  const words: string[] = [];
  const allowed = ['ROWS', 'RANGE', 'BETWEEN', 'AND', 'UNBOUNDED', 'PRECEDING', 'FOLLOWING', 'CURRENT', 'ROW'];
  while (cursor.is(...allowed) || /^\d+$/.test(cursor.next.text)) words.push(cursor.take().text.toUpperCase());
  return words.join(' ');
};

const parseWindow = (cursor: Cursor): Window => {
  cursor.expect('(');
  const partition = cursor.accept('PARTITION', 'BY') ? cursor.list(() => parseExpression(cursor)) : [];
  const order = cursor.accept('ORDER', 'BY') ? parseOrder(cursor) : [];
  const frame = parseFrame(cursor);
  cursor.expect(')');
  return { partition, order, frame };
};

/** Date parts are words where a function wants one: they are read as text. */
const takesPart = ['DATEADD', 'DATEDIFF', 'DATEDIFF_BIG', 'DATEPART', 'DATENAME', 'DATETRUNC'];

const parseCall = (cursor: Cursor, name: string): Expression => {
  cursor.expect('(');
  const isDistinct = cursor.accept('DISTINCT');
  if (!isDistinct) cursor.accept('ALL');
  const call: Extract<Expression, { kind: 'call' }> = { kind: 'call', name, arguments: [], isDistinct, isStar: false };
  if (cursor.is('*')) {
    cursor.take();
    call.isStar = true;
  } else if (!cursor.is(')')) {
    if (takesPart.includes(name)) {
      call.arguments.push({
        kind: 'literal',
        type: typeOf('varchar', { length: 20 }),
        value: cursor.name().toLowerCase(),
      });
      cursor.expect(',');
    }
    call.arguments.push(...cursor.list(() => parseExpression(cursor)));
  }
  cursor.expect(')');
  if (cursor.accept('WITHIN', 'GROUP')) {
    cursor.expect('(', 'ORDER', 'BY');
    call.withinGroup = parseOrder(cursor);
    cursor.expect(')');
  }
  if (cursor.accept('OVER')) call.over = parseWindow(cursor);
  return call;
};

const bareCalls = ['CURRENT_TIMESTAMP', 'CURRENT_USER', 'SESSION_USER', 'SYSTEM_USER', 'USER', 'CURRENT_DATE'];
/** Functions whose names are reserved words. */
const reservedCalls = ['COALESCE', 'NULLIF', 'LEFT', 'RIGHT', 'IDENTITY', 'UPDATE', 'SCHEMA_NAME'];

const parsePath = (cursor: Cursor): Expression => {
  const path = [cursor.name()];
  while (cursor.is('.')) {
    cursor.take();
    path.push(cursor.name());
    if (path.length > 4) throw cursor.wrong();
  }
  if (!cursor.is('(')) return { kind: 'column', path };
  if (path.length > 1) throw unsupported(`The function ${path.join('.')}`, 'There are no user-defined functions.');
  return parseCall(cursor, path[0]!.toUpperCase());
};

const parsePrimary = (cursor: Cursor): Expression => {
  const { next } = cursor;
  if (next.kind === 'string') {
    const { text, isNational } = cursor.take();
    // A varchar counts bytes, and here these are UTF-8.
    const size = isNational ? text.length : Buffer.byteLength(text);
    const length = size > (isNational ? 4000 : 8000) ? ('max' as const) : Math.max(1, size);
    return { kind: 'literal', type: typeOf(isNational ? 'nvarchar' : 'varchar', { length }), value: text };
  }
  if (next.kind === 'number') return numberLiteral(cursor.take().text);
  if (next.kind === 'binary') {
    const digits = cursor.take().text;
    const value = Buffer.from(digits.length % 2 === 1 ? `0${digits}` : digits, 'hex');
    const length = value.length > 8000 ? ('max' as const) : Math.max(1, value.length);
    return { kind: 'literal', type: typeOf('varbinary', { length }), value };
  }
  if (next.kind === 'variable') return { kind: 'variable', name: cursor.take().text };
  if (cursor.accept('(')) {
    if (cursor.is('SELECT', 'WITH')) {
      const query = parseQuery(cursor);
      cursor.expect(')');
      return { kind: 'subquery', query };
    }
    const inside = parseExpression(cursor);
    cursor.expect(')');
    return inside;
  }
  if (cursor.accept('NULL')) return { kind: 'literal', type: null, value: null };
  if (cursor.accept('DEFAULT')) return { kind: 'default' };
  if (cursor.accept('CASE')) return parseCase(cursor);
  if (next.kind === 'name' && cursor.ahead(1).word === '(') {
    if (cursor.accept('CAST')) return parseCast(cursor, false);
    if (cursor.accept('TRY_CAST')) return parseCast(cursor, true);
    if (cursor.accept('CONVERT')) return parseConvert(cursor, false);
    if (cursor.accept('TRY_CONVERT')) return parseConvert(cursor, true);
    if (cursor.isName() || reservedCalls.includes(next.word)) {
      cursor.take();
      return parseCall(cursor, next.word);
    }
  }
  if (next.kind === 'name' && bareCalls.includes(next.word)) {
    cursor.take();
    return { kind: 'call', name: next.word, arguments: [], isDistinct: false, isStar: false };
  }
  return parsePath(cursor);
};
