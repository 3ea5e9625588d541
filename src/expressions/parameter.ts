// Parameters of pipelines, datasets and linked services: declared with a type and perhaps a default, given by a caller.
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';

/** A parameter that is missing, unknown or of the wrong type. */
export class ParameterError extends Error {
  readonly code = 'InvalidParameter';
  readonly parameter: string;
  constructor(parameter: string, message: string) {
    super(message);
    this.name = 'ParameterError';
    this.parameter = parameter;
  }
}

/** Turns a value into one of the type, or undefined. Numbers and booleans may come as text, as command lines send them. */
type Reader = (value: Json) => Json | undefined;

const textAs =
  (pattern: RegExp, turn: (text: string) => Json): Reader =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? turn(value) : undefined;

const integer = textAs(/^-?\d{1,15}$/, Number);
const float = textAs(/^-?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,3})?$/, Number);
const boolean = textAs(/^(true|false)$/i, (text) => text.toLowerCase() === 'true');

const readers: Readonly<Record<string, Reader>> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  securestring: (value) => {
    const inner = isJsonObject(value) && value.type === 'SecureString' ? value.value : value;
    return typeof inner === 'string' ? inner : undefined;
  },
  int: (value) => (Number.isSafeInteger(value) ? value : integer(value)),
  float: (value) => (typeof value === 'number' ? value : float(value)),
  bool: (value) => (typeof value === 'boolean' ? value : boolean(value)),
  array: (value) => (Array.isArray(value) ? value : undefined),
  object: (value) => (isJsonObject(value) ? value : undefined),
};

const typeOf = (declaration: Json | undefined) =>
  isJsonObject(declaration) && typeof declaration.type === 'string' ? declaration.type : 'String';

/** Names of the parameters whose values are secrets. */
export const secureParameters = (declared: JsonObject): string[] =>
  Object.keys(declared).filter((name) => typeOf(declared[name]).toLowerCase() === 'securestring');

/**
 * A value for each declared parameter: the given one, or its default. `owner` (`pipeline films`) is for messages.
 * Errors: `ParameterError` for one that is missing, not declared, or of another type.
 */
export const bindParameters = (declared: JsonObject, given: JsonObject, owner: string): JsonObject => {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(declared, name)) {
      const known = Object.keys(declared).join(', ') || 'none';
      throw new ParameterError(name, `The ${owner} does not declare a parameter ${name}. Its parameters: ${known}.`);
    }
  return Object.fromEntries(
    Object.entries(declared).map(([name, declaration]) => {
      const fallback = isJsonObject(declaration) ? declaration.defaultValue : undefined;
      const value = Object.hasOwn(given, name) ? given[name] : fallback;
      if (value === undefined || value === null)
        throw new ParameterError(name, `The ${owner} needs a value for its parameter ${name}, which has no default.`);
      const type = typeOf(declaration);
      const read = readers[type.toLowerCase()];
      const result = read?.(value);
      if (result === undefined)
        throw new ParameterError(
          name,
          read
            ? `The parameter ${name} of the ${owner} is declared as ${type}; the given value is not of that type.`
            : `The parameter ${name} of the ${owner} is declared as ${type}. Known types: String, SecureString, Int, Float, Bool, Array, Object.`,
        );
      return [name, result];
    }),
  );
};
