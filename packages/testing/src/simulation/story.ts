/** What happened, in order and in words: printed for a seed that fails. The same seed tells the same story. */
export interface Story {
  /** Adds a line. Ids that chance made are replaced by `#1`, `#2`… in the order in which they first appear. */
  tell(who: string, what: string): void
  /** A detail, kept only when the story is told in full. */
  detail(who: string, what: string): void
  readonly lines: readonly string[]
  /** A digest of all that was told, details included, kept or not. */
  readonly trace: string
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
  const trace = createTrace()

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
    const said = named(what)
    trace.add(`${now()} ${who} ${said}`)
    lines.push(`${String(now()).padStart(6)} ms  ${who.padEnd(8)} ${said}`)
  }

  // Whether details are kept or not, ids get the same names, and the trace is the same.
  function note(who: string, what: string): void {
    trace.add(`${now()} ${who} ${named(what)}`)
  }

  return {
    tell,
    detail: full ? tell : note,
    lines,
    get trace() {
      return trace.digest()
    },
  }
}

/** FNV-1a of 32 bits, twice with different offsets: quick, and enough to tell two runs apart. */
function createTrace() {
  let one = 0x811c9dc5
  let other = 0x9747b28c
  return {
    add(text: string): void {
      for (let index = 0; index < text.length; index += 1) {
        const unit = text.charCodeAt(index)
        one = Math.imul(one ^ unit, 0x01000193)
        other = Math.imul(other ^ unit, 0x01000193)
      }
    },
    digest: () => [one, other].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join(''),
  }
}
