import type { ModelTurn, Told } from '@gatewright/testing/agents'
import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage, type BaseMessage, type ToolMessage } from '@langchain/core/messages'
import type { ChatResult } from '@langchain/core/outputs'

/** What models were told of calls. */
export type ToldOf = Map<string, Told>

/** A chat model that says the turns of a script, each by the place in its conversation, and then `done`. */
export class ScriptedModel extends BaseChatModel {
  readonly #script: () => readonly ModelTurn[]
  readonly #told: () => ToldOf

  constructor(script: () => readonly ModelTurn[], told: () => ToldOf) {
    super({})
    this.#script = script
    this.#told = told
  }

  _llmType(): string {
    return 'scripted'
  }

  override bindTools(): this {
    return this
  }

  async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    for (const message of messages.filter((one): one is ToolMessage => one.getType() === 'tool')) {
      const { content, status, tool_call_id } = message
      const text = typeof content === 'string' ? content : JSON.stringify(content)
      this.#told().set(tool_call_id, { text, error: status === 'error' })
    }
    const turn = this.#script()[messages.filter((one) => one.getType() === 'ai').length]
    return { generations: [{ text: '', message: turn === undefined ? says('done') : messageOf(turn) }] }
  }
}

function messageOf({ say = '', calls }: ModelTurn): AIMessage {
  const parsed = calls.map(({ arguments: text, id, tool: name }) => ({ id, name, text, args: parse(text) }))
  return says(say, {
    id: `message-${calls.map(({ id }) => id).join('-')}`,
    tool_calls: parsed.flatMap(({ args, id, name }) =>
      args === undefined
        ? []
        : [{ type: 'tool_call' as const, id, name, args: args as Record<string, unknown> }],
    ),
    // As the packages of the providers do.
    invalid_tool_calls: parsed.flatMap(({ args, id, name, text }) =>
      args === undefined
        ? [{ type: 'invalid_tool_call' as const, id, name, args: text, error: 'no JSON' }]
        : [],
    ),
  })
}

function says(
  content: string,
  more: Partial<ConstructorParameters<typeof AIMessage>[0] & object> = {},
): AIMessage {
  return new AIMessage({ content, response_metadata: { model_name: 'scripted-model' }, ...more } as never)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
