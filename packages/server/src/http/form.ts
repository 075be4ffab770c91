import type { Context } from 'hono'
import { HttpProblem } from './problems'

/** The fields of a posted form, a list for one that comes several times. @throws HttpProblem 400 for what is no form */
export async function fieldsOf(c: Context): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await c.req.parseBody({ all: true })
  } catch {
    throw new HttpProblem(400, 'malformed', 'What was sent is no form, so nothing was done.')
  }
}
