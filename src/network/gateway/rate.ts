/** A bound on how often something may happen: true while there is allowance left. Keeps no timer. */
export const createRate = (limit: { perSecond: number; burst: number }): (() => boolean) => {
  let left = limit.burst;
  let last = performance.now();
  return () => {
    const now = performance.now();
    left = Math.min(limit.burst, left + ((now - last) / 1000) * limit.perSecond);
    last = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
};
