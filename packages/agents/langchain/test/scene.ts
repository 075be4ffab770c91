import {
  type ApprovalRequest,
  type ArgumentEdit,
  createGate,
  group,
  memoryStore,
  when,
} from '@gatewright/core'
import { mockApprover, recordingAudit } from '@gatewright/testing'
import { type BaseMessage, HumanMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { AIMessage, fakeModel } from 'langchain'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { rita } from '../../test/scene'

/** A gate whose people vote by hand; what `allow` names asks nobody. */
export function scene({ allow = [] as readonly string[], store = memoryStore() } = {}) {
  const audit = recordingAudit()
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [mockApprover({ otherwise: 'ignore' })],
    reviewers: group('ops'),
    policy: allow.map((action) => when(action).allow()),
    store,
    audit,
    coolDown: 0,
    coalesce: false,
  })

  onTestFinished(() => gate.close())

  /** The requests that wait, once there are so many. */
  async function asked(count = 1): Promise<readonly ApprovalRequest[]> {
    for (let turn = 0; turn < 10_000; turn += 1) {
      const { requests } = await gate.requests.list({ status: ['pending'] })
      if (requests.length >= count) return [...requests].sort(byCallId)
      await new Promise(setImmediate)
    }
    throw new Error('nobody was asked')
  }

  async function vote(
    requestId: string,
    decision: 'approve' | 'reject',
    more: { note?: string; edits?: readonly ArgumentEdit[] } = {},
  ) {
    const review = await gate.requests.review(requestId)
    if (review === null) throw new Error('there is no such request')
    return gate.vote({ requestId, decision, digest: review.digest, actor: rita, ...more })
  }

  /** Votes on the only request that waits. */
  async function decide(decision: 'approve' | 'reject', more?: Parameters<typeof vote>[2]) {
    const [request] = await asked()
    const receipt = await vote(request?.id ?? '', decision, more)
    if (receipt.status !== 'counted') throw new Error(receipt.message)
  }

  return { gate, audit, asked, vote, decide, store }
}

const byCallId = ({ origin: one }: ApprovalRequest, { origin: other }: ApprovalRequest): number =>
  (one.callId ?? '') < (other.callId ?? '') ? -1 : 1

/** A tool that keeps the ids it deleted. */
export function deleting(name = 'deleteUser') {
  const ran: string[] = []
  const made = tool(
    async ({ id }) => {
      ran.push(id)
      return `deleted ${id}`
    },
    { name, description: 'Deletes a user.', schema: z.object({ id: z.string() }) },
  )
  return { tool: made, ran }
}

/** A model that calls in one turn, and says `done` in the next. */
export function calling(...calls: readonly { id: string; name: string; args: Record<string, unknown> }[]) {
  return fakeModel()
    .respondWithTools([...calls])
    .respond(new AIMessage('done'))
}

export const deletes = (id: string, callId = id, name = 'deleteUser') => ({ id: callId, name, args: { id } })

/** What a run begins with. */
export const go = { messages: [new HumanMessage('go')] }

/** What a model was told of its calls, in order. */
export function told({ messages }: { readonly messages: readonly BaseMessage[] }) {
  return messages
    .filter((message) => message.getType() === 'tool')
    .map((message) => ({ text: message.text, status: (message as { status?: string }).status }))
}
