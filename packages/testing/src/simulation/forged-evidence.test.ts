import type { AuditEvent } from '@gatewright/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { check } from './check'
import type { Evidence, Violation } from './evidence'
import { forge, linesOf, withLines } from './forge'
import { simulate } from './simulate'

/** Runs in which all went well, to forge evidence from. */
const runs: Evidence[] = []

beforeAll(async () => {
  for (let seed = 1; runs.length < 25; seed += 1) {
    const { evidence, violations } = await simulate({ seed, processes: 1 + (seed % 3), faults: { crash: 0, stuckFunctions: 0 } })
    expect(violations).toEqual([])
    if (evidence.effects.length > 1) runs.push(evidence)
  }
}, 60_000)

/** Forges the first run that has what it takes, and gives the promises that the checker then says are broken. */
function promisesBroken(forgery: (evidence: Evidence) => Evidence | null): readonly Violation['promise'][] {
  for (const evidence of runs) {
    const forged = forgery(evidence)
    if (forged !== null) return [...new Set(check(forged).map(({ promise }) => promise))]
  }
  throw new Error('no run has what this forgery needs')
}

/** The request behind the first effect that ran on votes. */
function votedRequest({ effects, logs }: Evidence): string | null {
  void logs
  return effects.find(({ action }) => action.startsWith('ops.'))?.requestId ?? null
}

/** Changes the first event of a type of a voted request. */
function forgeVoted(type: string, change: (event: AuditEvent, evidence: Evidence) => AuditEvent | readonly AuditEvent[]) {
  return (evidence: Evidence): Evidence | null => {
    const subject = votedRequest(evidence)
    if (subject === null) return null
    const lines = Object.values(linesOf(evidence)).flat()
    const target = lines.find(({ event }) => event.subject === subject && event.type === type)?.event
    if (target === undefined) return null
    return forge(evidence, (event) => (event.id === target.id ? change(event, evidence) : event))
  }
}

const withData = (event: AuditEvent, data: Record<string, unknown>): AuditEvent =>
  ({ ...event, data: { ...event.data, ...data } }) as AuditEvent

const OTHER_DIGEST = '0'.repeat(64)

