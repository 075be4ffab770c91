import type { Clock, Timer } from '@gatewright/core'
import type { Input } from './keys'
import type { Line } from './line'
import { type LineInput, lineInput, showLineInput, typeInto } from './line-input'
import type { Prompt, Screen } from './screen'

/** How long the keyboard must have been silent, after something new was shown, before a key means anything. */
export const silenceMs = 300

/** What the last line of the screen is for, one thing at a time. */
export interface Dialogue {
  /**
   * Waits for single keys. Keys mean nothing until the keyboard was silent for {@link silenceMs}: what was typed before
   * somebody could read what they would decide is dropped, and so is everything pasted.
   */
  keys(prompt: () => Line, press: (key: string) => void): void
  /** One of the characters of `allowed`, or `null`: Esc, or something else came up. Guarded like {@link keys}. */
  choose(prompt: Line, allowed: string): Promise<string | null>
  /** A line of text, or `null`: Esc, or something else came up. */
  ask(label: Line, initial?: string): Promise<string | null>
  /** Takes no keys and says why. */
  busy(prompt: Line): void
  /** Shows nothing and takes no keys. */
  idle(): void
  /** What happened at the keyboard. */
  input(inputs: readonly Input[]): void
  /** Shows the prompt as it reads now. */
  refresh(): void
}

interface Mode {
  prompt(): Prompt | null
  input(inputs: readonly Input[]): void
  /** Something else comes up. */
  end?(): void
}

/** A dialogue on the last line of a screen. */
export function createDialogue(screen: Screen, clock: Clock): Dialogue {
  const nothing: Mode = { prompt: () => null, input: () => {} }
  let mode = nothing

  function enter(next: Mode): void {
    const last = mode
    mode = next
    last.end?.()
    if (mode === next) screen.prompt(next.prompt())
  }

  function refresh(): void {
    screen.prompt(mode.prompt())
  }

  function keys(prompt: () => Line, press: (key: string) => void, end?: () => void): void {
    let armed = false
    let timer: Timer | null = null

    function arm(): void {
      timer?.cancel()
      timer = clock.setTimer(
        silenceMs,
        () => {
          // Keys that arrived while the process was busy are read before `setImmediate` runs, and start the wait anew.
          const fired = timer
          setImmediate(() => {
            if (timer === fired) armed = true
          })
        },
        { background: true },
      )
    }

    enter({
      prompt: () => ({ line: prompt(), back: 0 }),
      input(inputs) {
        if (!armed) return arm()
        // Several characters of one chunk are a paste, whatever sent them.
        const [input] = inputs
        if (input === undefined || input.type === 'paste') return
        press(input.type === 'text' ? input.text : input.key)
      },
      end() {
        timer?.cancel()
        timer = null
        end?.()
      },
    })
    arm()
  }

  return {
    keys(prompt, press) {
      keys(prompt, press)
    },
    choose(prompt, allowed) {
      return new Promise((resolve) => {
        const press = (key: string): void => {
          if (key === 'escape') settle(null)
          else if (key.length === 1 && allowed.includes(key)) settle(key)
        }
        const settle = (key: string | null): void => {
          resolve(key)
          enter(nothing)
        }
        keys(
          () => prompt,
          press,
          () => resolve(null),
        )
      })
    },
    ask(label, initial = '') {
      return new Promise((resolve) => {
        let line: LineInput = lineInput(initial)
        enter({
          prompt: () => showLineInput(label, line, screen.width() - 1),
          input(inputs) {
            for (const input of inputs) {
              const step = typeInto(line, input)
              if (step.type !== 'typing') {
                resolve(step.type === 'submit' ? step.text : null)
                return enter(nothing)
              }
              line = step.line
            }
            refresh()
          },
          end: () => resolve(null),
        })
      })
    },
    busy(prompt) {
      enter({ prompt: () => ({ line: prompt, back: 0 }), input: () => {} })
    },
    idle() {
      enter(nothing)
    },
    input(inputs) {
      mode.input(inputs)
    },
    refresh,
  }
}
