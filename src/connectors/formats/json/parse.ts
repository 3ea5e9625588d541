// One object's text into values that have lost no digit: a number that JavaScript cannot hold is kept as its text.
import { BadJson } from './split.ts';

/** A number by its text, where a number of JavaScript would have fewer digits. `JSON.stringify` writes that text. */
export type ExactNumber = { rawJSON: string };

export type JsonValue = string | number | boolean | null | ExactNumber | JsonValue[] | { [name: string]: JsonValue };

// Not yet among TypeScript's types of the language.
const exact = JSON as unknown as {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): value is ExactNumber;
  parse(text: string, revive: (key: string, value: JsonValue, context: { source?: string }) => JsonValue): JsonValue;
};

// Numbers of up to fifteen digits are read as they are written; these may not be.
const mayLoseDigits = /\d[\d.]{15}|\d[eE][+-]?\d/;

export const isExactNumber = exact.isRawJSON;

/** Parses a value. Errors: `BadJson`, which shows nothing of the text. */
export const parseJson = (text: string): JsonValue => {
  try {
    if (!mayLoseDigits.test(text)) return JSON.parse(text) as JsonValue;
    return exact.parse(text, (_, value, { source }) =>
      typeof value === 'number' && source !== undefined ? exact.rawJSON(source) : value,
    );
  } catch {
    throw new BadJson('it is not JSON');
  }
};
