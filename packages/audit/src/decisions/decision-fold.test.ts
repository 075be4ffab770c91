import type { AuditEvent, Json } from '@gatewright/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { billingWorld } from '../../test/billing-world'
import { honestWorld } from '../../test/honest-worlds'
import { eventOf } from '../../test/support/events'
import type { Decision } from './decision'
import { DecisionFold } from './decision-fold'
import type { DecisionException } from './exceptions'

let world: readonly AuditEvent[] = []

beforeAll(async () => {
  world = await billingWorld()
})

/** What events make, each with the log it stands in. */
function fold(
  events: readonly AuditEvent[],
  directoryOf: (event: AuditEvent, at: number) => string = () => 'log',
) {
  const decisions: Decision[] = []
  const exceptions: DecisionException[] = []
  const folding = new DecisionFold({
    decision: (decision) => void decisions.push(decision),
    exception: (exception) => void exceptions.push(exception),
  })
  for (const [index, event] of events.entries())
    folding.add({ event, directory: directoryOf(event, index), index })
  folding.finish()
  return { decisions, exceptions, grants: folding.grants }
}

const byAction = ({ decisions }: ReturnType<typeof fold>, action: string) =>
  decisions.filter((decision) => decision.action === action)

describe('a decision', () => {
  test('tells the whole story of a request', () => {
    const refund = byAction(fold(world), 'refund.issue').find(({ quorum }) => quorum?.met)
    expect(refund).toMatchObject({
      kind: 'request',
      agent: { id: 'billing-bot', name: 'Billing agent', owner: { name: 'Olga Orlova' } },
      model: 'opus-5',
      onBehalfOf: { name: 'María Núñez' },
      intent: 'The customer was charged twice.',
      basis: 'votes',
      quorum: { required: 2, approved: 2, met: true, stages: ['review: 2 of group ops'] },
      resolution: { status: 'approved' },
      execution: { outcome: 'succeeded' },
      separated: true,
    })
    expect(refund?.arguments.map(([path]) => path)).toEqual(['/customer', '/amount', '/reason'])
    expect(refund?.votes.map(({ actor, counts }) => [actor.name, counts])).toEqual([
      ['Jonas Lindqvist', true],
      ['Priya Raman', true],
    ])
    expect(refund?.exceptions.map(({ code }) => code)).toEqual([
      'self-approval-attempt',
      'unentitled-vote',
      'self-approval-attempt',
    ])
  })

  test('of edited arguments says what was proposed, what was changed, and on what votes count', async () => {
    const [edited] = byAction(fold(await honestWorld('edited')), 'mail.send')
    expect(edited?.edits).toEqual([
      ['/to', 'all', 'me'],
      ['/to', 'me', 'all'],
    ])
    expect(edited?.proposedDigest).toBe(edited?.argumentsDigest)
    expect(edited?.votes.map(({ counts }) => counts)).toEqual([false, false, true, true])
    expect(edited?.quorum).toMatchObject({ required: 2, approved: 2, met: true })
  })

  test('that rests on the votes of an attempt before it names them', async () => {
    const retried = byAction(fold(await honestWorld('retried')), 'mail.send')
    expect(retried.map(({ quorum, retryOf }) => [quorum?.approved, retryOf])).toEqual([
      [1, null],
      [1, retried[0]?.id],
      [1, retried[1]?.id],
    ])
  })

  test('on a grant names who gave it', async () => {
    const { decisions, grants } = fold(await honestWorld('granted'))
    expect(decisions.map(({ grant }) => grant?.givers.map(({ subject }) => subject))).toEqual([
      ['ada', 'ben'],
      ['ada', 'ben'],
    ])
    expect(grants).toMatchObject([{ uses: 2, used: 2, revoked: { reason: 'over' } }])
  })

  test('keeps the credentials of its session, and says when one was left', () => {
    const [change] = byAction(fold(world), 'price.change')
    expect(change?.credentials).toMatchObject([{ broker: 'postgres', revokedAt: expect.any(Number) }])
    const without = fold(world.filter(({ type }) => type !== 'credential.revoked'))
    expect(byAction(without, 'price.change')[0]?.exceptions.map(({ code }) => code)).toEqual([
      'credential-left',
    ])
  })

  test('of which events are missing says so, and one that never ended', () => {
    const [started] = world.filter(({ type }) => type === 'execution.started')
    const refund = world.find(({ data }) => data.action === 'refund.issue')?.subject
    const gone = world.filter(
      ({ id, subject, type }) =>
        !(subject === refund && type === 'request.vote-cast') &&
        !(subject === started?.subject && id !== started.id),
    )
    const { decisions } = fold(gone)
    const codes = (id: string | undefined) =>
      decisions.find((decision) => decision.id === id)?.exceptions.map(({ code }) => code)
    expect(codes(refund)).toContain('events-missing')
    expect(codes(started?.subject)).toEqual(['outcome-missing'])
  })

  test('approved by the owner is not separate', () => {
    const forged = world.map((event) =>
      event.type === 'request.vote-cast'
        ? { ...event, data: { ...event.data, person: { issuer: 'https://idp.test', subject: '00u1olga' } } }
        : event,
    )
    const refund = byAction(fold(forged), 'refund.issue').find(({ execution }) => execution !== null)
    expect(refund?.separated).toBe(false)
    expect(refund?.exceptions.map(({ code }) => code)).toContain('self-approval')
    // One person, twice: not two people.
    expect(refund?.quorum).toMatchObject({ approved: 1, met: false })
  })
})

