import { createKeyDecoder, type Input } from './keys'
import type { ConsoleInput } from './streams'

/** Signals that end a program, or stop it, and before which the terminal must be given back. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Who hears what happens at the keyboard. */
export interface TerminalEvents {
  input(inputs: readonly Input[]): void
  /** The terminal hung up, the process ends, or a signal arrived: everything must be given back at once. */
  leave(): void
}

/** The keyboard of a terminal, taken only while there is something to decide. */
export interface Terminal {
  /** Raw mode: keys arrive one by one, unechoed. Idempotent. */
  take(): void
  /** As it was before. Idempotent. */
  release(): void
  readonly taken: boolean
}

/** Takes and gives back a terminal's keyboard. Whatever ends the process gives it back first. */
export function createTerminal(input: ConsoleInput, events: TerminalEvents): Terminal {
  let taken = false
  let wasRaw = false
  let decode = createKeyDecoder()

  const onData = (chunk: unknown): void => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return
    const inputs = decode(chunk)
    if (inputs.length > 0) events.input(inputs)
  }
  const onGone = (): void => events.leave()
  const onSignal = (signal: NodeJS.Signals): void => {
    events.leave()
    // A listener changes what a signal does by default. If ours was the only one, it does that now.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }

  function release(): void {
    if (!taken) return
    taken = false
    input.off('data', onData)
    input.off('end', onGone)
    input.off('error', onGone)
    process.off('exit', onGone)
    for (const signal of signals) process.off(signal, onSignal)
    input.setRawMode?.(wasRaw)
    input.pause()
  }

  return {
    get taken() {
      return taken
    },
    take() {
      if (taken) return
      taken = true
      wasRaw = input.isRaw ?? false
      decode = createKeyDecoder()
      input.setRawMode?.(true)
      input.on('data', onData)
      input.on('end', onGone)
      input.on('error', onGone)
      process.on('exit', onGone)
      for (const signal of signals) process.on(signal, onSignal)
      input.resume()
    },
    release,
  }
}
