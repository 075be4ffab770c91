import { type AuditEvent, commitmentOf, eventHash, type Json, OptionError, when } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ada, attempt, ben, scene } from '../../test/scene'
import { parsePersonal } from '../gate-parts'
import { valueAt } from '../values/pointer'
import { nextEvent } from './events'

const everything = { keys: ['email', 'phoneNumber'], people: true, words: true }
const order = {
  customer: { name: 'Zoe Quist', street: 'Elm 1' },
  contactEmail: 'zoe@example.com',
  amount: 7,
}
const SECRETS = ['Zoe', 'Elm 1', 'zoe@example.com', 'Ada Lovelace', 'Ben Brandt', 'fine by me', 'a number']

/** A reviewed call whose arguments, people and words are personal. */
async function reviewed(personal?: typeof everything) {
  const s = scene({ ...(personal && { personal }), onBehalfOf: () => ({ ...ben, name: 'Ben Brandt' }) })
  const wrapped = s.gate.requireApproval(async (given: typeof order, _memo: string) => given.amount, {
    action: 'refund.create',
    parameters: ['order', 'memo'],
    personal: ['/order/customer'],
  })
  const heard: AuditEvent[] = []
  s.gate.on('event', ({ event }) => heard.push(event))
  const call = attempt(s.gate.as({ intent: 'as Zoe asked' }, () => wrapped(order, 'hello')))
  const { id } = await s.only()
  await s.approve(id, { ...ada, name: 'Ada Lovelace' }, { note: 'fine by me' })
  await call.ended
  expect(call.value).toBe(7)
  const chain = s.audit.events.filter(({ subject }) => subject === id)
  return { s, id, chain, heard }
}

/** What the log holds, without what is kept beside. */
const stated = (events: readonly AuditEvent[]): string =>
  JSON.stringify(events.map(({ openings: _, ...event }) => event))

describe('personal data', () => {
  test('stands in the log as commitments that its openings open', async () => {
    const { chain } = await reviewed(everything)
    for (const secret of SECRETS) expect(stated(chain)).not.toContain(secret)
    const opened = chain.flatMap(({ data, openings = [] }) =>
      openings.map((opening) => {
        expect(valueAt(data, opening.pointer.slice(1).split('/'))).toEqual({ hmac: commitmentOf(opening) })
        return [opening.pointer, opening.value]
      }),
    )
    expect(opened).toEqual([
      ['/onBehalfOf/name', 'Ben Brandt'],
      ['/intent', 'as Zoe asked'],
      ['/arguments/1/1', 'zoe@example.com'],
      ['/arguments/2/1', 'Zoe Quist'],
      ['/arguments/3/1', 'Elm 1'],
      ['/actor/name', 'Ada Lovelace'],
      ['/note', 'fine by me'],
      ['/summary', '7'],
    ])
    for (const { data, openings } of chain)
      expect(data['committed'] ?? []).toEqual((openings ?? []).map(({ pointer }) => pointer))
  })

  test('is chained by the commitments alone, so that erasing it breaks nothing', async () => {
    const { chain } = await reviewed(everything)
    expect(chain.length).toBeGreaterThan(3)
    for (const [at, event] of chain.slice(1).entries()) {
      const { openings: _, ...before } = chain[at] as AuditEvent
      expect(event.previous).toBe(eventHash(before))
    }
  })

  test('is told to no listener', async () => {
    const { heard } = await reviewed(everything)
    expect(heard.length).toBeGreaterThan(3)
    for (const event of heard) expect(event).not.toHaveProperty('openings')
    for (const secret of SECRETS) expect(JSON.stringify(heard)).not.toContain(secret)
  })

  test('that an action names is committed though the gate names none', async () => {
    const { chain } = await reviewed()
    const [created] = chain
    expect(created?.openings?.map(({ pointer }) => pointer)).toEqual(['/arguments/2/1', '/arguments/3/1'])
    expect(stated(chain)).toContain('zoe@example.com')
    expect(stated(chain)).not.toContain('Elm 1')
  })

  test('of a call that policy allows is committed too', async () => {
    const s = scene({ personal: everything, policy: [when('*').allow()] })
    const wrapped = s.gate.requireApproval(async (_phone: string, _size: number) => 'x', {
      action: 'sms.send',
      parameters: ['phone_number', 'size'],
    })
    await wrapped('a number', 3)
    expect(stated(s.audit.events)).not.toContain('a number')
    const [start] = await s.events('execution.started')
    expect(start?.openings?.map(({ value }) => value)).toEqual(['a number'])
  })

  test('has another commitment each time, though the value is the same', async () => {
    const [one, other] = await Promise.all([reviewed(everything), reviewed(everything)])
    const hmacs = [one, other].flatMap(({ chain }) => stated(chain).match(/"hmac":"[0-9a-f]{64}"/g) ?? [])
    expect(new Set(hmacs).size).toBe(hmacs.length)
    expect(hmacs.length).toBe(16)
  })
})

describe('what an edit, a grant and a session say of personal arguments', () => {
  const maker = { source: 'gate', personal: parsePersonal({ keys: ['email'] }) }
  const make = (data: { readonly [key: string]: Json }) =>
    nextEvent({ type: 'request.vote-cast', data, personal: ['/who/*'] }, 's', { seq: 0, hash: '' }, 1, maker)

  test('is committed, and nothing beside it', () => {
    const data = {
      changes: [
        { after: '"b"', before: '"a"', path: '/who/name' },
        { after: '2', before: null, path: '/size' },
        { after: null, before: '"x"', path: '/email' },
      ],
      constraints: [
        { equals: [['', '"a"']], path: '/who/name' },
        { any: true, path: '/who/email' },
      ],
      data: [['/email', '"m"']],
    }
    const { openings = [], data: kept } = make(data)
    expect(openings.map(({ pointer, value }) => [pointer, value])).toEqual([
      ['/data/0/1', '"m"'],
      ['/changes/0/after', '"b"'],
      ['/changes/0/before', '"a"'],
      ['/changes/2/before', '"x"'],
      ['/constraints/0/equals', [['', '"a"']]],
    ])
    expect(Object.keys(kept)).toEqual(['changes', 'committed', 'constraints', 'data'])
    expect((kept['changes'] as Json[])[1]).toEqual(data.changes[1])
    expect(data.changes[0]?.after).toBe('"b"')
  })

  test('keeps the form that hashes rely on, whatever the data', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.array(fc.string()), (members, paths) => {
        const data = { ...members, arguments: paths.map((path) => [path, 'text']), note: 'n' }
        const sorted = Object.fromEntries(
          Object.entries(data).sort(([one], [other]) => (one < other ? -1 : 1)),
        )
        const { openings: _, ...event } = make(sorted as { readonly [key: string]: Json })
        const keys = Object.keys(event.data).filter((key) => !/^\d+$/.test(key))
        expect(keys).toEqual([...keys].sort())
      }),
    )
  })
})

test.each([
  [{ keys: 'email' }, /personal.keys/],
  [{ keys: ['--'] }, /personal.keys/],
  [{ people: 'yes' }, /personal.people/],
  [{ words: 1 }, /personal.words/],
  [{ peple: true }, /peple/],
])('options that are wrong are refused: %j', (personal, problem) => {
  expect(() => scene({ personal: personal as never })).toThrow(OptionError)
  expect(() => scene({ personal: personal as never })).toThrow(problem)
})
