// Functions of text.
import { badRequest } from '../../cosmos-error.ts';
import { readJson } from '../../json-text.ts';
import type { QueryFunction } from '../function.ts';
import type { Value } from '../value.ts';

const longestText = 2 * 2 ** 20;

/** The text that `make` gives, whose length is known before it is made. */
const bounded = (length: number, make: () => string): string => {
  if (length > longestText) throw badRequest('A text that the query makes is longer than 2 MB.');
  return make();
};

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0);

const isText = (value: Value): value is string => typeof value === 'string';
const isCount = (value: Value): value is number => typeof value === 'number' && Number.isFinite(value);

/** A function of one text. */
const ofText = (run: (text: string) => Value): QueryFunction => ({
  least: 1,
  most: 1,
  run: ([text]) => (isText(text) ? run(text) : undefined),
});

/** A test of one text with another, perhaps without regard to case. */
const ofPair = (run: (text: string, other: string) => boolean): QueryFunction => ({
  least: 2,
  most: 3,
  run: ([text, other, anyCase = false]) => {
    if (!isText(text) || !isText(other) || typeof anyCase !== 'boolean') return undefined;
    return anyCase ? run(text.toLowerCase(), other.toLowerCase()) : run(text, other);
  },
});

const parsed = (isRight: (value: Value) => boolean): QueryFunction =>
  ofText((text) => {
    const value = readJson(text.trim());
    return isRight(value) ? value : undefined;
  });

const part = (run: (text: string, count: number) => string): QueryFunction => ({
  least: 2,
  most: 2,
  run: ([text, count]) => (isText(text) && isCount(count) ? run(text, Math.max(0, Math.trunc(count))) : undefined),
});

export const textFunctions: Readonly<Record<string, QueryFunction>> = {
  CONCAT: {
    least: 1,
    most: 1000,
    run: (args) => (args.every(isText) ? bounded(lengthOf(args), () => args.join('')) : undefined),
  },
  CONTAINS: ofPair((text, other) => text.includes(other)),
  ENDSWITH: ofPair((text, other) => text.endsWith(other)),
  STARTSWITH: ofPair((text, other) => text.startsWith(other)),
  STRINGEQUALS: ofPair((text, other) => text === other),
  INDEX_OF: {
    least: 2,
    most: 3,
    run: ([text, other, from = 0]) =>
      isText(text) && isText(other) && isCount(from) ? text.indexOf(other, from) : undefined,
  },
  LEFT: part((text, count) => text.slice(0, count)),
  RIGHT: part((text, count) => text.slice(Math.max(0, text.length - count))),
  LENGTH: ofText((text) => text.length),
  LOWER: ofText((text) => text.toLowerCase()),
  UPPER: ofText((text) => text.toUpperCase()),
  LTRIM: ofText((text) => text.trimStart()),
  RTRIM: ofText((text) => text.trimEnd()),
  TRIM: ofText((text) => text.trim()),
  REVERSE: ofText((text) => [...text].reverse().join('')),
  REPLACE: {
    least: 3,
    most: 3,
    run: ([text, old, fresh]) => {
      if (!isText(text) || !isText(old) || !isText(fresh)) return undefined;
      if (old === '') return text;
      const pieces = text.split(old);
      return bounded(lengthOf(pieces) + (pieces.length - 1) * fresh.length, () => pieces.join(fresh));
    },
  },
  REPLICATE: {
    least: 2,
    most: 2,
    run: ([text, count]) => {
      if (!isText(text) || !isCount(count) || count < 0) return undefined;
      if (text.length * count > 10_000) throw badRequest('REPLICATE makes at most 10,000 characters.');
      return text.repeat(Math.trunc(count));
    },
  },
  SUBSTRING: {
    least: 3,
    most: 3,
    run: ([text, from, count]) => {
      if (!isText(text) || !isCount(from) || !isCount(count)) return undefined;
      const start = Math.max(0, Math.trunc(from));
      return text.slice(start, start + Math.max(0, Math.trunc(count)));
    },
  },
  STRINGJOIN: {
    least: 2,
    most: 2,
    run: ([items, between]) =>
      Array.isArray(items) && items.every(isText) && isText(between)
        ? bounded(lengthOf(items) + items.length * between.length, () => items.join(between))
        : undefined,
  },
  STRINGSPLIT: {
    least: 2,
    most: 2,
    run: ([text, between]) => (isText(text) && isText(between) ? text.split(between) : undefined),
  },
  STRINGTOARRAY: parsed((value) => Array.isArray(value)),
  STRINGTOBOOLEAN: parsed((value) => typeof value === 'boolean'),
  STRINGTONULL: parsed((value) => value === null),
  STRINGTONUMBER: parsed((value) => typeof value === 'number'),
  STRINGTOOBJECT: parsed((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  TOSTRING: {
    least: 1,
    most: 1,
    run: ([value]) => (value === undefined || isText(value) ? value : JSON.stringify(value)),
  },
};
