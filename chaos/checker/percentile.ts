/** The value below which that share lies; null of none. */
export const percentile = (values: readonly number[], share: number): number | null => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
};