describe('forged logs, with every chain hashed anew', () => {
  test('I1: a start without the votes', () => {
    expect(promisesBroken(forgeVoted('request.vote-cast', () => []))).toContain('I1')
  })

  test('I1: a start without the approval', () => {
    expect(promisesBroken(forgeVoted('request.approved', () => []))).toContain('I1')
  })

  test('I1: an effect without a start', () => {
    expect(promisesBroken(forgeVoted('execution.started', () => []))).toContain('I1')
  })

  test('I1: a start on the word of a rule, where people were to be asked', () => {
    expect(promisesBroken(forgeVoted('execution.started', (event) => withData(event, { basis: 'policy' })))).toContain('I1')
  })

  test('I1: a start on a basis that nobody gave', () => {
    expect(promisesBroken(forgeVoted('execution.started', (event) => withData(event, { basis: 'breakGlass' })))).toContain('I1')
  })

  test('I1, T07: a requirement that asks for fewer people than the rules do', () => {
    const broken = promisesBroken((evidence) => {
      const subject = evidence.effects.find(({ action }) => action === 'ops.pair' || action === 'ops.both')?.requestId
      if (subject == null) return null
      return forge(evidence, (event) => {
        if (event.subject !== subject || event.type !== 'request.created') return event
        return JSON.parse(JSON.stringify(event).replaceAll('"atLeast":2', '"atLeast":1')) as AuditEvent
      })
    })
    expect(broken).toContain('I1')
  })

  test('I2: a start on other arguments than were voted on', () => {
    expect(promisesBroken(forgeVoted('execution.started', (event) => withData(event, { argumentsDigest: OTHER_DIGEST })))).toContain('I2')
  })

  test('I2: an approval of other arguments than ran', () => {
    expect(promisesBroken(forgeVoted('request.approved', (event) => withData(event, { argumentsDigest: OTHER_DIGEST })))).toContain('I2')
  })

  test('I1, I2: votes on other arguments than ran', () => {
    expect(promisesBroken(forgeVoted('request.vote-cast', (event) => withData(event, { argumentsDigest: OTHER_DIGEST })))).toContain('I1')
  })

  test('I3: a second start', () => {
    expect(promisesBroken(forgeVoted('execution.started', (event) => [event, event]))).toContain('I3')
  })

  test('I4: a vote of the agent’s owner', () => {
    const otto = { issuer: 'https://idp.example.com', subject: 'otto' }
    const broken = promisesBroken(
      forgeVoted('request.vote-cast', (event) => withData(event, { person: otto, actor: { ...otto, type: 'human' } })),
    )
    expect(broken).toContain('I4')
  })

  test('I4: one person counted twice, under two identities', () => {
    const broken = promisesBroken(
      forgeVoted('request.vote-cast', (event) => {
        const { subject } = event.data.person as { subject: string }
        const chat = { issuer: 'chat:T01', subject: `U-${subject}`, type: 'human' }
        const sso = { issuer: 'https://idp.example.com', subject, type: 'human' }
        return [withData(event, { actor: sso }), withData(event, { actor: chat, voteId: 'again' })]
      }),
    )
    expect(broken).toContain('I4')
  })

  test('I5: a vote of an agent', () => {
    const broken = promisesBroken(
      forgeVoted('request.vote-cast', (event) => withData(event, { actor: { ...(event.data.actor as object), type: 'agent' } })),
    )
    expect(broken).toContain('I5')
  })

  test('I5: a vote that counts for somebody else', () => {
    const person = { issuer: 'https://idp.example.com', subject: 'lea' }
    expect(promisesBroken(forgeVoted('request.vote-cast', (event) => withData(event, { person })))).toContain('I5')
  })

  test('I5: a vote that nobody cast', () => {
    const xen = { issuer: 'https://idp.example.com', subject: 'xen' }
    const broken = promisesBroken(
      forgeVoted('request.vote-cast', (event) => [event, withData(event, { person: xen, actor: { ...xen, type: 'human' }, voteId: 'made up' })]),
    )
    expect(broken).toContain('I5')
  })

  test('I6: an approval after the request had expired', () => {
    const broken = promisesBroken(forgeVoted('request.approved', (event) => ({ ...event, time: event.time + 3_600_000 })))
    expect(broken).toContain('I6')
  })

  test('I6: a start after the approval had lapsed', () => {
    const broken = promisesBroken(forgeVoted('execution.started', (event) => ({ ...event, time: event.time + 3_600_000 })))
    expect(broken).toContain('I6')
  })

  test('I6: an approval after a rejection', () => {
    const broken = promisesBroken(
      forgeVoted('request.approved', (event) => [{ ...event, type: 'request.rejected', data: { by: null, reason: '' } }, event]),
    )
    expect(broken).toContain('I6')
  })

  test('I8: a start whose outcome is gone', () => {
    const broken = promisesBroken((evidence) => {
      const subject = votedRequest(evidence)
      if (subject === null) return null
      return forge(evidence, (event) => (event.subject === subject && /^execution\.(succeeded|failed|unknown)$/.test(event.type) ? [] : event))
    })
    expect(broken).toContain('I8')
  })

  test('I8: a second outcome', () => {
    const broken = promisesBroken(
      forgeVoted('execution.succeeded', (event) => [event, { ...event, type: 'execution.failed' }]),
    )
    expect(broken).toContain('I8')
  })

  test('I8: a request that a caller was told of is gone', () => {
    const broken = promisesBroken((evidence) => {
      const told = evidence.operations.find(({ answer }) => answer?.type === 'error' && answer.code === 'ERR_APPROVAL_EXPIRED')
      const subject = told?.answer?.type === 'error' ? told.answer.requestId : null
      return subject === null ? null : forge(evidence, (event) => (event.subject === subject ? [] : event))
    })
    expect(broken).toContain('I8')
  })

  test('I8: an acknowledged vote is gone', () => {
    const broken = promisesBroken((evidence) => {
      const cast = evidence.casts.find(({ receipt }) => receipt?.status === 'counted')
      if (cast === undefined) return null
      return forge(evidence, (event) => (event.subject === cast.requestId && event.type === 'request.vote-cast' ? [] : event))
    })
    expect(broken).toContain('I8')
  })

  test('I9: a vote on a document that was never shown', () => {
    expect(promisesBroken(forgeVoted('request.vote-cast', (event) => withData(event, { reviewDigest: OTHER_DIGEST })))).toContain('I9')
  })

  test('I10: a success that the log calls a failure', () => {
    expect(promisesBroken(forgeVoted('execution.succeeded', (event) => ({ ...event, type: 'execution.failed' })))).toContain('I10')
  })
})

