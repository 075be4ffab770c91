import type { Gate } from '@gatewright/core'
import { gateFunctions } from '@gatewright/openai'
import type OpenAI from 'openai'
import { z } from 'zod'

/** What the loop works with. */
export interface Setup {
  readonly client: OpenAI
  readonly gate: Gate
  /** Deletes for real. */
  readonly deleteUser: (id: string) => Promise<void>
}

/** Asks the model and answers its calls, until it calls no more. Resolves to its last words. */
export async function converse({ client, deleteUser, gate }: Setup, task: string): Promise<string> {
  const functions = gateFunctions(
    {
      deleteUser: {
        description: 'Deletes a user for good.',
        parameters: z.strictObject({ id: z.string() }),
        async execute({ id }) {
          await deleteUser(id)
          return `deleted ${id}`
        },
      },
    },
    { gate, agent: 'janitor' },
  )
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: task }]
  for (;;) {
    const completion = await client.chat.completions.create({
      model: 'gpt-5',
      messages,
      tools: functions.chatTools,
    })
    const message = completion.choices[0]?.message
    if (!message?.tool_calls) return message?.content ?? ''
    messages.push(message, ...(await functions.chat(completion)))
  }
}
