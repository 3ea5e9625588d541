import { type Properties, propertyError } from './property.ts';

/** The `Name=Value` pairs of a connection string that stands in the property `name`, by name in lower case. */
export const readPairs = (from: Properties, name: string, text: string): ReadonlyMap<string, string> => {
  const parts = new Map<string, string>();
  for (const part of text.split(';').filter((each) => each.trim() !== '')) {
    const at = part.indexOf('=');
    if (at < 1) throw propertyError(from, name, 'must be `Name=Value` pairs with `;` between them');
    parts.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  return parts;
};
