// What a copy of bytes keeps of its files beside their bytes. Pure.
import { type Properties, propertyError } from '../../connectors/property.ts';

/** Reads `preserve`: whether the files keep their metadata and headers. */
export const readPreserve = (activity: Properties): boolean => {
  const { preserve } = activity.values;
  if (preserve === undefined || preserve === null) return false;
  if (!Array.isArray(preserve)) throw propertyError(activity, 'preserve', 'must be a list, such as ["Attributes"]');
  const other = preserve.find((one) => String(one).toLowerCase() !== 'attributes');
  if (other !== undefined)
    throw propertyError(
      activity,
      'preserve',
      `must hold nothing but Attributes; access control lists, owners and groups ('${String(other).slice(0, 40)}') are not supported`,
    );
  return preserve.length > 0;
};
