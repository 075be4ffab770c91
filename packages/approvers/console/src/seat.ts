import type { Clock, Timer } from '@gatewright/core'
import type { Input } from './keys'
import type { Screen } from './screen'
import type { Terminal, TerminalEvents } from './terminal'

/** What a seat works with. */
export interface SeatOptions {
  readonly clock: Clock
  readonly screen: Screen
  readonly terminal: (events: TerminalEvents) => Terminal
  /** Keys, except those that a terminal itself obeys. */
  input(inputs: readonly Input[]): void
  /** Every second while the seat is taken. */
  tick(): void
  /** The keyboard must be given back at once. */
  leave(): void
  /** Ctrl-C or Ctrl-Z was pressed. */
  signal(signal: 'SIGINT' | 'SIGTSTP'): void
}

/** The terminal while somebody sits at it. */
export interface Seat {
  readonly taken: boolean
  /** Something else (an editor) has the terminal for now. */
  readonly lent: boolean
  take(): void
  /** Gives the terminal back as it was. Idempotent. */
  giveBack(): void
  /** Lends the terminal; lines that are printed meanwhile appear afterwards. */
  lend<Result>(use: () => Promise<Result>): Promise<Result>
}

const tickMs = 1000

/** A seat nobody has taken yet. */
export function createSeat({ clock, screen, ...options }: SeatOptions): Seat {
  const keyboard = options.terminal({ input, leave: () => options.leave() })
  let timer: Timer | null = null
  let lent = false

  function input(inputs: readonly Input[]): void {
    // Wherever it stands: Ctrl-C always works.
    const signal = inputs.map(signalOf).find((one) => one !== null)
    if (signal === undefined || signal === null) options.input(inputs)
    else options.signal(signal)
  }

  function onTick(): void {
    timer = clock.setTimer(tickMs, onTick, { background: true })
    options.tick()
  }

  function take(): void {
    if (keyboard.taken) return
    keyboard.take()
    screen.markPastes(true)
    timer = clock.setTimer(tickMs, onTick, { background: true })
  }

  function giveBack(): void {
    timer?.cancel()
    timer = null
    if (!keyboard.taken) return
    screen.markPastes(false)
    keyboard.release()
  }

  return {
    get taken() {
      return keyboard.taken
    },
    get lent() {
      return lent
    },
    take,
    giveBack,
    async lend(use) {
      lent = true
      giveBack()
      screen.hold(true)
      try {
        return await use()
      } finally {
        lent = false
        screen.hold(false)
        take()
      }
    },
  }
}

function signalOf(input: Input): 'SIGINT' | 'SIGTSTP' | null {
  if (input.type !== 'key') return null
  if (input.key === 'interrupt') return 'SIGINT'
  return input.key === 'suspend' ? 'SIGTSTP' : null
}
