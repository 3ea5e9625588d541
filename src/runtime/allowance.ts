/** Counts events against a rate: `take()` is false once more than `burst` came, less `perSecond` for the time since. */
export const createAllowance = (
  burst: number,
  perSecond: number,
  now: () => number = () => performance.now(),
): { take(): boolean } => {
  let left = burst;
  let last = now();
  return {
    take: () => {
      const at = now();
      left = Math.min(burst, left + ((at - last) / 1000) * perSecond);
      last = at;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
};
