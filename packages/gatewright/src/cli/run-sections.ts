import { randomBytes } from 'node:crypto'
import type { CommandIo } from './io'

/** What of a job's log a CI system can fold: one part after the other, each under a title. */
export interface Sections {
  /**
   * Begins one; the one before ends.
   *
   * @param name - small letters
   * @param title - a line that was made inert: markers end in characters that such a line cannot have
   * @param isFolded - only its title is seen until somebody opens it
   */
  begin(name: string, title: string, isFolded?: boolean): void
  /** Ends the one that was begun, if one was. */
  end(): void
}

/** What begins and ends each marker: GitLab takes nothing else for one. */
const ERASE = '\u001b[0K'

/** Sections of GitLab's job logs, in Unix seconds: https://docs.gitlab.com/ci/jobs/job_logs/ */
export function gitlabSections(io: CommandIo): Sections {
  // Of this process alone: names are told apart within a job, and nothing that writes beside us knows them.
  const own = randomBytes(6).toString('hex')
  let open: string | null = null
  const mark = (what: 'start' | 'end', name: string, title = '') =>
    io.err(`${ERASE}section_${what}:${Math.floor(Date.now() / 1_000)}:${name}\r${ERASE}${title}`)
  const sections: Sections = {
    begin(name, title, isFolded = false) {
      sections.end()
      open = `gatewright_${name}_${own}`
      mark('start', isFolded ? `${open}[collapsed=true]` : open, title)
    },
    end() {
      if (open !== null) mark('end', open)
      open = null
    },
  }
  return sections
}
