import type { ApprovalStore, AuditEvent, Transition } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import type { Violation } from './evidence'
import type { Tamper } from './process'
import { simulate } from './simulate'

const MOST_SEEDS = 300

/** Runs worlds with a broken part until the checker has found all of these promises broken; gives what it found. */
async function findsBroken(
  tamper: Tamper,
  ...promises: Violation['promise'][]
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (let seed = 1; seed <= MOST_SEEDS && !promises.every((one) => found.has(one)); seed += 1) {
    const { violations } = await simulate({ seed, faults: { stuckFunctions: 0 }, tamper }).catch(() => ({
      violations: [],
    }))
    for (const { promise } of violations) found.add(promise)
  }
  return found
}

describe('the checker finds what a broken part does', () => {
  test('I3: a store that tells the loser of a race that it won', async () => {
    const store = (inner: ApprovalStore): ApprovalStore => ({
      ...inner,
      async transition(move) {
        const result = await inner.transition(move)
        const raced =
          !result.applied && result.reason === 'conflict' && result.request.status === move.next.status
        return raced ? { applied: true, request: move.next } : result
      },
    })
    expect(await findsBroken({ store }, 'I3')).toContain('I3')
  })

  test('I7: a store whose outbox loses events', async () => {
    const store = (inner: ApprovalStore): ApprovalStore => ({
      ...inner,
      outbox: {
        ...inner.outbox,
        async unpublished(query) {
          const events = await inner.outbox.unpublished(query)
          const lost = events.filter(({ type }) => type === 'request.vote-cast').map(({ id }) => id)
          if (lost.length > 0) await inner.outbox.published(query.logId, lost)
          return events.filter(({ id }) => !lost.includes(id))
        },
      },
    })
    expect(await findsBroken({ store }, 'I7')).toContain('I7')
  })

  test('I8: a store that acknowledges moves and forgets them', async () => {
    let moves = 0
    const store = (inner: ApprovalStore): ApprovalStore => ({
      ...inner,
      async transition(move: Transition) {
        moves += 1
        if (moves % 7 === 0) return { applied: true, request: move.next }
        return inner.transition(move)
      },
    })
    expect(await findsBroken({ store }, 'I8')).toContain('I8')
  })

  test('I3: a store that forgets keys', async () => {
    const store = (inner: ApprovalStore): ApprovalStore => ({
      ...inner,
      create: (request, events) => inner.create({ ...request, key: null }, events),
      getByKey: () => Promise.resolve(null),
    })
    expect(await findsBroken({ store }, 'I3')).toContain('I3')
  })

  test('I4: a store that says nobody of a stage could be reached', async () => {
    const store = (inner: ApprovalStore): ApprovalStore => ({
      ...inner,
      async get(id) {
        const request = await inner.get(id)
        return request && { ...request, escalated: [[0, 0]] }
      },
    })
    expect(await findsBroken({ store }, 'I4')).toContain('I4')
  })

  test('I1: a store that says it was approved by policy', async () => {
    const store = (inner: ApprovalStore): ApprovalStore => ({
      ...inner,
      async create(request, events) {
        return inner.create(
          request.status === 'pending'
            ? { ...request, status: 'approved', basis: 'policy', useBefore: request.expiresAt }
            : request,
          events,
        )
      },
    })
    expect(await findsBroken({ store }, 'I1')).toContain('I1')
  })

  test('I2: a store that changes arguments and their digest', async () => {
    const text = '[{"amount":1000000,"key":null,"tag":"evil"}]'
    const digest = '4a86ad9c0a2a6a6ca3f5b0f7d9f0a35ab4b4aa9c9a5e5ce3ef9a1f4f3bb3b3b3'
    const store = (inner: ApprovalStore): ApprovalStore => ({
      ...inner,
      async transition(move) {
        const starts = move.next.status === 'executing'
        const next = starts
          ? { ...move.next, arguments: text, argumentsDigest: digest, edited: null }
          : move.next
        const result = await inner.transition({ ...move, next })
        return starts && result.applied ? { applied: true, request: next } : result
      },
    })
    expect(await findsBroken({ store }, 'I2')).toContain('I2')
  })

  test('I7: a sink that acknowledges and keeps nothing', async () => {
    const sink: Tamper['sink'] = (inner) => ({ ...inner, append: () => Promise.resolve() })
    expect(await findsBroken({ sink }, 'I7')).toContain('I7')
  })

  test('I7: a sink that acknowledges before it has written', async () => {
    const sink: Tamper['sink'] = (inner) => ({
      ...inner,
      append(events) {
        void Promise.resolve(inner.append(events)).catch(() => undefined)
        return Promise.resolve()
      },
    })
    expect(await findsBroken({ sink }, 'I7')).toContain('I7')
  })

  test('I7: a sink that keeps something else', async () => {
    const sink: Tamper['sink'] = (inner) => ({
      ...inner,
      append: (events) =>
        inner.append(events.map((event): AuditEvent => ({ ...event, time: event.time + 1 }))),
    })
    expect(await findsBroken({ sink }, 'I7')).toContain('I7')
  })

  test('I4, I5: a directory that takes every identity for a person of its own', async () => {
    const directory: Tamper['directory'] = (inner) => ({
      async resolve(identity) {
        const person = await inner.resolve(identity)
        return person && { ...person, ...{ issuer: identity.issuer, subject: identity.subject } }
      },
    })
    const found = await findsBroken({ directory }, 'I4', 'I5')
    expect(found).toContain('I4')
    expect(found).toContain('I5')
  })

  test('I3: a function that is called twice', async () => {
    const call: Tamper['call'] = async (run) => {
      await run().catch(() => undefined)
      return run()
    }
    expect(await findsBroken({ call }, 'I3')).toContain('I3')
  })

  test('I10: a result that is not the function’s', async () => {
    const call: Tamper['call'] = async (run) => {
      await run()
      return { effect: -1 }
    }
    expect(await findsBroken({ call }, 'I10')).toContain('I10')
  })
})

test('the same seeds without a broken part break nothing', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { violations } = await simulate({ seed, faults: { stuckFunctions: 0 } })
    expect(violations).toEqual([])
  }
}, 60_000)
