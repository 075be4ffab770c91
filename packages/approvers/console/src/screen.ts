import { clip, type Line } from './line'
import { paint } from './paint'
import type { ConsoleOutput } from './streams'
import { type WatchedStream, watchWrites } from './watch-writes'

const ESC = '\u001b'
const eraseLine = `\r${ESC}[K`

/** The last line of the screen: what can be done now. */
export interface Prompt {
  readonly line: Line
  /** Cells between the cursor and the line's end. */
  readonly back: number
}

/** Writes lines above one last line, the prompt, which is redrawn in place. */
export interface Screen {
  /** Cells of a line, now. */
  width(): number
  /** Lines of the screen, now; `null` if unknown. */
  height(): number | null
  /** Lines that stay. */
  print(lines: readonly Line[]): void
  /** Shows, replaces or (with `null`) clears the prompt. Nothing is written when nothing changed. */
  prompt(prompt: Prompt | null): void
  /** Switches pasted text being told apart (bracketed paste) on or off. */
  markPastes(on: boolean): void
  /** Keeps lines back while something else has the screen, and writes them afterwards. */
  hold(on: boolean): void
  /** Clears the prompt and gives the streams back. Idempotent. */
  close(): void
}

/** How to write. */
export interface ScreenOptions {
  readonly output: ConsoleOutput
  /** Streams that end on the same terminal. What others write there goes above the prompt. */
  readonly watched: readonly WatchedStream[]
  readonly color: boolean
  /** Cells of a line. @default the terminal's */
  readonly width?: number
}

/** A screen on a terminal. Never hides the cursor, so there is none to bring back. */
export function createScreen({ output, watched, color, width }: ScreenOptions): Screen {
  let shown: Prompt | null = null
  let drawn = ''
  let midLine = false
  let own = false
  let held: Line[] | null = null
  const watches = watched.map((stream) =>
    watchWrites(stream, {
      before: () => {
        if (!own && drawn !== '') write(eraseLine)
        if (!own) drawn = ''
      },
      after: (text) => {
        if (own || text === '') return
        midLine = !text.endsWith('\n')
        if (!midLine) draw()
      },
    }),
  )

  function write(text: string): void {
    own = true
    try {
      output.write(text)
    } finally {
      own = false
    }
  }

  function columns(): number {
    return width ?? Math.max(20, output.columns ?? 80)
  }

  /** Overwrites in place and then clears what is left of the old line, so that nothing flickers. */
  function draw(lead = ''): void {
    const text = shown === null ? '' : drawing(shown)
    if (lead === '' && text === drawn) return
    const fresh = midLine ? '\r\n' : ''
    midLine = false
    write(text === '' ? `${lead}${drawn === '' ? '' : eraseLine}` : `${lead}${fresh}\r${text}`)
    drawn = text
  }

  function drawing({ line, back }: Prompt): string {
    // One cell stays free: a full line would wrap, and could not be erased in place.
    const text = paint(clip(line, columns() - 1), color)
    return `${text}${ESC}[K${back > 0 ? `${ESC}[${back}D` : ''}`
  }

  function print(lines: readonly Line[]): void {
    if (held !== null) {
      held.push(...lines)
      return
    }
    const start = drawn === '' ? (midLine ? '\r\n' : '') : eraseLine
    midLine = false
    drawn = ''
    draw(`${start}${lines.map((line) => `${paint(line, color)}\r\n`).join('')}`)
  }

  const redraw = (): void => {
    drawn = ''
    draw()
  }
  output.on('resize', redraw)

  return {
    width: columns,
    height: () => output.rows ?? null,
    print,
    prompt(prompt) {
      shown = prompt
      draw()
    },
    markPastes(on) {
      write(`${ESC}[?2004${on ? 'h' : 'l'}`)
    },
    hold(on) {
      if (on) held ??= []
      const lines = on ? null : held
      if (!on) held = null
      if (lines !== null) print(lines)
    },
    close() {
      shown = null
      draw()
      output.off('resize', redraw)
      for (const watch of watches) watch.stop()
    },
  }
}
