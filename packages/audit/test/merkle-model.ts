import { createHash } from 'node:crypto'

/** RFC 6962, section 2.1, written down word for word: recursive, over the leaves themselves. */
const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The largest power of two smaller than n. */
function split(n: number): number {
  let k = 1
  while (2 * k < n) k = 2 * k
  return k
}

const known = new Map<string, Buffer>()

/** MTH(D[from:to]) of the test's leaves; remembered, since the recursion asks again and again. */
export function modelRoot(from: number, to: number): Buffer {
  const key = `${from}:${to}`
  const root = known.get(key) ?? hashRange(from, to)
  known.set(key, root)
  return root
}

function hashRange(from: number, to: number): Buffer {
  const n = to - from
  if (n === 0) return sha256()
  if (n === 1) return sha256(Buffer.of(0), leafAt(from))
  const k = split(n)
  return sha256(Buffer.of(1), modelRoot(from, from + k), modelRoot(from + k, to))
}

/** PATH(m, D[from:to]). */
export function modelPath(m: number, from: number, to: number): Buffer[] {
  const n = to - from
  if (n === 1) return []
  const k = split(n)
  return m < k
    ? [...modelPath(m, from, from + k), modelRoot(from + k, to)]
    : [...modelPath(m - k, from + k, to), modelRoot(from, from + k)]
}

/** PROOF(m, D[n]), for 0 < m < n. */
export function modelConsistency(m: number, n: number): Buffer[] {
  return subproof(m, 0, n, true)
}

function subproof(m: number, from: number, to: number, seen: boolean): Buffer[] {
  const n = to - from
  if (m === n) return seen ? [] : [modelRoot(from, to)]
  const k = split(n)
  return m <= k
    ? [...subproof(m, from, from + k, seen), modelRoot(from + k, to)]
    : [...subproof(m - k, from + k, to, false), modelRoot(from, from + k)]
}

/** The n-th leaf of every test: of changing length, none equal. */
export function leafAt(n: number): Buffer {
  return Buffer.from(`leaf ${n}${'.'.repeat(n % 7)}`)
}

export function leavesTo(size: number): Buffer[] {
  return Array.from({ length: size }, (_, n) => leafAt(n))
}
