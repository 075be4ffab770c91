import { GatewrightError } from '@gatewright/core'

/** Teams, or the sign-in of the bot, did not do what it was asked. Holds no text that it wrote, no address and no secret. */
export class TeamsError extends GatewrightError<'ERR_TEAMS_FAILED'> {
  /** The status of HTTP; `null` when there was no answer. */
  readonly status: number | null
  /** Teams' own code, as `ConversationNotFound`; `''` when it gave none. */
  readonly reason: string

  constructor(
    message: string,
    fields: { readonly status?: number | null; readonly reason?: string; cause?: unknown },
  ) {
    super('ERR_TEAMS_FAILED', message, { cause: fields.cause })
    this.status = fields.status ?? null
    this.reason = fields.reason ?? ''
    this.name = 'TeamsError'
  }
}

const GONE_REASONS: ReadonlySet<string> = new Set([
  'BotDisabledByAdmin',
  'BotNotInConversationRoster',
  'ConversationBlockedByUser',
  'ConversationNotFound',
  'MessageWritesBlocked',
])

/** Whether a message or its conversation is no more, or no more for this app: trying again is of no use. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof TeamsError)) return false
  return error.status === 404 || error.status === 410 || GONE_REASONS.has(error.reason)
}
