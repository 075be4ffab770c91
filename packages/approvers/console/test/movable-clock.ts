import { type Clock, systemClock } from '@gatewright/core'

/** The computer's clock, moved ahead by whoever tests a program: what waits for hours ends when the test has seen what it needs. */
export interface MovableClock extends Clock {
  move(ms: number): void
}

/** Makes one that goes right. */
export function movableClock(): MovableClock {
  let ahead = 0
  const resets = new Set<() => void>()
  const now = () => systemClock.now() + ahead
  return {
    now,
    setTimer(ms, fire, { background = false } = {}) {
      const at = now() + ms
      let alive = !background
      const set = () =>
        systemClock.setTimer(
          at - now(),
          () => {
            resets.delete(reset)
            fire()
          },
          { background: !alive },
        )
      const reset = () => {
        timer.cancel()
        timer = set()
      }
      let timer = set()
      resets.add(reset)
      return {
        cancel() {
          resets.delete(reset)
          timer.cancel()
        },
        keepAlive(value) {
          alive = value
          timer.keepAlive?.(value)
        },
      }
    },
    move(ms) {
      ahead += ms
      for (const reset of [...resets]) reset()
    },
  }
}
