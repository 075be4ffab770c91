import { group, memoryStore, when } from '@gatewright/core'
import {
  type AgentOptions,
  gateToolCalls,
  type ToolAnswer,
  ToolFailed,
  ToolSuspended,
} from '@gatewright/core/agents'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Attempt, ada, attempt, type Scene, scene, settle, wired } from '../../test/scene'

interface Live {
  readonly config: string
}

/** One agent with one tool; what it was run with, and how it is called. */
function agent(s: Scene, options: Omit<AgentOptions, 'gate'> = {}, more: { input?: z.ZodType } = {}) {
  const tools = gateToolCalls({ gate: s.gate, ...options }, 'gateTools')
  const ran: unknown[] = []
  const tool = {
    run: (input: unknown): unknown => {
      return input
    },
  }
  const call = tools.of<Live>(
    tool,
    'deleteUser',
    (input, live) => {
      ran.push([input, live?.config])
      return tool.run(input)
    },
    more.input,
  )
  return { tools, tool, ran, call }
}

const LIVE: Live = { config: 'the framework’s' }
const asked = (a: ReturnType<typeof agent>, input: unknown = { id: 'u-7' }, call = {}): Attempt<ToolAnswer> =>
  attempt(a.call(input, LIVE, { callId: 'call-1', runId: 'run-1', ...call }))

