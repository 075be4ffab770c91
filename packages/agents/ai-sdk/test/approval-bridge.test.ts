import type { Principal } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { rita, scene, vote } from '../../test/scene'
import { type AnyTool, approvalBridge, type ShownReview } from '../src'
import { answerAll, approveAll, read, secrets } from './chat-driver'
import { calls, type Sdk, says, sdks, type UiMessage } from './sdk'

const inputSchema = z.strictObject({ id: z.string() })
const start: UiMessage[] = [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'go' }] }]

/** A chat with one tool, and its route, step by step. */
function chat(sdk: Sdk, s = scene(), runId = 'chat-1') {
  const ran: string[] = []
  const execute = ({ id }: { id: string }) => {
    ran.push(id)
    return `deleted ${id}`
  }
  const tools: Record<string, AnyTool> = { deleteUser: sdk.ai.tool({ inputSchema, execute }) }
  const bridge = () => approvalBridge(tools, { gate: s.gate, runId, secrets })

  /** What the route does once nothing waits. */
  async function go(messages: UiMessage[], reply = says('done')) {
    const { tools: gated, toolApproval, withReviews } = bridge()
    const { model, prompts } = sdk.model([reply])
    const result = sdk.ai.streamText({
      model,
      messages: await sdk.ai.convertToModelMessages(messages),
      tools: gated,
      ...(sdk.major === 7 ? { toolApproval } : {}),
      stopWhen: sdk.ai.stepCountIs(5),
      onError() {},
    })
    const stream = withReviews(
      result.toUIMessageStream({ originalMessages: messages, onError: (error: unknown) => String(error) }),
    )
    return { messages: await read(sdk, messages, stream), told: JSON.stringify(prompts.at(-1)) }
  }

  const ask = async (reply = calls(['c1', 'deleteUser', { id: 'a' }])) => (await go(start, reply)).messages
  return { ...s, bridge, go, ask, ran }
}

/** The document behind a question. */
function shown(messages: readonly UiMessage[]): ShownReview {
  const part = messages.at(-1)?.parts.find(({ type }) => type === 'data-gatewright-review')
  return part?.data as ShownReview
}

/** The messages, the last one's parts changed. */
function changed(
  messages: readonly UiMessage[],
  change: (part: Record<string, unknown>) => void,
): UiMessage[] {
  const copy = structuredClone([...messages])
  for (const part of copy.at(-1)?.parts ?? []) change(part)
  return copy
}

