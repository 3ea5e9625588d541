// What a client says of features that the stores of the sandbox do not have. That they are off is true, and accepted; that
// they are on would be believed, and is refused. Pure.
import { ServiceError } from '../../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../base/json.ts';

const isOff = (value: Json | undefined): boolean => {
  if (value === undefined || value === null || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (!isJsonObject(value)) return false;
  // Of what is not enabled, the rest has no effect.
  if (value.enabled === false || value.enable === false) return true;
  return Object.values(value).every(isOff);
};

/** Refuses (400) each property but the `known` ones that asks for something. `usual` are values that ask for nothing, by property. */
export const requireOff = (
  properties: JsonObject,
  known: readonly string[],
  usual: Readonly<Record<string, Json>> = {},
): void => {
  for (const [name, value] of Object.entries(properties)) {
    if (known.includes(name) || isOff(value)) continue;
    if (Object.hasOwn(usual, name) && usual[name] === value) continue;
    throw new ServiceError(
      400,
      'FeatureNotSupportedForAccount',
      `'${name}' is not supported for the account: the stores of the sandbox do not have it, and what is asked here would not be so. Leave it out.`,
      { target: `properties.${name}` },
    );
  }
};
