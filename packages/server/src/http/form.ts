import type { Context } from 'hono'
import { HttpProblem } from './problems'

/** The fields of a posted form. @throws HttpProblem 400 for what is no form */
export async function readForm(c: Context): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await c.req.parseBody()
  } catch {
    throw new HttpProblem(400, 'malformed', 'What was sent is no form, so nothing was done.')
  }
}
