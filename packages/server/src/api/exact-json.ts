import { canonicalize, type Json } from '@gatewright/core'
import { HttpProblem } from '../http/problems'

/**
 * Named arguments as they were sent, in their canonical form: what is digested is what every other program digests.
 *
 * @throws HttpProblem 422 for a number that lost digits on its way in: people would approve another one (I2)
 * @throws GatewrightError `ERR_ARGUMENTS_UNSUPPORTED` for what JSON can write and not keep: lone surrogates, nesting
 *   deeper than 1,000
 */
export function exactArguments(value: unknown): {
  readonly args: Readonly<Record<string, unknown>>
  /** Of `[arguments]`: a call with one object. */
  readonly text: string
} {
  const text = canonicalize([value as Json])
  const [args] = JSON.parse(text) as [Record<string, unknown>]
  assertExact(args, '/arguments')
  return { args, text }
}

function assertExact(value: unknown, path: string): void {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new HttpProblem(422, 'not-valid', `${path} is an integer beyond ±(2^53 − 1).`, {
      errors: [{ path, message: 'would lose digits: send it as text' }],
    })
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value))
    assertExact(member, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
}
