import type { Logger } from '@gatewright/core'

/** A logger that keeps what it is told. */
export interface Notebook extends Logger {
  readonly entries: {
    readonly level: 'info' | 'warn' | 'error'
    readonly message: string
    readonly fields: unknown
  }[]
}

/** Makes a logger. */
export function notebook(): Notebook {
  const entries: Notebook['entries'] = []
  const at =
    (level: 'info' | 'warn' | 'error') => (message: string, fields?: Readonly<Record<string, unknown>>) =>
      void entries.push({ level, message, fields })
  return { entries, info: at('info'), warn: at('warn'), error: at('error') }
}
