// What a sink asks of whoever brings it rows, beside the rows themselves.
import type { JsonObject } from '../../base/json.ts';
import type { Properties } from '../property.ts';
import type { DateOrder } from './date-time.ts';

/** So many rows may be refused and left out: in all, or of those that were tried, told after each `sample` of them. */
export type RejectLimit = {
  /** What the load fails with beyond it. */
  code: string;
  /** The property, for messages. */
  name: string;
  most: number;
  /** Undefined: `most` are rows; else a percentage. */
  sample: number | undefined;
};

/** What a column has in place of null. `given` is the property that says so. */
export type DefaultValue = { column: string; value: string; given: Properties };

/** How the rows of a copy are loaded. */
export type Loading = {
  /** Undefined: the activity alone says whether rows may be left out. */
  rejects: RejectLimit | undefined;
  defaults: readonly DefaultValue[];
  /** Whether what is missing in delimited text becomes what its column's type begins with. */
  usesTypeDefaults: boolean;
  /** The order of the numbers of dates in delimited text; undefined: ISO 8601. */
  dateOrder: DateOrder | undefined;
  /** What the output of the activity says of it. */
  facts: JsonObject;
};
