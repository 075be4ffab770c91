import { setTimeout as pause } from 'node:timers/promises'
import { isBusy } from '../driver-errors'

const FIRST_MS = 1
const LONGEST_MS = 25

/**
 * Tries again while another connection holds the file. The driver could wait by itself, but would hold one of its few threads
 * meanwhile: of several stores of a program, those that wait would then keep the one that holds the lock from its commit.
 */
export async function patiently(forMs: number, work: () => Promise<void> | void): Promise<void> {
  const until = performance.now() + forMs
  for (let ms = FIRST_MS; ; ms = Math.min(LONGEST_MS, ms * 2)) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error
    }
    // Not all at the same moment.
    await pause(ms * (0.5 + Math.random()))
  }
}
