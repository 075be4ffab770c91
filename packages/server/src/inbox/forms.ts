import { z } from 'zod'
import type { Ctx, Site } from '../http/environment'
import { fieldsOf } from '../http/form'
import { HttpProblem } from '../http/problems'

const MOST_NOTE = 4_000

const csrf = z.string()
const digest = z.string().regex(/^[0-9a-f]{64}$/)
// Browsers send the ends of lines as two characters.
const note = z
  .string()
  .transform((text) => text.replaceAll('\r\n', '\n').trim())
  .pipe(z.string().max(MOST_NOTE))
  .optional()

/** A vote on the document that was shown. */
export const voteForm = z.strictObject({ csrf, digest, note, decision: z.enum(['approve', 'reject']) })

/** Arguments as somebody changed them; only `approve` votes. */
export const editForm = z.strictObject({
  csrf,
  digest,
  note,
  arguments: z
    .string()
    .max(1_000_000)
    .transform((text) => text.replaceAll('\r\n', '\n')),
  previewed: z.string().optional(),
  step: z.enum(['preview', 'approve']),
})

/** A form that says nothing but that its button was pressed. */
export const plainForm = z.strictObject({ csrf })

/**
 * Reads a form, strictly: a field that is not known, or comes twice, is refused and never ignored (T03, T08), and the
 * attempt is noted.
 *
 * @throws HttpProblem 400 for what is no form, 422 naming the fields
 */
export async function readForm<Form extends z.ZodType>(
  c: Ctx,
  { settings }: Site,
  form: Form,
): Promise<z.output<Form>> {
  const given = await fieldsOf(c)
  const parsed = form.safeParse(given)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')],
  )
  const named = [...new Set(fields)].slice(0, 10).map((field) => field.slice(0, 40))
  settings.logger.warn(
    { requestId: c.get('requestId'), subject: c.get('session')?.principal.subject, fields: named },
    'a form was refused',
  )
  throw new HttpProblem(
    422,
    'form',
    `This form holds what it should not, or lacks what it needs, so nothing was done: ${named.join(', ')}.`,
  )
}
