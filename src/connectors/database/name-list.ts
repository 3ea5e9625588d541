import { type Properties, propertyError } from '../property.ts';

/** A list of names; an absent one is empty. */
export const namesAt = (from: Properties, name: string): string[] => {
  const value = from.values[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '')) return value as string[];
  throw propertyError(from, name, 'must be a list of names');
};
