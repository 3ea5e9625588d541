// From bytes to a JSON object that is safe to keep: UTF-8, no deeper than can be walked, no key that means something
// to JavaScript.
import { ServiceError } from '../base/error.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';

/** Bytes of a request body that are read at most: ARM's own limit. */
export const bodyLimit = 4 * 1024 * 1024;

const deepest = 100;
const utf8 = new TextDecoder('utf-8', { fatal: true });

const bad = (message: string, target = 'body') => new ServiceError(400, 'InvalidRequestContent', message, { target });

const checkTree = (root: unknown) => {
  let level: { path: string; value: object }[] = [{ path: '', value: root as object }];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > deepest) throw bad(`The body is nested deeper than ${deepest} levels.`);
    const below: typeof level = [];
    for (const { path, value } of level)
      for (const [name, item] of Object.entries(value)) {
        const place = path === '' ? name : `${path}.${name}`;
        if (name === '__proto__') throw bad(`The property name '__proto__' is not allowed. Rename it.`, place);
        if (typeof item === 'object' && item !== null) below.push({ path: place, value: item });
      }
    level = below;
  }
};

/** The JSON object in a body; `{}` for an empty one. Anything else is a 400 that says why, or a 415. */
export const readBody = (bytes: Buffer | undefined, contentType: string | undefined): JsonObject => {
  if (!bytes || bytes.length === 0) return {};
  if (!/^(application|text)\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType ?? ''))
    throw new ServiceError(
      415,
      'UnsupportedMediaType',
      `The content type '${contentType ?? ''}' is not supported. Send JSON as 'application/json'.`,
      { target: 'content-type' },
    );
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw bad(`The request content was invalid and could not be read as JSON: ${(error as Error).message}`);
  }
  if (!isJsonObject(value)) throw bad('The body must be a JSON object: { ... }.');
  checkTree(value);
  return value;
};
