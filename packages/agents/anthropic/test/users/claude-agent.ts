// A user's program: compiled and run against the packed package, with these peers alone (tests/packed/adapters.test.ts).
import { strict as assert } from 'node:assert'
import { type Options, query } from '@anthropic-ai/claude-agent-sdk'
import { claudeGate, type HookInput } from '@gatewright/anthropic/claude-agent'
import { createGate, group, when } from '@gatewright/core'

const gate = createGate({
  agent: { id: 'bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  policy: [when('tool.find_user').allow(), when('tool.drop_user').deny('never from an agent')],
  ephemeral: true,
})
const claude = claudeGate({ gate })
/** As its query takes them. */
export const options: Options = { ...claude }

async function main(): Promise<void> {
  assert.equal(typeof query, 'function')
  const decide = async (tool_name: string) => {
    const [first] = claude.hooks.PreToolUse
    const call = {
      hook_event_name: 'PreToolUse',
      session_id: 's',
      tool_name,
      tool_use_id: tool_name,
      tool_input: {},
    }
    const signal = new AbortController().signal
    const answer = await first?.hooks[0]?.(call as HookInput, tool_name, { signal })
    return answer?.hookSpecificOutput?.permissionDecision
  }
  assert.deepEqual([await decide('FindUser'), await decide('DropUser')], ['allow', 'deny'])
  claude.ended()
  await gate.close()
  console.log('gated')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
