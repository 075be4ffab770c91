/** What happened, in order and in words: printed for a seed that fails. The same seed tells the same story. */
export interface Story {
  /** Adds a line. Ids that chance made are replaced by `#1`, `#2`… in the order in which they first appear. */
  tell(who: string, what: string): void
  /** A detail, kept only when the story is told in full. */
  detail(who: string, what: string): void
  readonly lines: readonly string[]
}

const ULID = /[0-9A-HJKMNP-TV-Z]{26}/g

/**
 * Makes an empty story.
 *
 * @param parts.now - milliseconds since the world began, put before each line
 * @param parts.full - keep details too
 */
export function createStory({ now, full }: { readonly now: () => number; readonly full: boolean }): Story {
  const lines: string[] = []
  const names = new Map<string, string>()

  function named(text: string): string {
    return text.replace(ULID, (id) => {
      const known = names.get(id)
      if (known !== undefined) return known
      const name = `#${names.size + 1}`
      names.set(id, name)
      return name
    })
  }

  function tell(who: string, what: string): void {
    lines.push(named(`${String(now()).padStart(6)} ms  ${who.padEnd(8)} ${what}`))
  }

  return { tell, detail: full ? tell : () => {}, lines }
}
