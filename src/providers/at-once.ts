import { ServiceError } from '../base/error.ts';

/** Does `work` unless `most` of the same key are under way: then 429 with `code` and `message`. */
export type AtOnce = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** Counts what is under way, by key. */
export const createAtOnce = (most: number, code: string, message: string): AtOnce => {
  const underWay = new Map<string, number>();
  return async (key, work) => {
    const count = underWay.get(key) ?? 0;
    if (count >= most) throw new ServiceError(429, code, message, { headers: { 'retry-after': '5' } });
    underWay.set(key, count + 1);
    try {
      return await work();
    } finally {
      const left = (underWay.get(key) ?? 1) - 1;
      if (left > 0) underWay.set(key, left);
      else underWay.delete(key);
    }
  };
};
