/**
 * The value that a share of the others does not exceed (nearest rank).
 *
 * @param {ArrayLike<number>} values at least one
 * @param {number} share 0 to 1
 */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort()
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[Math.min(rank, sorted.length) - 1]
}

/** The middle of a few repetitions. */
export function median(values) {
  return quantile(values, 0.5)
}
