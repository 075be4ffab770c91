/**
 * The name that was probably meant, or `null`: one that begins with what was written, or differs from it by a letter in
 * three.
 */
export function nearest(written: string, names: readonly string[]): string | null {
  const word = written.slice(0, 60).toLowerCase()
  let best: string | null = null
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const name of names) {
    const far = distance(word, name.toLowerCase())
    if (far >= least) continue
    least = far
    best = name
  }
  if (best !== null || word.length < 2) return best
  return names.find((name) => name.toLowerCase().startsWith(word)) ?? null
}

/** `; did you mean "…"?`, or nothing. */
export function didYouMean(written: string, names: readonly string[]): string {
  const name = nearest(written, names)
  return name === null ? '' : `; did you mean "${name}"?`
}

/** How many letters must be added, dropped, replaced or swapped with their neighbour to get from one to the other. */
function distance(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1
      let far = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same)
      const swapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      if (i > 1 && j > 1 && swapped) far = Math.min(far, (beforeLast[j - 2] ?? 0) + 1)
      row.push(far)
    }
    beforeLast = last
    last = row
  }
  return last[other.length] ?? 0
}
