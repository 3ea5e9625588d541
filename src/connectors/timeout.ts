import { type Properties, propertyError, textAt } from './property.ts';
import { readTimeSpan } from './row/time-span.ts';

/** A span of at least a second as milliseconds; undefined where the property is absent. */
export const timeoutAt = (from: Properties, name: string): number | undefined => {
  const text = textAt(from, name) || undefined;
  if (text === undefined) return undefined;
  const [, days = '0', hours, minutes, seconds] =
    /^(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)/.exec(readTimeSpan(text) ?? '') ?? [];
  const ms = (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (!(ms >= 1000 && ms < 2 ** 31)) throw propertyError(from, name, 'must be a span such as 00:01:30');
  return ms;
};
