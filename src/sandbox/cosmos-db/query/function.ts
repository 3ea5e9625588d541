// The functions of a query: what each takes, and what it gives. A value of the wrong kind gives undefined, as in Azure.
import { arrayFunctions } from './function/array.ts';
import { dateFunctions } from './function/date.ts';
import { mathFunctions } from './function/math.ts';
import { textFunctions } from './function/text.ts';
import { typeFunctions } from './function/type.ts';
import type { Value } from './value.ts';

/** A function: how many arguments it takes, and what it makes of them. */
export type QueryFunction = { least: number; most: number; run(args: readonly Value[]): Value };

const all: Readonly<Record<string, QueryFunction>> = {
  ...typeFunctions,
  ...textFunctions,
  ...mathFunctions,
  ...arrayFunctions,
  ...dateFunctions,
};

/** The names of all functions, in upper case. */
export const functionNames: ReadonlySet<string> = new Set(Object.keys(all));

/** The function of that name, in upper case. */
export const functionOf = (name: string): QueryFunction => all[name]!;
