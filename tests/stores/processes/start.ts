import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '../../..')

/** A program of this folder in a process of its own, and the lines that it says. */
export interface Started {
  readonly child: ChildProcess
  readonly lines: readonly string[]
  /** Resolves once it has said so many lines, or has ended. */
  said(count: number): Promise<void>
  /** Resolves once it has ended and all that it said was read. */
  readonly ended: Promise<void>
}

/** Starts a program. */
export function start(program: string, ...told: readonly string[]): Started {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, program), ...told], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => {})
  reader.on('line', (line) => lines.push(line))
  return {
    child,
    lines,
    ended,
    said: (count) =>
      new Promise((resolve) => {
        const look = () => lines.length >= count && resolve()
        reader.on('line', look)
        void ended.then(() => resolve())
        look()
      }),
  }
}
