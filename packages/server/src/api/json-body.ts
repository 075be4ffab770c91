import type { Ctx } from '../http/environment'
import { HttpProblem } from '../http/problems'

const JSON_TYPE = /^application\/json(?:\s*;\s*charset\s*=\s*"?utf-8"?)?\s*$/i

/**
 * Checks the form of a request's body before a schema reads it: JSON in UTF-8, said to be so.
 *
 * @throws HttpProblem 415 for another type, 400 for what is no JSON
 */
export async function assertJson(c: Ctx): Promise<void> {
  // A form of another site can send text, but no JSON without asking first.
  if (!JSON_TYPE.test(c.req.header('content-type') ?? ''))
    throw new HttpProblem(415, 'not-json', 'Send the body as "Content-Type: application/json".')
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await c.req.arrayBuffer()))
  } catch {
    throw new HttpProblem(400, 'malformed', 'The body is no JSON text in UTF-8.')
  }
  // T08: schemas pass it over in silence.
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'))
    throw new HttpProblem(422, 'not-valid', 'The body has the unknown field "__proto__".', {
      errors: [{ path: '/__proto__', message: 'is not a field here' }],
    })
}
