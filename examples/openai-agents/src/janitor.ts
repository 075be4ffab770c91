import type { Gate } from '@gatewright/core'
import { gateAgent, settleInterruptions, type WaitingCall } from '@gatewright/openai/agents'
import { Agent, type Model, RunState, run, tool } from '@openai/agents'
import { z } from 'zod'

/** What the janitor works with. */
export interface Setup {
  readonly model: Model
  readonly gate: Gate
  /** Deletes for real. */
  readonly deleteUser: (id: string) => Promise<void>
}

/** Where a run stands: it is done, or waits for people. Then `saved` is all that another process needs. */
export type Standing =
  | { readonly done: string }
  | { readonly waiting: readonly WaitingCall[]; readonly saved: string }

/** An agent that tidies up users. It stops while people decide: no process has to wait for them. */
export function createJanitor({ deleteUser, gate, model }: Setup) {
  const remove = tool({
    name: 'deleteUser',
    description: 'Deletes a user for good.',
    parameters: z.object({ id: z.string() }),
    async execute({ id }) {
      await deleteUser(id)
      return `deleted ${id}`
    },
  })
  const agent = gateAgent(new Agent({ name: 'janitor', model, tools: [remove] }), {
    gate,
    wait: 'suspend',
    // An approved call has its result again when its run goes on from an older state.
    tools: { deleteUser: { keepResult: true } },
  })

  async function go(input: string | RunState<undefined, typeof agent>): Promise<Standing> {
    const result = await run(agent, input)
    if (result.interruptions.length === 0) return { done: String(result.finalOutput) }
    const { waiting } = await settleInterruptions(result.state)
    return { waiting, saved: result.state.toString() }
  }

  return {
    begin: (task: string): Promise<Standing> => go(task),
    /** Goes on with what was decided; what is undecided waits on. */
    async goOn(saved: string): Promise<Standing> {
      const state = await RunState.fromString<undefined, typeof agent>(agent, saved)
      await settleInterruptions(state)
      return go(state)
    },
  }
}
