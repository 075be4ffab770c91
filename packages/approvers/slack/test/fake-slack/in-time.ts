const MS = 3_000
const STEP_MS = 50

/**
 * What `work` comes to within the three seconds that Slack gives an app; else it rejects with `late`. They are seconds in which
 * this process could have gone on: one that stalls, as on a busy machine, loses none of them by it.
 */
export async function inTime<T>(work: Promise<T>, late: string): Promise<T> {
  let steps = 0
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_resolve, reject) => {
    // However late it comes, it is one step.
    timer = setInterval(() => {
      steps += 1
      if (steps * STEP_MS >= MS) reject(new Error(late))
    }, STEP_MS)
  })
  try {
    return await Promise.race([work, over])
  } finally {
    clearInterval(timer)
  }
}
