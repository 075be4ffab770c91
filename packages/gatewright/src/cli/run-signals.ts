import { signalExit } from './run-command'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What signals do: they end the waiting, and reach the command once it runs. */
export interface Signals {
  /** Aborts with the first one that comes before the command runs. */
  readonly waiting: AbortSignal
  /** The one that ended the waiting. */
  readonly first: () => NodeJS.Signals | null
  /** From now on signals are the command's; with `null` they are this process's again. */
  give(send: ((signal: NodeJS.Signals) => void) | null): void
  /** Signals mean to this process what they meant before. */
  end(): void
}

/** Listens for signals, until `end`. A second one while the waiting ends does not wait for anybody. */
export function listenForSignals(): Signals {
  const stop = new AbortController()
  let first: NodeJS.Signals | null = null
  let send: ((signal: NodeJS.Signals) => void) | null = null
  // A terminal tells everybody in its foreground: told twice, many commands give up at once.
  const told = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY === true)

  const heard = SIGNALS.map((signal) => {
    const hear = () => {
      if (send !== null) {
        if (signal === 'SIGTERM' || !told) send(signal)
      } else if (first === null) {
        first = signal
        stop.abort()
      } else process.exit(signalExit(signal))
    }
    process.on(signal, hear)
    return [signal, hear] as const
  })

  return {
    waiting: stop.signal,
    first: () => first,
    give(to) {
      send = to
      // It came while the command was being started.
      if (first !== null) to?.(first)
    },
    end() {
      for (const [signal, hear] of heard) process.off(signal, hear)
    },
  }
}
