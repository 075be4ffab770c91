import { z } from '@hono/zod-openapi'
import { sha256, status, text } from './common-schema'

const edit = z
  .union([
    z.strictObject({
      path: text('JSON Pointer, as the review document shows the place.', '/rows'),
      value: z
        .unknown()
        .refine((value) => value !== undefined, 'is needed')
        .openapi({
          type: ['object', 'array', 'string', 'number', 'boolean', 'null'],
          description: 'What should stand there.',
        }),
    }),
    z.strictObject({ path: text('JSON Pointer.'), remove: z.literal(true) }),
  ])
  .openapi('Edit', {
    description: 'One change to the arguments: `{ path, value }` or `{ path, remove: true }`.',
  })

/** A person's word. Who votes is who authenticated; the body says nothing of it (I5, T03). */
export const vote = z
  .strictObject({
    decision: z.enum(['approve', 'reject']),
    digest: sha256.openapi({ description: '`review.digest` of the document that the person was shown.' }),
    note: z
      .string()
      .max(4_000)
      .optional()
      .openapi({ description: 'Why.', example: 'Checked with the owner of the table.' }),
    edits: z
      .array(edit)
      .max(1_000)
      .optional()
      .openapi({ description: 'With `approve`: what should be different.' }),
  })
  .openapi('Vote', { description: 'One person’s word on exactly what they were shown.' })

/** The polite answer to a vote that counts, or counted before. */
export const receipt = z
  .object({
    status: z.enum(['counted', 'already-counted']),
    requestStatus: status,
    message: text('In words.', 'Counted. The request is approved.'),
  })
  .openapi('VoteReceipt')
