import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { bundled } from '../../../../tests/bundled'

const programs = await bundled(import.meta.dirname, ['writing-process.ts'])

/** A process that writes to the log, and the lines that it says. */
export interface Writer {
  readonly child: ChildProcess
  readonly lines: readonly string[]
  /** Resolves once it has ended and all that it said was read. */
  readonly done: Promise<void>
}

/** Starts one that writes events of a subject into a directory, until it is killed. */
export function startWriter(directory: string, subject: string): Writer {
  const child = spawn(process.execPath, [programs['writing-process.ts'], directory, subject], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const done = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => {})
  return { child, lines, done }
}
