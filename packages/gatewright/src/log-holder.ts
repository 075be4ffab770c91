import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who has a log open, by its lock. */
export interface LogHolder {
  readonly host: string
  readonly pid: number
}

/** Who has the log in a directory open: `null` when nobody has, `'unreadable'` when the lock does not say. */
export function logHolder(directory: string): LogHolder | 'unreadable' | null {
  try {
    const { host, pid } = JSON.parse(readFileSync(join(directory, 'lock'), 'utf8')) as Partial<LogHolder>
    return typeof host === 'string' && typeof pid === 'number' ? { host, pid } : 'unreadable'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable'
  }
}
