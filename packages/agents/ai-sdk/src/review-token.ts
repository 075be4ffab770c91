import { OptionError } from '@gatewright/core'
import { seal, unseal } from '@gatewright/core/agents'

/** What a token says was shown. */
export interface Shown {
  readonly requestId: string
  /** Of the document. */
  readonly digest: string
}

const AUDIENCE = 'ai-sdk review'

/** Signs what a client holds: a token is good for one call of one run. */
export interface ReviewTokens {
  sign(shown: Shown, toolCallId: string): string
  /** What was shown, if we signed it for this call of this run; else `null`. Never throws on hostile input. */
  read(token: string | undefined, toolCallId: string): Shown | null
}

/** @throws OptionError for secrets that are missing or short */
export function reviewTokens(secrets: readonly string[], runId: string): ReviewTokens {
  if (!Array.isArray(secrets) || secrets.length === 0 || !secrets.every(isSecret))
    throw new OptionError('approvalBridge.secrets', 'is needed: a list of texts, each at least 32 characters')
  return {
    sign: ({ requestId, digest }, toolCallId) =>
      seal(secrets, [requestId, digest, runId, toolCallId], AUDIENCE),
    read(token, toolCallId) {
      const said = unseal(secrets, token ?? '', AUDIENCE) as readonly string[] | null
      if (said === null) return null
      const [requestId = '', digest = '', run, call] = said
      return run === runId && call === toolCallId ? { requestId, digest } : null
    },
  }
}

function isSecret(secret: unknown): boolean {
  return typeof secret === 'string' && secret.length >= 32
}
