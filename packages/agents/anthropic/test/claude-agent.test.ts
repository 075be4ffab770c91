import type { Options } from '@anthropic-ai/claude-agent-sdk'
import {
  type ApprovalRequest,
  type ArgumentEdit,
  createGate,
  group,
  memoryStore,
  when,
} from '@gatewright/core'
import { fitting } from '@gatewright/core/agents'
import { fakeClock, mockApprover, recordingAudit } from '@gatewright/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { rita } from '../../test/scene'
import {
  type ClaudeGateOptions,
  claudeGate,
  type HookInput,
  type PermissionSuggestion,
  proposedGrants,
} from '../src/claude-agent'

/** A gate whose people vote by hand, and Claude Code, as its hooks are called by the SDK. */
function scene(options: Omit<ClaudeGateOptions, 'gate'> = {}, store = memoryStore({ clock: fakeClock() })) {
  const clock = fakeClock()
  const audit = recordingAudit()
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [mockApprover({ otherwise: 'ignore' })],
    reviewers: group('ops'),
    policy: [when('tool.read').allow()],
    coalesce: false,
    store,
    audit,
    clock,
  })
  const claude = claudeGate({ gate, ...options })
  const session = new AbortController()

  async function hook(event: keyof typeof claude.hooks, more: Partial<HookInput>) {
    const input = { hook_event_name: event, session_id: 's1', ...more }
    const [first] = claude.hooks[event]
    return (await first?.hooks[0]?.(input, more.tool_use_id, { signal: session.signal }))?.hookSpecificOutput
  }

  async function asked(): Promise<ApprovalRequest> {
    for (let turn = 0; turn < 1_000; turn += 1) {
      const [request] = (await gate.requests.list({ status: ['pending'] })).requests
      if (request !== undefined) return request
      await clock.settle()
    }
    throw new Error('nobody was asked')
  }

  async function vote(decision: 'approve' | 'reject', edits?: readonly ArgumentEdit[]): Promise<string> {
    const { id: requestId } = await asked()
    const review = await gate.requests.review(requestId)
    const digest = review?.digest ?? ''
    const note = 'not this one'
    const said = { requestId, digest, actor: rita, decision, note, ...(edits && { edits }) }
    const receipt = await gate.vote(said)
    expect(receipt.status).toBe('counted')
    return requestId
  }

  return {
    clock,
    audit,
    gate,
    claude,
    session,
    hook,
    asked,
    vote,
    bash: (id: string, command = 'rm a', more: Partial<HookInput> = {}) =>
      hook('PreToolUse', {
        tool_name: 'Bash',
        tool_input: { command, description: 'Remove a' },
        tool_use_id: id,
        ...more,
      }),
    async status(id: string) {
      await clock.settle()
      return (await gate.requests.get(id))?.status
    },
  }
}

const suggestions: readonly PermissionSuggestion[] = [
  { type: 'addRules', behavior: 'allow', rules: [{ toolName: 'Bash', ruleContent: 'rm:*' }] },
  { type: 'addRules', behavior: 'deny', rules: [{ toolName: 'Write' }] },
  { type: 'setMode' },
  { type: 'addDirectories' },
]

function asks(scene_: ReturnType<typeof scene>, id: string, more: object = {}) {
  const options = { signal: scene_.session.signal, toolUseID: id, requestId: 'r', suggestions, ...more }
  return scene_.claude.canUseTool('Bash', { command: 'rm a', description: 'Remove a' }, options)
}

test('an approved call runs in Claude Code on what was shown, and its end is recorded when it is told', async () => {
  const { asked, audit, bash, hook, status, vote } = scene()
  const answer = bash('t1', 'rm a', { agent_type: 'worker' })
  expect((await asked()).origin).toMatchObject({ callId: 't1', runId: 's1', agent: 'worker' })
  const id = await vote('approve')
  const input = { command: 'rm a', description: 'Remove a' }
  expect(await answer).toEqual({
    hookEventName: 'PreToolUse',
    permissionDecision: 'allow',
    updatedInput: input,
  })
  expect(await status(id)).toBe('executing')
  await hook('PostToolUse', { tool_use_id: 't1', tool_response: { stdout: '' } })
  expect(await status(id)).toBe('succeeded')
  expect(audit.types()).toContain('execution.succeeded')
})

test('a rule that allows asks nobody, and the run is in the log', async () => {
  const { audit, clock, hook } = scene()
  const call = { tool_name: 'Read', tool_input: { file_path: '/a' }, tool_use_id: 't1' }
  expect(await hook('PreToolUse', call)).toMatchObject({ permissionDecision: 'allow' })
  await hook('PostToolUse', { ...call, tool_response: 'text' })
  await clock.settle()
  expect(audit.types()).toContain('execution.succeeded')
  const created = audit.events.filter(({ type }) => type === 'request.created')
  expect(created.map(({ data }) => data.status)).not.toContain('pending')
})

