import { GatewrightError } from 'gatewright'

/** One step of the agent's plan: which tool it calls, with what, and what it says about it. */
export interface Step {
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly says: string
}

/** What one step came to, as the agent saw it. */
export interface StepResult extends Step {
  readonly ran: boolean
  readonly result: unknown
  readonly code: string | null
  readonly why: string
}

/** A scripted plan stands in for a model, so that no key is needed. The loop is what any agent does. */
export const PLAN: readonly Step[] = [
  { tool: 'customers.count', args: { region: 'EU' }, says: 'First I look how many customers there are.' },
  {
    tool: 'data.export',
    args: { table: 'customers', region: 'EU', columns: ['id', 'name', 'email'] },
    says: 'The marketing team asked for the European customers.',
  },
  { tool: 'customer.delete', args: { id: 17 }, says: 'Customer 17 asked to be forgotten.' },
  { tool: 'customer.delete', args: { id: 42 }, says: 'This one looks like a duplicate.' },
  {
    tool: 'schema.migrate',
    args: { statement: 'ALTER TABLE customers DROP COLUMN email' },
    says: 'This will save space.',
  },
]

export type Tool = (args: never) => Promise<unknown>

/** Runs the plan. A refusal is news for the agent, not a crash: it goes on with the next step. */
export async function runAgent(
  plan: readonly Step[],
  tools: Readonly<Record<string, Tool>>,
  around: (step: Step, index: number, call: () => Promise<unknown>) => Promise<unknown>,
): Promise<readonly StepResult[]> {
  const results: StepResult[] = []
  for (const [index, step] of plan.entries()) {
    const tool = tools[step.tool]
    if (tool === undefined) throw new Error(`the agent has no tool called ${step.tool}`)
    try {
      const result = await around(step, index, () => tool(step.args as never))
      results.push({ ...step, ran: true, result, code: null, why: '' })
    } catch (error) {
      if (!GatewrightError.isInstance(error)) throw error
      results.push({ ...step, ran: false, result: null, code: error.code, why: error.message })
    }
  }
  return results
}
