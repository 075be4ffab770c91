import { createGate, GatewrightError, group } from '@gatewright/core'
import { slackApprover } from '@gatewright/slack'

/** Where the agent asks, and who may answer. */
export interface Setup {
  /** The app's bot token, `xoxb-…`. */
  readonly token: string
  /** An app-level token, `xapp-…`: what people press comes over a socket that this program opens. */
  readonly appToken: string
  /** The id of a channel that the app was invited to. */
  readonly channel: string
  /** Slack user ids of those who may approve. */
  readonly reviewers: readonly string[]
  readonly slackApiUrl?: string
}

/** What the agent did, and what it was refused. */
export interface CleanUp {
  readonly removed: readonly number[]
  readonly refused: readonly string[]
}

/** An agent that removes customers, and asks in Slack before each. It runs anywhere: nothing connects to it. */
export async function cleanUp(ids: readonly number[], setup: Setup): Promise<CleanUp> {
  const { reviewers, ...slack } = setup
  const gate = createGate({
    ephemeral: true,
    agent: { id: 'clean-up-bot', owner: null },
    approvers: [slackApprover({ ...slack, groups: { ops: reviewers } })],
    reviewers: group('ops'),
  })
  const removed: number[] = []
  const refused: string[] = []
  const remove = gate.requireApproval(async ({ id }: { id: number }) => void removed.push(id), {
    action: 'customer.delete',
  })
  try {
    for (const id of ids) {
      try {
        await remove({ id })
      } catch (error) {
        if (!GatewrightError.isInstance(error)) throw error
        refused.push(`${id}: ${error.message}`)
      }
    }
  } finally {
    await gate.close()
  }
  // Everything was decided by somebody, and nothing ran that was refused.
  if (removed.length + refused.length !== ids.length) throw new Error('a customer was lost on the way')
  return { removed, refused }
}
