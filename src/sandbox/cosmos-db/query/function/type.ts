// IS_...: what kind a value is. Of what is not there they say false.
import type { QueryFunction } from '../function.ts';
import type { Value } from '../value.ts';
import { kindOf } from '../value.ts';

const test = (run: (value: Value) => boolean): QueryFunction => ({ least: 1, most: 1, run: ([value]) => run(value) });

export const typeFunctions: Readonly<Record<string, QueryFunction>> = {
  IS_ARRAY: test((value) => Array.isArray(value)),
  IS_BOOL: test((value) => typeof value === 'boolean'),
  IS_DEFINED: test((value) => value !== undefined),
  IS_FINITE_NUMBER: test((value) => typeof value === 'number' && Number.isFinite(value)),
  IS_INTEGER: test((value) => typeof value === 'number' && Number.isSafeInteger(value)),
  IS_NULL: test((value) => value === null),
  IS_NUMBER: test((value) => typeof value === 'number'),
  IS_OBJECT: test((value) => kindOf(value) === 'object'),
  IS_PRIMITIVE: test((value) => ['null', 'boolean', 'number', 'string'].includes(kindOf(value))),
  IS_STRING: test((value) => typeof value === 'string'),
};
