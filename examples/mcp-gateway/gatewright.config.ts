// What the gateway asks about, and whom. Reading is free; nothing may leave the folder under another name; the rest asks.
import type { McpOptions } from '@gatewright/mcp'
import { type GateOptions, group, when } from 'gatewright'

export default {
  agent: { id: 'desk-agent', owner: null },
  approvers: [], // people come by themselves: gatewright inbox --store data/requests.db --group ops
  reviewers: group('ops'),
  dataDirectory: process.env.GATEWRIGHT_DATA ?? 'data',
  policy: [
    when('files.*')
      .if(({ action }) => /\.(read|list)_/.test(action))
      .allow(),
    when('files.move_file')
      .if(({ args }) => String(args.destination).endsWith('.hidden'))
      .deny('files are not hidden here'),
  ],
} satisfies GateOptions

export const mcp: McpOptions = { action: (tool) => `files.${tool}` }
