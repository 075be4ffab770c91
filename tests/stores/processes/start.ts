import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { root } from '../../../scripts/workspace.mjs'
import { bundled } from '../../bundled'

const programs = await bundled(import.meta.dirname, ['effects.ts', 'mortal.ts', 'racing.ts'])

/** A program of this folder in a process of its own, and the lines that it says. */
export interface Started {
  readonly child: ChildProcess
  readonly lines: readonly string[]
  /** Resolves with what follows the word once it has said so many more lines that begin with it. Rejects when it ends before. */
  hear(word: string, times?: number): Promise<string>
  /** Resolves once it has ended and all that it said was read. */
  readonly ended: Promise<void>
}

/** Starts a program. Whatever becomes of the test, it does not outlive it. */
export function start(program: keyof typeof programs, ...told: readonly string[]): Started {
  const child = spawn(process.execPath, [programs[program], ...told], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => {})
  reader.on('line', (line) => lines.push(line))
  return {
    child,
    lines,
    ended,
    hear: (word, times = 1) =>
      new Promise((resolve, reject) => {
        let left = times
        const listen = (line: string) => {
          if (line !== word && !line.startsWith(`${word} `)) return
          left -= 1
          if (left > 0) return
          reader.off('line', listen)
          resolve(line.slice(word.length + 1))
        }
        reader.on('line', listen)
        void ended.then(() =>
          reject(new Error(`${program} ended before it said "${word}"; it last said "${lines.at(-1)}"`)),
        )
      }),
  }
}