test('T46: a rejected call is denied in words for the model, and so is an equal one after it', async () => {
  const { bash, vote } = scene()
  const answer = bash('t1')
  await vote('reject')
  const words = expect.stringMatching(/not executed.*Rita.*not this one.*unchanged will not help/s)
  expect(await answer).toMatchObject({ permissionDecision: 'deny', permissionDecisionReason: words })
  expect(await bash('t2')).toMatchObject({
    permissionDecision: 'deny',
    permissionDecisionReason: expect.stringContaining('not executed'),
  })
})

test('I2: an edited call runs on the edited arguments, also where a rule of Claude Code asks once more', async () => {
  const it = scene()
  const answer = it.bash('t1')
  await it.vote('approve', [{ path: '/command', value: 'rm b' }])
  const input = { command: 'rm b', description: 'Remove a' }
  expect(await answer).toMatchObject({
    permissionDecision: 'allow',
    updatedInput: input,
    additionalContext: expect.stringContaining('A reviewer changed'),
  })
  expect(await asks(it, 't1')).toEqual({ behavior: 'allow', updatedInput: input })
})

test('a tool that fails is recorded as failed', async () => {
  const { bash, hook, gate, status, vote } = scene()
  const answer = bash('t1')
  const id = await vote('approve')
  await answer
  await hook('PostToolUseFailure', { tool_use_id: 't1', error: 'no such file' })
  expect(await status(id)).toBe('failed')
  expect((await gate.requests.get(id))?.outcome?.summary).toContain('no such file')
})

test('what Claude Code refused after its approval is recorded as failed at the end of the batch', async () => {
  const { bash, hook, gate, status, vote } = scene()
  const answer = bash('t1')
  const id = await vote('approve')
  await answer
  await hook('PostToolBatch', { tool_calls: [{ tool_use_id: 't1', tool_response: 'a deny rule' }] })
  expect(await status(id)).toBe('failed')
  expect((await gate.requests.get(id))?.outcome?.summary).toContain('did not run it')
})

test.each(['SessionEnd', 'ended'] as const)(
  'I8: how a call ended that nobody told of is unknown (%s), and what waits is cancelled',
  async (how) => {
    const { bash, claude, hook, asked, status, vote } = scene()
    const answer = bash('t1')
    const id = await vote('approve')
    await answer
    const waits = bash('t2', 'rm b')
    const gone = expect(waits).rejects.toThrow('gone')
    const { id: other } = await asked()
    if (how === 'ended') claude.ended()
    else await hook('SessionEnd', {})
    await gone
    expect(await status(other)).toBe('cancelled')
    expect(await status(id)).toBe('unknown')
    await hook('PostToolUse', { tool_use_id: 't1', tool_response: 'done' })
    expect(await status(id)).toBe('unknown')
  },
)

test('the end of another session says nothing of this one', async () => {
  const { bash, hook, status, vote } = scene()
  const answer = bash('t1')
  const id = await vote('approve')
  await answer
  await hook('SessionEnd', { session_id: 's2' })
  await hook('PostToolUse', { tool_use_id: 't1', tool_response: 'done' })
  expect(await status(id)).toBe('succeeded')
})

test('an interrupt cancels what waits', async () => {
  const { bash, session, asked, status } = scene()
  const left = expect(bash('t1')).rejects.toThrow('the user left')
  const { id } = await asked()
  session.abort(new Error('the user left'))
  await left
  expect(await status(id)).toBe('cancelled')
})

test('T25: a call that is delivered twice asks once, and has leave to run once', async () => {
  const { audit, bash, hook, vote } = scene()
  const both = [bash('t1'), bash('t1')]
  await vote('approve')
  await Promise.race(both)
  await hook('PostToolUse', { tool_use_id: 't1', tool_response: 'done' })
  const decisions = (await Promise.all([...both, bash('t1')])).map((one) => one?.permissionDecision)
  expect(decisions.filter((one) => one === 'allow')).toHaveLength(1)
  expect(audit.types().filter((type) => type === 'request.created')).toHaveLength(1)
})

test('T45: of a batch each call is told its own', async () => {
  const { bash, vote } = scene()
  const first = bash('t1', 'rm a')
  await vote('reject')
  const second = bash('t2', 'rm b')
  await vote('approve')
  expect((await first)?.permissionDecision).toBe('deny')
  expect((await second)?.permissionDecision).toBe('allow')
})