describe('a tool call of an agent', () => {
  test('runs once on what was shown, with what the framework gave beside, and says where it comes from', async () => {
    const s = scene()
    const a = agent(s, { model: 'm-1' })
    const call = asked(
      a,
      { id: 'u-7' },
      { agent: 'researcher', intent: 'tidying up', traceparent: '00-1-1-01' },
    )
    const request = await s.only()
    expect(request).toMatchObject({
      action: 'tool.delete_user',
      intent: 'tidying up',
      origin: {
        agent: 'researcher',
        model: 'm-1',
        callId: 'call-1',
        runId: 'run-1',
        traceparent: '00-1-1-01',
      },
    })
    expect(request.arguments).not.toContain('framework')
    await s.approve(request.id)
    await call.ended
    expect(call.value).toEqual({ status: 'ran', result: { id: 'u-7' }, changed: [] })
    expect(a.ran).toEqual([[{ id: 'u-7' }, 'the framework’s']])
  })

  test('T46: that is rejected tells the model who said so, why, and that repeating will not help', async () => {
    const s = scene()
    const a = agent(s)
    const call = asked(a)
    const { id } = await s.only()
    await s.reject(id, ada, 'Ask the owner first')
    await call.ended
    expect(call.value).toMatchObject({
      status: 'refused',
      refusal: { code: 'ERR_APPROVAL_REJECTED', requestId: id, by: 'ada', reason: 'Ask the owner first' },
    })
    expect(call.value).toHaveProperty(
      'text',
      'deleteUser was not executed. Decided by ada. Reason: Ask the owner first. Calling again unchanged will not help: do what the reviewer says, or tell the user.',
    )
    expect(a.ran).toEqual([])
  })

  test('that was edited says where', async () => {
    const s = scene()
    const a = agent(s)
    const call = asked(a)
    const { id } = await s.only()
    await s.approve(id, ada, { edits: [{ path: '/id', value: 'u-8' }] as never, note: 'the other one' })
    await call.ended
    expect(call.value).toEqual({ status: 'ran', result: { id: 'u-8' }, changed: ['/id'] })
  })

  test('whose arguments do not fit asks nobody, and says what is wrong (T33)', async () => {
    const s = scene()
    const a = agent(s, {}, { input: z.strictObject({ id: z.string() }) })
    const call = asked(a, { id: 7 })
    await call.ended
    expect(call.value).toMatchObject({ status: 'refused', refusal: { code: 'ERR_ARGUMENTS_INVALID' } })
    expect(call.value).toHaveProperty(
      'text',
      expect.stringMatching(/^deleteUser was not executed\. \/id: .+ call again\.$/),
    )
    expect([a.ran, await s.pending()]).toEqual([[], []])
  })

  test('that fails of itself throws what the tool threw, also when that is an error of ours', async () => {
    const s = scene({ policy: [when('tool.*').allow()] })
    const a = agent(s)
    const inner = await attempt(s.gate.resume('nothing')).ended.then(() => new Error('no such user'))
    a.tool.run = () => {
      throw inner
    }
    const call = asked(a)
    await call.ended
    expect(call.error).toBe(inner)
    expect((await s.events('execution.failed')).length).toBe(1)
  })

  test('that failed with a result gives the result, and is recorded as failed', async () => {
    const s = scene({ policy: [when('tool.*').allow()] })
    const a = agent(s)
    a.tool.run = () => {
      throw new ToolFailed({ isError: true })
    }
    const call = asked(a)
    await call.ended
    expect(call.value).toEqual({ status: 'ran', result: { isError: true }, changed: [] })
    expect((await s.events('execution.failed')).length).toBe(1)
  })

  test('that its framework gives up is cancelled, and ends with the framework’s own reason', async () => {
    const s = scene()
    const a = agent(s)
    const gaveUp = new AbortController()
    const call = asked(a, {}, { signal: gaveUp.signal })
    const { id } = await s.only()
    const reason = new Error('the user left')
    gaveUp.abort(reason)
    await call.ended
    expect(call.error).toBe(reason)
    expect((await s.request(id)).status).toBe('cancelled')
    expect(a.ran).toEqual([])
  })

  test.each([
    ['waits', { wait: 'suspend' }, 'ERR_APPROVAL_PENDING'],
    ['finds the gate closed', {}, 'ERR_GATE_CLOSED'],
  ] as const)('that %s is the host’s to hear, not the model’s', async (_what, options, code) => {
    const s = scene()
    if (code === 'ERR_GATE_CLOSED') await s.close()
    const a = agent(s, options)
    const call = asked(a)
    await call.ended
    expect([call.code, a.ran]).toEqual([code, []])
  })

  test('T39: delivered twice runs once, and T53: the same id in another run is another call', async () => {
    const s = scene()
    const a = agent(s, { tools: { deleteUser: { keepResult: true } } })
    const [one, again] = [asked(a), asked(a)]
    const other = asked(a, { id: 'u-7' }, { runId: 'run-2' })
    const waiting = await s.pending()
    expect(waiting.map(({ origin }) => origin.runId)).toEqual(['run-1', 'run-2'])
    for (const { id } of waiting) await s.approve(id)
    await Promise.all([one.ended, again.ended, other.ended])
    expect([one.value, again.value]).toMatchObject([{ result: { id: 'u-7' } }, { result: { id: 'u-7' } }])
    expect(a.ran).toHaveLength(2)
  })

  test('an id that is empty is no id: two such calls are two', async () => {
    const s = scene()
    const a = agent(s, { runId: () => undefined })
    asked(a, {}, { callId: '', runId: '' })
    asked(a, {}, { callId: '', runId: '' })
    expect(await s.pending()).toHaveLength(2)
  })

  test('of which a provider tells nothing, by null, asks as well', async () => {
    const s = scene()
    const a = agent(s)
    const nothing = { callId: null, runId: null, model: null, intent: null }
    const call = asked(a, {}, nothing as never)
    const request = await s.only()
    expect(request.origin).toMatchObject({ callId: null, runId: null, model: null })
    await s.approve(request.id)
    await call.ended
    expect(call.value).toMatchObject({ status: 'ran' })
  })

  test('may be told to the model in other words, which are never nothing', async () => {
    const s = scene({ policy: [when('tool.*').deny('not here')] })
    const [said, silent] = [
      agent(s, { refusal: ({ code }) => `no: ${code}` }),
      agent(s, { refusal: () => '' }),
    ]
    const calls = [asked(said), asked(silent)]
    await Promise.all(calls.map(({ ended }) => ended))
    expect(calls.map(({ value }) => value?.status === 'refused' && value.text)).toEqual([
      'no: ERR_APPROVAL_DENIED',
      'deleteUser was not executed. Reason: not here. No person was asked: a rule forbids it. Calling again unchanged will not help.',
    ])
  })

  test('of one object under two names is two actions', async () => {
    const s = scene()
    const a = agent(s)
    const other = a.tools.of<Live>(a.tool, 'dropTable', () => 'dropped')
    asked(a)
    attempt(other({}, LIVE, {}))
    const actions = (await s.pending()).map(({ action }) => action)
    expect(actions.sort()).toEqual(['tool.delete_user', 'tool.drop_table'])
  })

  test('that ran says so, though the store can no longer tell whether it was edited', async () => {
    let down = false
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const store = wired(shared, {
      async before(method) {
        if (down && method === 'get') throw new Error('down')
      },
    })
    const s = scene({ clock, store })
    const a = agent(s)
    const call = asked(a)
    const { id } = await s.only()
    a.tool.run = () => {
      down = true
      return 'done'
    }
    await s.approve(id)
    await call.ended
    expect(call.value).toEqual({ status: 'ran', result: 'done', changed: [] })
  })

  test('is resumed without its framework', async () => {
    const s = scene()
    const a = agent(s, { wait: 'suspend' })
    await asked(a).ended
    const { id } = await s.only()
    await s.approve(id)
    expect(await s.gate.resume(id)).toEqual({ id: 'u-7' })
    expect(a.ran).toEqual([[{ id: 'u-7' }, undefined]])
  })
})

