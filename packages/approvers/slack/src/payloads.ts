import { z } from 'zod'

// What Slack sends has many more fields: those that are not named here are neither read nor believed.
const id = z.string().min(1).max(60)
const sender = {
  user: z.object({ id }),
  team: z.object({ id }).nullish(),
  enterprise: z.object({ id }).nullish(),
}
const view = z.object({
  id,
  callback_id: z.string().max(255).optional(),
  private_metadata: z.string().max(3_000).optional(),
  state: z.object({ values: z.record(z.string(), z.record(z.string(), z.unknown())) }).optional(),
})

const pressed = z.object({
  type: z.literal('block_actions'),
  ...sender,
  trigger_id: z.string().max(300),
  container: z.union([
    z.object({ type: z.literal('message'), message_ts: id, channel_id: id }),
    z.object({ type: z.literal('view'), view_id: id }),
  ]),
  view: view.optional(),
  actions: z
    .array(z.object({ action_id: z.string().max(255), value: z.string().max(2_000).optional() }))
    .min(1)
    .max(25),
})

const submitted = z.object({ type: z.literal('view_submission'), ...sender, view })

const other = z.object({ type: z.string().max(60) })

/** What somebody did in Slack, as far as it is read. */
export type Payload = z.infer<typeof pressed> | z.infer<typeof submitted> | { readonly type: 'other' }

/** What Slack sent. `null`: it is malformed. Kinds that this app does not use are `other`. */
export function readPayload(value: unknown): Payload | null {
  const kind = other.safeParse(value)
  if (!kind.success) return null
  const { type } = kind.data
  if (type === 'block_actions') return pressed.safeParse(value).data ?? null
  if (type === 'view_submission') return submitted.safeParse(value).data ?? null
  return { type: 'other' }
}

const metadata = z.strictObject({
  /** Sealed for whom the modal was opened for. */
  token: z.string().max(1_000),
  channel: id,
  decision: z.enum(['approve', 'reject']),
  /** Whether the vote needs a reason. */
  needed: z.boolean(),
})

/** What a modal of ours carries. */
export type ViewMetadata = z.infer<typeof metadata>

/** What a modal of ours carries, or `null`. */
export function readMetadata(text: string | undefined): ViewMetadata | null {
  try {
    return metadata.safeParse(JSON.parse(text ?? '')).data ?? null
  } catch {
    return null
  }
}

const typed = z.object({ value: z.string().max(4_000).nullish() })

/** What was written into an input of a modal; an empty text when nothing was. */
export function readInput(of: z.infer<typeof view>, name: string): string {
  return typed.safeParse(of.state?.values[name]?.[name]).data?.value ?? ''
}
