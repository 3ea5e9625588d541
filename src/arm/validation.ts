// What a body, a name and tags must look like. Every refusal names the field, the rule and the way out.
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { type ErrorDetail, ServiceError } from '../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { NameRule } from './resource-type.ts';

const validators = new WeakMap<TSchema, Validator>();
const mostErrors = 20;

const validatorOf = (schema: TSchema): Validator => {
  const known = validators.get(schema);
  if (known) return known;
  const made = Compile(schema) as Validator;
  validators.set(schema, made);
  return made;
};

const dotted = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');

const within = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

const detail = (error: TLocalizedValidationError): ErrorDetail => {
  const path = dotted(error.instancePath);
  const code = 'InvalidRequestContent';
  if (error.keyword === 'required') {
    const [missing = ''] = error.params.requiredProperties;
    const target = within(path, missing);
    return { code, target, message: `'${target}' is required. Add it to the body.` };
  }
  if (error.keyword === 'enum')
    return { code, target: path, message: `'${path}' must be one of: ${error.params.allowedValues.join(', ')}.` };
  if (error.keyword === 'const')
    return { code, target: path, message: `'${path}' must be ${JSON.stringify(error.params.allowedValue)}.` };
  return { code, target: path, message: `'${path || 'body'}' ${error.message}.` };
};

/** Checks a body against a schema; `InvalidRequestContent` with a detail for each thing wrong. Unknown properties pass. */
export const checkBody = (schema: TSchema, body: Json): void => {
  const validator = validatorOf(schema);
  if (validator.Check(body)) return;
  const errors = validator.Errors(body);
  // Of a union every branch complains; the sum-up `anyOf` says least, so it speaks only where nothing else does.
  const telling = errors.filter(({ keyword }) => keyword !== 'anyOf');
  const found = (telling.length > 0 ? telling : errors).map(detail);
  const details = [...new Map(found.map((one) => [`${one.target} ${one.message}`, one])).values()].slice(0, mostErrors);
  const [first] = details;
  throw new ServiceError(400, 'InvalidRequestContent', first?.message ?? 'The body is not valid.', {
    target: first?.target || 'body',
    details,
  });
};

const objectFields = ['identity', 'properties', 'sku'];

/** What every envelope has: wrong kinds are named before the type's own schema speaks. */
export const checkEnvelope = (body: JsonObject): void => {
  for (const field of objectFields) {
    const value = body[field];
    if (value !== undefined && value !== null && !isJsonObject(value))
      throw new ServiceError(400, 'InvalidRequestContent', `'${field}' must be an object: { ... }.`, { target: field });
  }
};

/** Checks a resource's name against its type's rule. */
export const checkName = (rule: NameRule, name: string, type: string): void => {
  if (name.length >= rule.min && name.length <= rule.max && rule.pattern.test(name)) return;
  throw new ServiceError(
    400,
    'InvalidResourceName',
    `The name '${name}' is not valid for ${type}: ${rule.says} (${rule.min} to ${rule.max} characters).`,
    { target: 'name' },
  );
};

const badTags = (message: string, target: string) => new ServiceError(400, 'InvalidTag', message, { target });

/** The tags of a body, `{}` where there are none; Azure's limits hold. */
export const readTags = (body: JsonObject): Record<string, string> => {
  const { tags } = body;
  if (tags === undefined || tags === null) return {};
  if (!isJsonObject(tags)) throw badTags("'tags' must be an object of strings.", 'tags');
  const entries = Object.entries(tags);
  if (entries.length > 50) throw badTags(`'tags' holds ${entries.length} tags; at most 50 are allowed.`, 'tags');
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw badTags(`'tags.${name}' must be a string.`, `tags.${name}`);
    if (name.length === 0 || name.length > 512 || value.length > 256)
      throw badTags(`'tags.${name}' is too long: names have 1 to 512 characters, values at most 256.`, `tags.${name}`);
    if (/[<>%&\\?/]/.test(name)) throw badTags(`The tag name '${name}' may not hold any of < > % & \\ ? /.`, 'tags');
  }
  return tags as Record<string, string>;
};
