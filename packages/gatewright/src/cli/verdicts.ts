import { existsSync } from 'node:fs'
import type { Verdict } from '@gatewright/audit'
import { Exit, UsageError } from './exit'

/** What a command that verifies exits with. */
export const EXIT_OF: Readonly<Record<Verdict['status'], number>> = {
  valid: Exit.ok,
  invalid: Exit.invalid,
  diverged: Exit.diverged,
  incomplete: Exit.incomplete,
}

/** What a verdict means, in words. */
export const MEANING: Readonly<Record<Verdict['status'], string>> = {
  valid: 'everything that was checked holds.',
  invalid: 'it was changed, or it tells what cannot have been. Do not rely on it.',
  diverged: 'it is not the log that the known head speaks of: rewritten, rolled back or cut.',
  incomplete: 'nothing is wrong with what is there, but not all of it is there.',
}

/** Files with the keys that are trusted. */
export interface TrustFiles {
  readonly files: readonly string[]
  /** They were not named, but lie beside the logs: whoever wrote the logs may have written them. */
  readonly beside: boolean
}

/** The trust files; those beside the logs when none was named. @throws UsageError when there is none */
export function trustFor(directories: readonly string[], named: readonly string[] | undefined): TrustFiles {
  if (named !== undefined) return { files: named, beside: false }
  const nothing = directories.find((directory) => !existsSync(directory))
  if (nothing !== undefined)
    throw new UsageError(`there is no ${nothing}: name the directory of a log, or the file of a receipt`)
  const files = directories.map((directory) => `${directory.replace(/[/\\]+$/, '')}.trust.json`)
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined)
    throw new UsageError(
      `whose signatures do you trust? Give --trust FILE, with the keys that "gatewright audit key" prints (there is no ${missing})`,
    )
  return { files, beside: true }
}

/** What has to be said of keys that came from beside the log; `null` when they did not. */
export function besideWarning({ beside, files }: TrustFiles): string | null {
  return beside
    ? `The trusted keys came from ${files.join(', ')}, beside the log: whoever wrote the log may have written them.`
    : null
}
