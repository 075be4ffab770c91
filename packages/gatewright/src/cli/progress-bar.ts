import type { VerifyProgress } from '@gatewright/audit'
import type { CommandIo } from './io'

/** What is done sooner needs no bar. */
const QUIET_MS = 1_000
const EVERY_MS = 100
const CELLS = 24

/** Shows how far a verification is, once it takes long enough for somebody to wonder. */
export class ProgressBar {
  readonly #io: CommandIo
  readonly #now: () => number
  readonly #started: number
  #shown = Number.NEGATIVE_INFINITY

  constructor(io: CommandIo, now: () => number = () => performance.now()) {
    this.#io = io
    this.#now = now
    this.#started = now()
  }

  update(progress: VerifyProgress): void {
    const now = this.#now()
    const elapsedMs = now - this.#started
    if (elapsedMs < QUIET_MS || now - this.#shown < EVERY_MS) return
    this.#shown = now
    this.#io.progress(progressLine(progress, elapsedMs, this.#io.columns ?? null))
  }

  done(): void {
    this.#io.progress(null)
  }
}

/** One line: a bar, per cent, entries, entries a second, and the time left. Never longer than the terminal is wide. */
export function progressLine(
  { bytes, entries, totalBytes }: VerifyProgress,
  elapsedMs: number,
  columns: number | null,
): string {
  const part = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes)
  const full = Math.floor(part * CELLS)
  const left = part === 0 ? Number.POSITIVE_INFINITY : (elapsedMs / part) * (1 - part)
  const line = [
    `verifying ${'█'.repeat(full)}${'░'.repeat(CELLS - full)} ${`${Math.floor(part * 100)}`.padStart(3)} %`,
    `${count(entries)} entries`,
    `${count(Math.round(entries / (elapsedMs / 1_000)))}/s`,
    // All was read; what was told out of order is judged at the end.
    part === 1 ? 'finishing' : `${timeLeft(left)} left`,
  ].join('  ')
  // A line that wraps could not be cleared.
  return columns === null ? line : line.slice(0, Math.max(0, columns - 1))
}

function timeLeft(ms: number): string {
  if (!Number.isFinite(ms)) return '?'
  const seconds = Math.ceil(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
