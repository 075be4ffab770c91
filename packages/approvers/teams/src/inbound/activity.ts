import { z } from 'zod'

const account = z.object({
  id: z.string().min(1).max(300),
  name: z.string().max(1_000).optional(),
  aadObjectId: z.string().max(100).optional(),
  role: z.string().max(100).optional(),
  tenantId: z.string().max(100).optional(),
})

const form = z.object({
  type: z.string().max(100),
  name: z.string().max(100).optional(),
  action: z.string().max(100).optional(),
  channelId: z.string().max(100),
  serviceUrl: z.string().max(1_000),
  from: account,
  recipient: account,
  conversation: z.object({
    id: z.string().min(1).max(1_000),
    tenantId: z.string().max(100).optional(),
    conversationType: z.string().max(100).optional(),
  }),
  channelData: z.object({ tenant: z.object({ id: z.string().max(100) }).optional() }).optional(),
  membersAdded: z.array(account).max(1_000).optional(),
  replyToId: z.string().max(300).optional(),
  value: z.unknown().optional(),
})

/** What Teams tells a bot, in the parts that are used here. */
export type Activity = z.infer<typeof form>

/** Reads a verified body; `null` for what is no activity. */
export function readActivity(body: Uint8Array): Activity | null {
  try {
    return form.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)))
  } catch {
    return null
  }
}

const data = z.object({
  gatewright: z.object({
    does: z.enum(['approve', 'reject', 'view']),
    value: z.string().max(2_000),
    delivery: z.string().max(300),
  }),
  note: z.string().max(10_000).optional(),
})

const invoked = z.object({ action: z.object({ type: z.literal('Action.Execute'), data }) })

/** What somebody pressed, and what they wrote. */
export type Press = z.infer<typeof data>['gatewright'] & { readonly note: string | null }

/** Reads what a pressed button sent: by `Action.Execute`, or by the `Action.Submit` in its place. `null`: none of ours. */
export function readPress({ type, name, value }: Activity): Press | null {
  const pressed =
    type === 'invoke' && name === 'adaptiveCard/action'
      ? invoked.safeParse(value).data?.action.data
      : type === 'message'
        ? data.safeParse(value).data
        : undefined
  if (pressed === undefined) return null
  const note = pressed.note?.trim() ?? ''
  return { ...pressed.gatewright, note: note === '' ? null : note }
}