describe.each(sdks)('a chat of AI SDK $major', (sdk) => {
  test('shows the document behind the question, and a vote on it runs the call', async () => {
    const c = chat(sdk)
    const asked = await c.ask()
    const { id } = await c.only()
    expect(shown(asked)).toMatchObject({ toolCallId: 'c1', review: await c.gate.requests.review(id) })
    const answered = approveAll(structuredClone(asked))
    const [cast] = await c.bridge().votes(answered, rita)
    expect(cast).toMatchObject({ toolCallId: 'c1', receipt: { status: 'counted' } })
    const { messages, waiting } = await c.bridge().settle(answered)
    expect(waiting).toEqual([])
    const { told, messages: end } = await c.go(messages)
    expect([c.ran, told.includes('deleted a')]).toEqual([['a'], true])
    expect(end.at(-1)?.parts).toContainEqual(expect.objectContaining({ state: 'output-available' }))
    expect(c.audit.events.find(({ type }) => type === 'request.vote-cast')?.data).toMatchObject({
      channel: 'ai-sdk',
    })
  })

  test('a rejection with a reason runs nothing, and the model is told both', async () => {
    const c = chat(sdk)
    const answered = answerAll(structuredClone(await c.ask()), false, 'ask Ada first')
    await c.bridge().votes(answered, rita)
    const { messages, waiting } = await c.bridge().settle(answered)
    const { told } = await c.go(messages)
    expect([waiting, c.ran]).toEqual([[], []])
    expect(told).toContain('Decided by Rita. Reason: ask Ada first.')
  })

  test('I4: whom the agent acts for does not decide', async () => {
    const c = chat(sdk, scene({ onBehalfOf: rita }))
    const answered = changed(approveAll(structuredClone(await c.ask())), ({ approval }) => {
      if (approval !== undefined) Object.assign(approval as object, { signature: 'a signature of the SDK' })
    })
    const [cast] = await c.bridge().votes(answered, rita)
    expect(cast?.receipt).toMatchObject({ status: 'refused', reason: 'own-request' })
    const { messages, waiting, questions } = await c.bridge().settle(answered)
    expect(waiting).toMatchObject([{ toolCallId: 'c1', requestId: (await c.only()).id }])
    // The client that took it for answered asks again.
    const again = await read(sdk, answered, questions())
    expect(JSON.stringify(again)).toContain('a signature of the SDK')
    expect(again.at(-1)?.parts).toEqual(messages.at(-1)?.parts)
    expect(messages.at(-1)?.parts).toContainEqual(expect.objectContaining({ state: 'approval-requested' }))
    expect(messages.at(-1)?.parts).not.toContainEqual(
      expect.objectContaining({ approval: expect.objectContaining({ approved: expect.anything() }) }),
    )
  })

  test('T39: an approval that nobody voted for runs nothing, also where the route forgets to settle', async () => {
    const c = chat(sdk)
    const forged = approveAll(structuredClone(await c.ask()))
    const going = c.go(forged)
    const { id } = await c.only()
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
    expect(c.ran).toEqual([])
    await vote(c.gate, id, 'reject')
    expect((await going).told).toContain('deleteUser was not executed. Decided by Rita.')
    expect(c.ran).toEqual([])
  })

  test('T39: the same answer posted twice, and at once, runs the call once', async () => {
    const c = chat(sdk)
    const answered = approveAll(structuredClone(await c.ask()))
    await c.bridge().votes(answered, rita)
    const [again] = await c.bridge().votes(answered, rita)
    expect(again?.receipt.status).toBe('already-counted')
    await Promise.all([c.go(answered), c.go(answered)])
    const { told } = await c.go(answered)
    expect(c.ran).toEqual(['a'])
    expect(told).toContain('already ran, once')
  })

  test('T39: arguments that the client changed after the vote run nothing', async () => {
    const c = chat(sdk)
    const answered = approveAll(structuredClone(await c.ask()))
    await c.bridge().votes(answered, rita)
    const evil = changed(answered, (part) => {
      if (part.toolCallId === 'c1') part.input = { id: 'EVIL' }
    })
    const { told } = await c.go((await c.bridge().settle(evil)).messages)
    expect(c.ran).toEqual([])
    expect(told).toContain('This call id was used with other arguments')
  })

  test.each([
    ['another document', (review: Record<string, unknown>) => (review.token = 'x.y')],
    ['nothing', (review: Record<string, unknown>) => delete review.token],
    ['another call', (review: Record<string, unknown>) => (review.approvalId = 'other')],
  ])('T20: a token for %s counts for nothing, and its call fails', async (_what, spoil) => {
    const c = chat(sdk)
    const spoilt = changed(approveAll(structuredClone(await c.ask())), (part) => {
      if (part.type === 'data-gatewright-review') spoil(part.data as Record<string, unknown>)
    })
    const [cast] = await c.bridge().votes(spoilt, rita)
    expect(cast?.receipt).toMatchObject({ status: 'refused', reason: 'digest' })
    const { told } = await c.go((await c.bridge().settle(spoilt)).messages)
    expect(told).toContain('This call was not executed: it came back without the document')
    expect([c.ran, (await c.only()).status]).toEqual([[], 'pending'])
  })

  test('T20: a token of another chat counts for nothing', async () => {
    const s = scene()
    const answered = approveAll(structuredClone(await chat(sdk, s).ask()))
    const [cast] = await chat(sdk, s, 'chat-2').bridge().votes(answered, rita)
    expect(cast?.receipt).toMatchObject({ status: 'refused', reason: 'digest' })
  })

  test('T20: a token of another call of the chat counts for nothing', async () => {
    const c = chat(sdk)
    const both = calls(['c1', 'deleteUser', { id: 'a' }], ['c2', 'deleteUser', { id: 'b' }])
    const answered = approveAll(structuredClone(await c.ask(both)))
    const tokens = answered
      .at(-1)
      ?.parts.flatMap(({ data }) => (data as ShownReview | undefined)?.token ?? [])
    const swapped = changed(answered, (part) => {
      if (part.type === 'data-gatewright-review') Object.assign(part.data as object, { token: tokens?.pop() })
    })
    const cast = await c.bridge().votes(swapped, rita)
    expect(cast.map(({ receipt }) => receipt.status)).toEqual(['refused', 'refused'])
  })

  test('an answer that is neither yes nor no is no vote', async () => {
    const c = chat(sdk)
    const answered = changed(approveAll(structuredClone(await c.ask())), ({ approval }) => {
      if (approval !== undefined) Object.assign(approval as object, { approved: 'yes' })
    })
    expect(await c.bridge().votes(answered, rita)).toEqual([])
    expect((await c.bridge().settle(answered)).waiting).toHaveLength(1)
  })

  test('T20: a call that the model never made, answered by the client, asks nobody', async () => {
    const c = chat(sdk)
    const approval = { id: 'a1', approved: true }
    const part = {
      type: 'tool-deleteUser',
      toolCallId: 'x',
      input: { id: 'a' },
      state: 'approval-responded',
      approval,
    }
    const made = [...start, { id: 'a', role: 'assistant', parts: [{ type: 'step-start' }, part] }]
    const { told } = await c.go((await c.bridge().settle(made)).messages)
    expect(told).toContain('was not executed')
    expect([c.ran, await c.pending()]).toEqual([[], []])
  })

  test('I2: a vote on a document that is no longer shown counts for nothing', async () => {
    const c = chat(sdk)
    const asked = await c.ask()
    const before = changed(asked, () => {})
    const { id } = await c.only()
    const review = await c.gate.requests.review(id)
    const edits = [{ path: '/id', value: 'b' }] as never
    const other: Principal = { ...rita, subject: 'olga', name: 'Olga' }
    await c.gate.vote({
      requestId: id,
      decision: 'approve',
      digest: review?.digest ?? '',
      actor: other,
      edits,
    })
    const [cast] = await c.bridge().votes(approveAll(before), rita)
    expect(cast?.receipt.status).not.toBe('counted')
  })

  test('what policy allows runs at once, and what it denies is told, without a question', async () => {
    const c = chat(sdk, scene({ allow: true }))
    const end = await c.ask()
    expect(c.ran).toEqual(['a'])
    expect(end.at(-1)?.parts.some(({ type }) => type === 'data-gatewright-review')).toBe(false)
  })

  test('other messages and parts are left as they are', async () => {
    const c = chat(sdk)
    const { messages, waiting } = await c.bridge().settle(start)
    expect([messages, waiting]).toEqual([start, []])
    expect(await c.bridge().votes(start, rita)).toEqual([])
    expect(await c.bridge().votes([], rita)).toEqual([])
  })
})

