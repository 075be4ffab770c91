import type Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { gateRunner } from '@gatewright/anthropic'
import type { Gate } from '@gatewright/core'
import { z } from 'zod'

/** What the janitor works with. */
export interface Setup {
  readonly client: Anthropic
  readonly gate: Gate
  /** Deletes for real. */
  readonly deleteUser: (id: string) => Promise<void>
}

/** An agent that tidies up users: it looks by itself, and asks before it deletes. Gives its last words. */
export async function tidyUp(task: string, { client, deleteUser, gate }: Setup): Promise<string> {
  const tools = [
    betaZodTool({
      name: 'list_users',
      description: 'Lists the users.',
      inputSchema: z.strictObject({}),
      run: async () => 'ada (left in March), ben (active)',
    }),
    betaZodTool({
      name: 'delete_user',
      description: 'Deletes a user for good.',
      inputSchema: z.strictObject({ id: z.string() }),
      run: async ({ id }) => {
        await deleteUser(id)
        return `deleted ${id}`
      },
    }),
  ]
  const messages = [{ role: 'user', content: task } as const]
  const params = { model: 'claude-sonnet-5-5', max_tokens: 1024, messages, tools }
  const runner = gateRunner(client.beta.messages.toolRunner(params), { gate, agent: 'janitor' })
  const { content } = await runner.runUntilDone()
  return content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('')
}
