// Aggregates of a group, fed one value at a time.
import type { AggregateName } from './expression.ts';
import { compare, kindOf, type Value } from './value.ts';

/** One aggregate under way. */
export type Aggregate = { take(value: Value): void; result(): Value };

const isPrimitive = (value: Value) => !['array', 'object'].includes(kindOf(value));

/** Sum and average are of numbers only: any other value makes them undefined, as in Azure. */
const sum = (finish: (total: number, count: number) => Value): Aggregate => {
  let [total, count, isRight] = [0, 0, true];
  return {
    take: (value) => {
      if (typeof value !== 'number') isRight = false;
      else {
        total += value;
        count += 1;
      }
    },
    result: () => (isRight && Number.isFinite(total) ? finish(total, count) : undefined),
  };
};

const extreme = (sign: 1 | -1): Aggregate => {
  let best: Value;
  let isRight = true;
  return {
    take: (value) => {
      if (!isPrimitive(value)) isRight = false;
      else if (best === undefined || compare(value, best) * sign > 0) best = value;
    },
    result: () => (isRight ? best : undefined),
  };
};

const makers: Readonly<Record<AggregateName, () => Aggregate>> = {
  COUNT: () => {
    let count = 0;
    return {
      take: () => {
        count += 1;
      },
      result: () => count,
    };
  },
  SUM: () => sum((total) => total),
  AVG: () => sum((total, count) => (count === 0 ? undefined : total / count)),
  MIN: () => extreme(-1),
  MAX: () => extreme(1),
};

/** Begins an aggregate. What is not there is not counted. */
export const beginAggregate = (name: AggregateName): Aggregate => {
  const { take, result } = makers[name]();
  return { take: (value) => value !== undefined && take(value), result };
};
