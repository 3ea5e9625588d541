/** The value below which the share `at` (0 to 1) of the numbers lies, interpolated; NaN for none. */
export const quantile = (numbers: readonly number[], at: number): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = (sorted.length - 1) * at;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
};

/** The middle of the numbers; NaN for none. */
export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);
