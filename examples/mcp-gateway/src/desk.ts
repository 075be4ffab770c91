// An agent's host, with the official client. It knows nothing of the gate: its settings name the gateway as the server.
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/client/stdio'

/** What the agent's model is told of each call. */
export interface Desk {
  call(tool: string, args: Record<string, unknown>): Promise<string>
  close(): Promise<void>
}

export async function openDesk(server: StdioServerParameters): Promise<Desk> {
  const client = new Client({ name: 'desk', version: '1.0.0' })
  await client.connect(new StdioClientTransport(server))
  return {
    async call(tool, args) {
      // People take their time: the gateway's beats begin the limit anew.
      const how = { resetTimeoutOnProgress: true, onprogress() {} }
      const { content, isError } = await client.callTool({ name: tool, arguments: args }, how)
      const text = content.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n')
      return isError ? `error: ${text}` : text
    },
    close: () => client.close(),
  }
}
