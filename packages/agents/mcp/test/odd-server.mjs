// A server that writes its JSON oddly, keeps what it was sent, and answers as its tools say.
import { createInterface } from 'node:readline'

const seen = []
const say = (text) => process.stdout.write(`${text}\n`)
const answer = (id, text) =>
  say(
    `{"result" :{"content":[{"type":"text","text":"${text}"}]},  "id":${JSON.stringify(id)},"jsonrpc":"2.0"}`,
  )
const TOOLS = ['note', 'hang', 'crash', 'seen', 'ask', 'addOne', 'add_one'].map((name) => ({
  name,
  inputSchema: { type: 'object', properties: { id: {} } },
}))

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line)
  seen.push(line)
  if (message.method === 'tools/list')
    return say(
      `{"id":${JSON.stringify(message.id)}, "jsonrpc":"2.0", "result":${JSON.stringify({ tools: TOOLS })}}`,
    )
  if (message.method === 'never') return undefined
  if (message.method !== 'tools/call')
    return message.id === undefined
      ? undefined
      : say(`{"jsonrpc":"2.0","id":${JSON.stringify(message.id)} ,"result":{"\\u0065cho":1e2}}`)
  const { name, arguments: args, requestState } = message.params
  if (name === 'crash') process.exit(3)
  if (name === 'hang') return undefined
  if (name === 'ask' && requestState === undefined)
    return say(
      JSON.stringify({
        jsonrpc: '2.0',
        id: message.id,
        result: { resultType: 'input_required', requestState: `state of ${args.id}` },
      }),
    )
  if (name === 'seen') return answer(message.id, Buffer.from(JSON.stringify(seen)).toString('base64'))
  return answer(message.id, `${name} ${args.id}`)
})
