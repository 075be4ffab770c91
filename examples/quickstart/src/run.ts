import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One run of the agent: a run that was killed goes on under its name, so that its calls are known again. */
export interface Run {
  readonly id: string
  /** It was begun by a process that is gone. */
  readonly continued: boolean
  /** The run is over: the next one is another. */
  finish(): void
}

/** Begins a run, or goes on with the one that was cut off. */
export function openRun(folder: string): Run {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'run')
  const continued = existsSync(file)
  const id = continued ? readFileSync(file, 'utf8') : randomUUID()
  if (!continued) writeFileSync(file, id)
  return { id, continued, finish: () => rmSync(file, { force: true }) }
}
