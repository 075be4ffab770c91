// An agent to test: it does what its model says, asks before it gives money back, and tells the model what came of it.
// Its tests are what this example is about: refund-agent.test.ts.
import type { Gate } from '@gatewright/core'
import { gateToolCalls } from '@gatewright/core/agents'
import { z } from 'zod'

const refundInput = z.strictObject({ order: z.string(), cents: z.number().int().positive() })

/** What the tool takes. */
export type Refund = z.infer<typeof refundInput>

/** What a model does next: it calls the tool, or says its last words. */
export type Turn = { readonly refund: unknown } | { readonly says: string }

/** What the agent works with. */
export interface Setup {
  readonly gate: Gate
  /** Answers what it was told so far. */
  readonly model: (told: readonly string[]) => Promise<Turn>
  /** Pays for real. */
  readonly refund: (wanted: Refund) => Promise<string>
  readonly runId: string
}

/** Works on a task to its end. Resolves to the model's last words, and all that it was told. */
export async function runAgent({ gate, model, refund, runId }: Setup, task: string) {
  const tools = gateToolCalls({ gate, runId }, 'runAgent')
  const gated = tools.of(refund, 'refund', (input) => refund(input as Refund), refundInput)
  const told = [task]
  for (;;) {
    const turn = await model(told)
    if ('says' in turn) return { says: turn.says, told }
    const answer = await gated(turn.refund, undefined, { callId: `call-${told.length}` })
    told.push(answer.status === 'ran' ? String(answer.result) : answer.text)
  }
}
