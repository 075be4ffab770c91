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
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await c.req.arrayBuffer())
    value = JSON.parse(text)
    // Hono looks there before it reads for a schema, and would decode the bytes once more, by way of a whole answer.
    Object.assign(c.req.bodyCache, { text: Promise.resolve(text) })
  } catch {
    throw new HttpProblem(400, 'malformed', 'The body is no JSON text in UTF-8.')
  }
  // T08: schemas pass it over in silence.
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'))
    throw new HttpProblem(422, 'not-valid', 'The body has the unknown field "__proto__".', {
      errors: [{ path: '/__proto__', message: 'is not a field here' }],
    })
}