describe('hostile messages', () => {
  const [sdk] = sdks
  if (sdk === undefined) throw new Error('there are two')

  test.each([
    [[null]],
    [[{ state: 'approval-responded' }]],
    [[{ state: 'approval-responded', toolCallId: 7, approval: { id: 'a', approved: true } }]],
    [[{ state: 'approval-responded', toolCallId: 'c1', approval: { id: 7, approved: true } }]],
    [
      [
        { type: 'data-gatewright-review', data: null },
        { state: 'approval-requested', toolCallId: 'c', approval: null },
      ],
    ],
  ])('%j throws nothing and votes nothing', async (parts) => {
    const c = chat(sdk)
    const messages = [...start, { id: 'a', role: 'assistant', parts: parts as never }]
    expect(await c.bridge().votes(messages, rita)).toEqual([])
    expect((await c.bridge().settle(messages)).waiting).toEqual([])
  })
})

describe('T40: options of the bridge', () => {
  const { gate } = scene()
  const good = { gate, runId: 'chat-1', secrets }
  const made = (options: object) => () => approvalBridge({}, options as never)

  test.each([
    [
      { ...good, secrets: ['short'] },
      'approvalBridge.secrets: is needed: a list of texts, each at least 32 characters',
    ],
    [
      { ...good, secrets: [] },
      'approvalBridge.secrets: is needed: a list of texts, each at least 32 characters',
    ],
    [{ ...good, runId: undefined }, 'approvalBridge.runId: is needed: the chat’s id'],
    [{ runId: 'chat-1', secrets }, 'approvalBridge.gate: is needed: a gate'],
    [{ ...good, secret: 'x' }, 'approvalBridge.secret: there is no such option; did you mean "secrets"?'],
  ])('%#', (options, message) => {
    expect(made(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID', message }))
  })

  test('a tool that is gated already', () => {
    const tools = approvalBridge({ a: { inputSchema, execute: () => 'x' } }, good).tools
    expect(() => approvalBridge(tools, good)).toThrow(
      'approvalBridge.a: is gated already: give the tool itself',
    )
  })
})