describe('logs whose bytes were changed', () => {
  test('I7: an event is missing', () => {
    const broken = promisesBroken((evidence) => {
      const lines = linesOf(evidence)
      const target = Object.values(lines).flat().find(({ event }) => event.seq === 2)
      if (target === undefined) return null
      return withLines(
        evidence,
        Object.fromEntries(Object.entries(lines).map(([id, held]) => [id, held.filter(({ event }) => event.id !== target.event.id)])),
      )
    })
    expect(broken).toContain('I7')
  })

  test('I7: an event was changed', () => {
    const broken = promisesBroken((evidence) => {
      const [first] = Object.entries(linesOf(evidence))
      if (first === undefined) return null
      const [id, held] = first
      const changed = held.map((line) => (line.event.type === 'request.created' ? { ...line, event: withData(line.event, { intent: 'harmless' }) } : line))
      return withLines(evidence, { ...linesOf(evidence), [id]: changed })
    })
    expect(broken).toContain('I7')
  })

  test('I7: the start became durable after the effect', () => {
    const broken = promisesBroken((evidence) => {
      const subject = votedRequest(evidence)
      if (subject === null) return null
      const late = Object.entries(linesOf(evidence)).map(([id, held]) => [
        id,
        held.map((line) => (line.event.subject === subject && line.event.type === 'execution.started' ? { ...line, step: line.step + 100_000 } : line)),
      ])
      return withLines(evidence, Object.fromEntries(late))
    })
    expect(broken).toContain('I7')
  })

  test('I7: a recorded event was never published', () => {
    const broken = promisesBroken((evidence) => ({ ...evidence, unpublished: Object.values(linesOf(evidence)).flat().map(({ event }) => event).slice(0, 1) }))
    expect(broken).toContain('I7')
  })
})

describe('effects and answers that should not be', () => {
  test('I3: a second effect of one request', () => {
    const broken = promisesBroken((evidence) => {
      const effect = evidence.effects[0]
      return effect === undefined ? null : { ...evidence, effects: [...evidence.effects, { ...effect, index: 1_000 }] }
    })
    expect(broken).toContain('I3')
  })

  test('I1: an effect in no session', () => {
    const broken = promisesBroken((evidence) => {
      const effect = evidence.effects[0]
      return effect === undefined ? null : { ...evidence, effects: [...evidence.effects, { ...effect, index: 1_000, requestId: null }] }
    })
    expect(broken).toContain('I1')
  })

  test('I2: an effect on other arguments', () => {
    const broken = promisesBroken((evidence) => ({
      ...evidence,
      effects: evidence.effects.map((effect, index) => (index === 0 ? { ...effect, digest: OTHER_DIGEST } : effect)),
    }))
    expect(broken).toContain('I2')
  })

  test('I7: an effect in a process that had sealed itself', () => {
    const broken = promisesBroken((evidence) => ({ ...evidence, lives: evidence.lives.map((life) => ({ ...life, sealedStep: 1 })) }))
    expect(broken).toContain('I7')
  })

  test('I9: a document shown under the digest of another', () => {
    const broken = promisesBroken((evidence) => ({
      ...evidence,
      shown: evidence.shown.map((one) => ({ ...one, review: { ...one.review, content: { ...one.review.content, title: 'harmless' } } })),
    }))
    expect(broken).toContain('I9')
  })

  test('I10: "nothing was executed", and it was', () => {
    const broken = promisesBroken((evidence) => ({
      ...evidence,
      operations: evidence.operations.map((operation) =>
        operation.answer?.type === 'result' && operation.kind === 'call'
          ? { ...operation, answer: { type: 'error', code: 'ERR_STORE_UNAVAILABLE', requestId: null, step: 0 } as const }
          : operation,
      ),
    }))
    expect(broken).toContain('I10')
  })

  test('I8: a caller who was never answered', () => {
    const broken = promisesBroken((evidence) => ({ ...evidence, operations: evidence.operations.map((one) => ({ ...one, answer: null })) }))
    expect(broken).toContain('I8')
  })
})
