/**
 * Bytes that are reachable now: the heap, and the buffers beside it. Collects until it does not shrink any more.
 *
 * @throws Error without `--expose-gc`
 */
export async function reachableBytes() {
  if (typeof globalThis.gc !== 'function') throw new Error('memory rows need node --expose-gc')
  let last = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 10; tries += 1) {
    await new Promise(setImmediate)
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    const now = heapUsed + external
    if (now > last * 0.999) return Math.min(now, last)
    last = now
  }
  return last
}
