// JSON from outside: how deep it may be, and that its numbers are numbers. Everything that walks a value later relies on it.
import type { Json } from '../../base/json.ts';

/** Azure's own limit of nesting in an item. */
export const deepestJson = 128;

/** Whether brackets nest deeper than `limit`. Reads text only, so that nothing deep is ever built. */
export const isDeeper = (text: string, limit: number): boolean => {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inText) {
      if (code === 92) at += 1;
      else if (code === 34) inText = false;
    } else if (code === 34) inText = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
};

const hasEndlessNumber = (value: Json): boolean => {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasEndlessNumber);
};

/** The value of a text, or undefined where it is no JSON, is nested too deep, or has a number too large for a double. */
export const readJson = (text: string, limit: number = deepestJson): Json | undefined => {
  if (isDeeper(text, limit)) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return hasEndlessNumber(value) ? undefined : value;
  } catch {
    return undefined;
  }
};