describe('several logs', () => {
  test('that hold equal events make equal decisions, once', () => {
    const twice = world.flatMap((event) => [event, event])
    const alone = fold(world)
    const both = fold(twice, (_, at) => (at % 2 === 0 ? 'log' : 'copy'))
    const plain = ({ decisions, exceptions }: ReturnType<typeof fold>) => [
      decisions.map(({ place: _, ...decision }) => decision),
      exceptions,
    ]
    expect(plain(both)).toEqual(plain(alone))
  })

  test('that hold a chain in parts are read as one, and its receipt comes from the log of whoever ran it', () => {
    const refund = world.find(({ data }) => data.action === 'refund.issue')?.subject
    const { decisions } = fold(world, ({ type }) => (type.startsWith('execution.') ? 'executor' : 'asker'))
    const decision = decisions.find(({ id }) => id === refund)
    expect(decision?.place.directory).toBe('executor')
    expect(decision?.quorum?.met).toBe(true)
  })

  test('whose events come late and out of order make the same story', () => {
    const reversed = fold([...world].reverse())
    const stories = ({ decisions }: ReturnType<typeof fold>) =>
      decisions
        .map(({ execution, id, quorum, resolution, votes }) => ({ execution, id, quorum, resolution, votes }))
        .sort((one, other) => (one.id < other.id ? -1 : 1))
    const unnamed = (all: unknown) =>
      JSON.parse(JSON.stringify(all), (key, value) => (key === 'by' ? null : value))
    expect(unnamed(stories(reversed))).toEqual(unnamed(stories(fold(world))))
  })
})

test('remembers no more than a few thousand actions that ended, and still counts each once', () => {
  const calls = Array.from({ length: 10_000 }, (_, at) => [
    eventOf(`call${at}`, 1, 'execution.started', { action: 'a.run', basis: 'policy' }),
    eventOf(`call${at}`, 2, 'execution.succeeded', { status: 'succeeded' }),
  ]).flat()
  let told = 0
  let first = 0
  const folding = new DecisionFold({
    decision() {
      told += 1
    },
    exception() {},
  })
  for (const [index, event] of calls.entries()) {
    folding.add({ event, directory: 'log', index })
    if (told === 1 && first === 0) first = index
  }
  // The first is told long before the last is met; a copy of it that comes later is no second one.
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThan(9_000)
  for (const event of calls.slice(0, 2)) folding.add({ event, directory: 'copy', index: 0 })
  folding.finish()
  expect(told).toBe(10_000)
})

test('nothing that may stand in an event makes it throw', () => {
  const odd: readonly Json[] = [
    null,
    true,
    0,
    -1,
    1e300,
    '',
    'x',
    [],
    [[]],
    [null],
    {},
    { a: {} },
    [{ a: [1] }],
  ]
  for (const [at, event] of world.entries()) {
    for (const [name] of Object.entries(event.data)) {
      for (const value of odd) {
        const changed = { ...event, data: { ...event.data, [name]: value } }
        const { decisions } = fold(
          [...world.slice(0, at), changed, ...world.slice(at + 1)].filter(
            ({ subject }) => subject === event.subject,
          ),
        )
        expect(decisions.length).toBeLessThanOrEqual(1)
        JSON.stringify(decisions)
      }
    }
  }
})
