import { setTraceProcessors, setTracingDisabled } from '@openai/agents'
import { afterAll, beforeAll } from 'vitest'

/** The SDK has no traces in tests unless it is told to; these go nowhere. */
export function traced(): void {
  beforeAll(() => {
    setTraceProcessors([])
    setTracingDisabled(false)
  })
  afterAll(() => setTracingDisabled(true))
}
