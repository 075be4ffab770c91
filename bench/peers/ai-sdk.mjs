// The AI SDK's approval: the first generateText ends with a request; the answer is a message of the second. Without the
// gate, one generateText makes both model calls. The model is scripted and answers at once.
import { exportArguments } from './schema.mjs'

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}

export function aiSdk({ generateText, stepCountIs, tool }, specificationVersion, approval) {
  let runs = 0
  let nextId = 0
  const inputSchema = exportArguments
  const execute = async (args) => {
    runs += 1
    return args.id
  }
  const plain = { tools: { exportTable: tool({ inputSchema, execute }) } }
  const guarded = approval(plain.tools, (more) => tool({ inputSchema, execute, ...more }))

  function modelFor(args) {
    let calls = 0
    return {
      specificationVersion,
      provider: 'scripted',
      modelId: 'scripted',
      supportedUrls: {},
      async doGenerate() {
        calls += 1
        if (calls > 1) return answer([{ type: 'text', text: 'done' }], 'stop')
        nextId += 1
        return answer(
          [{ type: 'tool-call', toolCallId: `call-${nextId}`, toolName: 'exportTable', input: JSON.stringify(args) }],
          'tool-calls',
        )
      },
    }
  }

  const answer = (content, reason) => ({ content, finishReason: { unified: reason, raw: reason }, usage, warnings: [] })
  const ask = (args) => [{ role: 'user', content: `export ${args.id}` }]
  const stopWhen = stepCountIs(5)

  async function pause(args) {
    const model = modelFor(args)
    const messages = ask(args)
    const result = await generateText({ model, messages, stopWhen, ...guarded })
    const request = result.content.find(({ type }) => type === 'tool-approval-request')
    if (request === undefined) throw new Error('the AI SDK asked for no approval')
    return { model, messages: [...messages, ...result.response.messages], approvalId: request.approvalId }
  }

  return {
    ran: () => runs,
    ungated: (args) => generateText({ model: modelFor(args), messages: ask(args), stopWhen, ...plain }),
    async gated(args) {
      const { model, messages, approvalId } = await pause(args)
      messages.push({ role: 'tool', content: [{ type: 'tool-approval-response', approvalId, approved: true }] })
      return generateText({ model, messages, stopWhen, ...guarded })
    },
    async hold(args) {
      const { messages, approvalId } = await pause(args)
      return { messages, approvalId }
    },
  }
}
