import { expect, test } from 'vitest'
import { rita, scene, vote } from '../../test/scene'
import { type ClaudeGateOptions, claudeGate } from '../src/claude-agent'

/** A skill with a shell command in its text, as Claude Code loads it. */
function loading(options: ClaudeGateOptions = {}) {
  const here = scene()
  const claude = claudeGate({ gate: here.gate, ...options })
  const [matcher] = claude.hooks.PreSkillShellCommand
  const command = 'rm a'
  const load = async (tool_use_id: string | undefined = 'shell_1') =>
    (
      await matcher?.hooks[0]?.(
        {
          hook_event_name: 'PreSkillShellCommand',
          session_id: 's1',
          tool_name: 'Bash',
          tool_input: { command },
          ...(tool_use_id && { tool_use_id }),
          command_name: 'tidy',
        },
        undefined,
        { signal: new AbortController().signal },
      )
    )?.hookSpecificOutput
  return { ...here, claude, load, matcher }
}
const status = async ({ gate }: ReturnType<typeof scene>) =>
  (await gate.requests.list({})).requests[0]?.status

test('T39: a shell command in a skill asks like a call, and a rejected one is kept from running', async () => {
  const here = loading()
  expect(here.matcher).toMatchObject({ onFailure: 'block' })
  const loaded = here.load()
  const request = await here.only()
  expect([request.action, request.intent]).toEqual(['tool.bash', expect.stringContaining('tidy')])
  await vote(here.gate, request.id, 'reject')
  expect(await loaded).toMatchObject({
    hookEventName: 'PreSkillShellCommand',
    permissionDecision: 'deny',
    permissionDecisionReason: expect.stringContaining('was not executed'),
  })
})

test('an approved one runs, and how it ended is not known: nobody tells it', async () => {
  const here = loading()
  const loaded = here.load()
  await here.approve((await here.only()).id)
  expect(await loaded).toBeUndefined()
  here.claude.ended()
  await here.gate.close()
  expect(here.audit.types()).toContain('execution.unknown')
})

test('I2: one that a reviewer changed is kept from running: Claude Code would run it as it was', async () => {
  const here = loading()
  const loaded = here.load()
  const { id: requestId } = await here.only()
  const review = await here.gate.requests.review(requestId)
  const edits = [{ path: '/command', value: 'ls a' }]
  const digest = review?.digest ?? ''
  await here.gate.vote({ requestId, decision: 'approve', digest, actor: rita, edits })
  expect(await loaded).toMatchObject({ permissionDecision: 'deny' })
  await expect.poll(() => status(here)).toBe('failed')
})

test('T39: one that waits, suspended, is kept from running', async () => {
  const here = loading({ wait: 'suspend' })
  expect(await here.load()).toMatchObject({ permissionDecision: 'deny' })
  expect(await status(here)).toBe('pending')
})

test('I7: one without an id, or at a gate that cannot answer, throws, and is blocked', async () => {
  const here = loading()
  await expect(here.load('')).rejects.toThrow('without its name or id')
  await here.gate.close()
  await expect(here.load()).rejects.toThrow()
})
