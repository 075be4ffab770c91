import { GatewrightError } from '@gatewright/core'
import type { Answer } from './evidence'
import { PerformError } from './process'

/** What a caller was told who got a value. */
export function resultOf(value: unknown): Answer {
  const effect =
    typeof value === 'object' && value !== null && 'effect' in value ? Number(value.effect) : null
  return { type: 'result', effect }
}

/** What a caller was told who got an error. */
export function errorOf(error: unknown): Answer {
  if (error instanceof PerformError) return { type: 'thrown', effect: error.effect }
  if (GatewrightError.isInstance(error))
    return { type: 'error', code: error.code, requestId: error.requestId ?? null }
  return { type: 'foreign', name: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}

/** The same in words. */
export function describe(answer: Answer): string {
  switch (answer.type) {
    case 'result':
      return answer.effect === null ? 'done' : `the result of effect ${answer.effect}`
    case 'thrown':
      return `the error of effect ${answer.effect}`
    case 'error':
      return `${answer.code}${answer.requestId === null ? '' : ` (request ${answer.requestId})`}`
    case 'foreign':
      return answer.name
  }
}
