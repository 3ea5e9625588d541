// Metadata of containers and shares. It travels in headers, so that names and values are what a header can hold. Pure.
import { ServiceError } from '../../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';

const most = 8 * 1024;

const wrong = (message: string, target: string) => new ServiceError(400, 'InvalidMetadata', message, { target });

/** The metadata that a body names, or undefined where it names none. Refuses (400) what a store could not keep. */
export const readMetadata = ({ metadata }: JsonObject): Record<string, string> | undefined => {
  if (!isJsonObject(metadata)) return undefined;
  let size = 0;
  for (const [name, value] of Object.entries(metadata)) {
    const target = `properties.metadata.${name}`;
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw wrong(
        `The metadata name ${JSON.stringify(name)} is not valid: letters, digits and underscores, not beginning with a digit.`,
        target,
      );
    if (typeof value !== 'string' || !/^[\x20-\x7e]*$/.test(value) || value !== value.trim())
      throw wrong(`The metadata value of '${name}' must be printable ASCII without spaces at its ends.`, target);
    size += name.length + value.length;
  }
  if (size > most)
    throw wrong(`Metadata holds at most ${most} bytes, names and values together.`, 'properties.metadata');
  return metadata as Record<string, string>;
};
