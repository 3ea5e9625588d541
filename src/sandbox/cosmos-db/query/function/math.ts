// Functions of numbers.
import type { QueryFunction } from '../function.ts';
import type { Value } from '../value.ts';

const isNumber = (value: Value): value is number => typeof value === 'number';
// JSON has no infinity, and no "not a number".
const finite = (value: number): Value => (Number.isFinite(value) ? value : undefined);

const one = (run: (value: number) => number): QueryFunction => ({
  least: 1,
  most: 1,
  run: ([value]) => (isNumber(value) ? finite(run(value)) : undefined),
});

const two = (run: (value: number, other: number) => number): QueryFunction => ({
  least: 2,
  most: 2,
  run: ([value, other]) => (isNumber(value) && isNumber(other) ? finite(run(value, other)) : undefined),
});

export const mathFunctions: Readonly<Record<string, QueryFunction>> = {
  ABS: one(Math.abs),
  ACOS: one(Math.acos),
  ASIN: one(Math.asin),
  ATAN: one(Math.atan),
  ATN2: two(Math.atan2),
  CEILING: one(Math.ceil),
  COS: one(Math.cos),
  COT: one((value) => 1 / Math.tan(value)),
  DEGREES: one((value) => (value * 180) / Math.PI),
  EXP: one(Math.exp),
  FLOOR: one(Math.floor),
  LOG: {
    least: 1,
    most: 2,
    run: ([value, base = Math.E]) =>
      isNumber(value) && isNumber(base)
        ? finite(base === Math.E ? Math.log(value) : Math.log(value) / Math.log(base))
        : undefined,
  },
  LOG10: one(Math.log10),
  NUMBERBIN: two((value, size) => Math.floor(value / size) * size),
  PI: { least: 0, most: 0, run: () => Math.PI },
  POWER: two((value, power) => value ** power),
  RADIANS: one((value) => (value * Math.PI) / 180),
  RAND: { least: 0, most: 0, run: () => Math.random() },
  // A half goes away from zero, unlike in JavaScript.
  ROUND: one((value) => Math.sign(value) * Math.round(Math.abs(value))),
  SIGN: one(Math.sign),
  SIN: one(Math.sin),
  SQRT: one(Math.sqrt),
  SQUARE: one((value) => value * value),
  TAN: one(Math.tan),
  TRUNC: one(Math.trunc),
};
