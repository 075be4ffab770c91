/** Waits: twice as long at each attempt, half of it by chance, so that many do not come again at once. */
export function pause(attempt: number, firstMs: number, longestMs: number): Promise<void> {
  const longest = Math.min(longestMs, firstMs * 2 ** attempt)
  return new Promise((resolve) => {
    // Whoever waits for the answer keeps the process alive by other means, or not.
    setTimeout(resolve, longest / 2 + (Math.random() * longest) / 2)
  })
}