describe('T40: what is said of tools', () => {
  const made = (options: object) => () => gateToolCalls(options as AgentOptions, 'gateTools')

  test.each([
    [{ tolls: {} }, 'gateTools.tolls: there is no such option; did you mean "tools"?'],
    [{ action: 'user.delete' }, 'gateTools.action: must be a function'],
    [{ tools: [] }, 'gateTools.tools: must be an object of actions by tool names'],
    [{ tools: { a: true } }, 'gateTools.tools.a: must be an action or the options of one'],
    [{ runId: '' }, 'gateTools.runId: must be a non-empty string'],
    [{ wait: 'later' }, "gateTools.wait: is 'inline', 'suspend' or { inlineFor: '30s' }"],
    [{ gate: {} }, 'requireApproval.gate: is not a gate made by createGate of this copy of the package'],
  ])('%j is refused', (options, message) => {
    expect(made(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID', message }))
  })

  test('names a tool that there is', () => {
    const tools = gateToolCalls({ tools: { deleteUser: {}, dropTable: {} } }, 'gateTools')
    expect(() => tools.are(['deleteUser'])).toThrow(
      'gateTools.tools.dropTable: there is no such tool. There are: deleteUser',
    )
    expect(() => tools.are(['deleteUser', 'dropTable'])).not.toThrow()
  })

  test('two tools do not share an action by accident', () => {
    const s = scene()
    const { tools } = agent(s)
    expect(() => tools.of({}, 'delete_user', () => {})).toThrow(
      'gateTools.action: gives the tools deleteUser and delete_user the same action, tool.delete_user',
    )
  })

  test('the options of one tool count for it alone', async () => {
    const s = scene({ requirement: { reviewers: group('ops') } })
    const a = agent(s, { tools: { deleteUser: { title: 'Delete a user', redact: ['/id'] } } })
    asked(a)
    const { presentation, id } = await s.only()
    expect(presentation).toMatchObject({ title: 'Delete a user' })
    expect(JSON.stringify(await s.gate.requests.review(id))).not.toContain('u-7')
    await settle()
  })
})

describe('a run that stopped to wait for something within it', () => {
  /** A tool that stops once, and the cause that its adapter throws on. */
  async function stopping(options: Omit<AgentOptions, 'gate'>, rules: Parameters<typeof scene>[0] = {}) {
    const s = scene(rules)
    const a = agent(s, options)
    const cause = new Error('suspended')
    a.tool.run = () => {
      throw new ToolSuspended(cause)
    }
    const first = asked(a)
    if (rules?.policy === undefined) await s.approve((await s.only()).id)
    await first.ended
    expect(first.error).toMatchObject({ name: 'ToolSuspended', cause })
    a.tool.run = (input) => input
    return { s, a }
  }

  test('begins anew when it is delivered again, where a rule allows it', async () => {
    const { a } = await stopping({}, { policy: [when('tool.*').allow()] })
    const again = asked(a)
    await again.ended
    expect(again.value).toMatchObject({ status: 'ran' })
    expect(a.ran).toHaveLength(2)
  })

  test('is asked about again, where people had approved it', async () => {
    const { s, a } = await stopping({})
    const again = asked(a)
    const { id } = await s.only()
    expect(a.ran).toHaveLength(1)
    await s.reject(id, ada, 'not twice')
    await again.ended
    expect(again.value).toMatchObject({ status: 'refused', refusal: { reason: 'not twice' } })
    expect(a.ran).toHaveLength(1)
  })

  test('goes on with its approval, where its action is idempotent', async () => {
    const { a } = await stopping({ tools: { deleteUser: { idempotent: true } } })
    const again = asked(a)
    await again.ended
    expect(again.value).toMatchObject({ status: 'ran' })
  })

  test('is not taken for one that failed, which does not run again', async () => {
    const s = scene({ policy: [when('tool.*').allow()] })
    const a = agent(s)
    a.tool.run = () => {
      throw new Error('the disk is full')
    }
    await asked(a).ended
    const again = asked(a)
    await again.ended
    expect(again.value).toMatchObject({ status: 'refused', refusal: { code: 'ERR_EXECUTION_FAILED' } })
    expect(a.ran).toHaveLength(1)
  })
})

test('T40: a misspelt option of a tool is refused before there is such a tool', () => {
  const tools = { deleteUser: { redcat: ['/id'] } as object }
  expect(() => gateToolCalls({ tools }, 'gateTools')).toThrow('gateTools.tools.deleteUser')
})

test('T53: a function that gives an empty run id is as good as silent, and the framework’s counts', async () => {
  const s = scene()
  const a = agent(s, { runId: () => '' })
  asked(a)
  expect((await s.only()).origin).toMatchObject({ callId: 'call-1', runId: 'run-1' })
})

test.each([undefined, '', ' ', 7, Promise.resolve('soon')])(
  'T40: other words for the model that are no text (%s) leave those of the refusal',
  async (words) => {
    const s = scene({ policy: [when('tool.*').deny('never')] })
    const a = agent(s, { refusal: () => words as string })
    const call = asked(a)
    await call.ended
    expect(call.value).toMatchObject({ status: 'refused', text: expect.stringContaining('Reason: never.') })
  },
)

test('what stands beside a call has bounds, and ids that are too long stay apart and the same', async () => {
  const s = scene()
  const a = agent(s)
  const long = 'z'.repeat(1_000_000)
  asked(
    a,
    {},
    { callId: long, runId: long, agent: long, model: `${'m'.repeat(199)}\ud83d\ude00`, intent: long },
  )
  asked(a, {}, { callId: `${long}y`, runId: long })
  asked(a, {}, { callId: long, runId: long })
  const [first, ...others] = await s.pending()
  expect(others).toHaveLength(1)
  expect(first?.origin).toMatchObject({
    callId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    runId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    agent: `${'z'.repeat(200)}…`,
    model: `${'m'.repeat(199)}\ufffd…`,
  })
  expect(first?.intent).toBe(`${'z'.repeat(10_000)}…`)
  expect(others[0]?.origin.callId).not.toBe(first?.origin.callId)
})

test('what to ask about a call without running it has the key of its run', async () => {
  const s = scene()
  const a = agent(s, { agent: 'janitor' })
  expect(a.tools.asking('deleteUser', { callId: 'call-1', runId: 'run-1', model: '' })).toEqual({
    action: 'tool.delete_user',
    options: {},
    context: { agent: 'janitor', callId: 'call-1', runId: 'run-1' },
  })
})