test('I7: a gate that cannot answer throws, and Claude Code is told to block what fails', async () => {
  const { bash, claude, gate } = scene()
  await gate.close()
  await expect(bash('t1')).rejects.toMatchObject({ code: 'ERR_GATE_CLOSED' })
  const [matcher] = claude.hooks.PreToolUse
  expect(matcher).toMatchObject({ onFailure: 'block' })
  expect(matcher).not.toHaveProperty('matcher')
  // Within what a timer can hold.
  expect((matcher?.timeout ?? 0) * 1_000).toBeLessThan(2 ** 31)
  await expect(
    claude.hooks.PreToolUse[0]?.hooks[0]?.({ hook_event_name: 'PreToolUse', session_id: 's' }, undefined, {
      signal: AbortSignal.abort(),
    }),
  ).rejects.toThrow('without its name')
})

test('a suspended call is deferred, and a resumed session gets the decision in another process', async () => {
  const store = memoryStore({ clock: fakeClock() })
  const before = scene({ wait: 'suspend' }, store)
  expect(await before.bash('t1')).toEqual({ hookEventName: 'PreToolUse', permissionDecision: 'defer' })
  await before.gate.close()
  const after = scene({ wait: 'suspend' }, store)
  const id = await after.vote('approve')
  expect(await after.bash('t1')).toMatchObject({ permissionDecision: 'allow' })
  await after.hook('PostToolUse', { tool_use_id: 't1', tool_response: 'done' })
  expect(await after.status(id)).toBe('succeeded')
})

test('questions are no deeds: they go to the host, and ask no reviewer', async () => {
  const { claude, hook, audit, session } = scene()
  const call = { tool_name: 'ExitPlanMode', tool_input: {}, tool_use_id: 't1' }
  expect(await hook('PreToolUse', call)).toBeUndefined()
  const options = { signal: session.signal, toolUseID: 't1' }
  expect(await claude.canUseTool('AskUserQuestion', {}, options)).toMatchObject({ behavior: 'deny' })
  expect(audit.types()).toEqual([])
  const questions = async () => ({ behavior: 'allow', updatedInput: { answers: { a: 'b' } } }) as const
  const answering = scene({ questions })
  expect(await answering.claude.canUseTool('AskUserQuestion', {}, options)).toEqual(await questions())
})

test('T39: without the hook canUseTool is the gate; suggestions are shown with the request, and never granted', async () => {
  const it = scene()
  const answer = asks(it, 't1', { agentID: 'a1' })
  const { intent, origin } = await it.asked()
  expect(origin).toMatchObject({ agent: 'a1', callId: 't1' })
  expect(intent).toContain('Remove a')
  expect(intent).toContain('always allow Bash(rm:*)')
  await it.vote('approve')
  expect(Object.keys(await answer)).toEqual(['behavior', 'updatedInput'])
  const again = asks(it, 't2', { suppressAlwaysAllowRule: true })
  expect((await it.asked()).intent).toBe('Remove a')
  await it.vote('reject')
  expect(await again).toMatchObject({ behavior: 'deny', message: expect.stringContaining('not this one') })
})

test('only rules that allow are proposals', () => {
  expect(proposedGrants(suggestions)).toEqual([{ tool: 'Bash', action: 'tool.bash', rule: 'rm:*' }])
  const every: PermissionSuggestion = { type: 'addRules', behavior: 'allow', rules: [{ toolName: 'Write' }] }
  expect(proposedGrants([every], (tool) => `claude.${tool}`)).toEqual([
    { tool: 'Write', action: 'claude.Write', rule: null },
  ])
})

test('T40: misspelt options are refused', () => {
  const misspelt = { wiat: 'suspend' } as object
  expect(() => claudeGate(misspelt)).toThrow('did you mean "wait"')
})

test('what it gives fits the options of query(), and spreads no more than them', () => {
  const { claude } = scene()
  const options: Options = { ...claude, permissionMode: 'default' }
  expectTypeOf(claude.hooks).toExtend<NonNullable<Options['hooks']>>()
  expect(Object.keys(options).sort()).toEqual(['canUseTool', 'hooks', 'permissionMode'])
})

test('T33: what the host says of an MCP tool checks its arguments before anybody is asked', async () => {
  const input = fitting(() => ({ required: ['path'], properties: { path: { type: 'string' } } }))
  const { gate, hook } = scene({ tools: { mcp__fs__write: { input } } })
  const answer = await hook('PreToolUse', {
    tool_name: 'mcp__fs__write',
    tool_input: { path: 7 },
    tool_use_id: 't1',
  })
  expect(answer).toMatchObject({ permissionDecision: 'deny' })
  expect(answer?.permissionDecisionReason).toContain('must be of the type string')
  expect((await gate.requests.list({})).requests).toEqual([])
})

test('T39: the leave of one tool is none for another under the same id', async () => {
  const { bash, claude, session, vote } = scene()
  const answer = bash('t1')
  await vote('approve')
  await answer
  const other = claude.canUseTool('Write', { file: 'a' }, { signal: session.signal, toolUseID: 't1' })
  await vote('reject')
  expect(await other).toMatchObject({ behavior: 'deny' })
})
