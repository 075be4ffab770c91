import type { AuditEvent } from '@gatewright/core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Evidence } from './evidence'
import { forge } from './forge'
import {
  type Forgery,
  forgeVoted,
  goodRuns,
  OTHER_DIGEST,
  promisesBroken,
  votedRequest,
  withData,
} from './forging'

let runs: readonly Evidence[]

beforeAll(async () => {
  runs = await goodRuns(60)
}, 120_000)

const brokenBy = (forgery: Forgery) => promisesBroken(runs, forgery)

describe('forged logs, with every chain hashed anew', () => {
  test('I1: a start without the votes', () => {
    expect(brokenBy(forgeVoted('request.vote-cast', () => []))).toContain('I1')
  })

  test('I1: a start without the approval', () => {
    expect(brokenBy(forgeVoted('request.approved', () => []))).toContain('I1')
  })

  test('I1: an effect without a start', () => {
    expect(brokenBy(forgeVoted('execution.started', () => []))).toContain('I1')
  })

  test('I1: a start on the word of a rule, where people were to be asked', () => {
    expect(
      brokenBy(forgeVoted('execution.started', (event) => withData(event, { basis: 'policy' }))),
    ).toContain('I1')
  })

  test('I1: a start on a basis that nobody gave', () => {
    expect(
      brokenBy(forgeVoted('execution.started', (event) => withData(event, { basis: 'breakGlass' }))),
    ).toContain('I1')
  })

  test('I1, T07: a requirement that asks for fewer people than the rules do', () => {
    const broken = brokenBy((evidence) => {
      const subject = votedRequest(evidence, (action) => action === 'ops.pair' || action === 'ops.both')
      if (subject === null) return null
      return forge(evidence, (event) => {
        if (event.subject !== subject || event.type !== 'request.created') return event
        return JSON.parse(JSON.stringify(event).replaceAll('"atLeast":2', '"atLeast":1')) as AuditEvent
      })
    })
    expect(broken).toContain('I1')
  })

  test('I2: a start on other arguments than were voted on', () => {
    expect(
      brokenBy(
        forgeVoted('execution.started', (event) => withData(event, { argumentsDigest: OTHER_DIGEST })),
      ),
    ).toContain('I2')
  })

  test('I2: an approval of other arguments than ran', () => {
    expect(
      brokenBy(forgeVoted('request.approved', (event) => withData(event, { argumentsDigest: OTHER_DIGEST }))),
    ).toContain('I2')
  })

  test('I1, I2: votes on other arguments than ran', () => {
    expect(
      brokenBy(
        forgeVoted('request.vote-cast', (event) => withData(event, { argumentsDigest: OTHER_DIGEST })),
      ),
    ).toContain('I1')
  })

  test('I3: a second start', () => {
    expect(brokenBy(forgeVoted('execution.started', (event) => [event, event]))).toContain('I3')
  })

  test('I4: a vote of the agent’s owner', () => {
    const otto = { issuer: 'https://idp.example.com', subject: 'otto' }
    const broken = brokenBy(
      forgeVoted('request.vote-cast', (event) =>
        withData(event, { person: otto, actor: { ...otto, type: 'human' } }),
      ),
    )
    expect(broken).toContain('I4')
  })

  test('I4: one person counted twice, under two identities', () => {
    const broken = brokenBy(
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
    const broken = brokenBy(
      forgeVoted('request.vote-cast', (event) =>
        withData(event, { actor: { ...(event.data.actor as object), type: 'agent' } }),
      ),
    )
    expect(broken).toContain('I5')
  })

  test('I5: a vote that counts for somebody else', () => {
    const person = { issuer: 'https://idp.example.com', subject: 'lea' }
    expect(brokenBy(forgeVoted('request.vote-cast', (event) => withData(event, { person })))).toContain('I5')
  })

  test('I5: a vote that nobody cast', () => {
    const zed = { issuer: 'https://idp.example.com', subject: 'zed' }
    const broken = brokenBy(
      forgeVoted('request.vote-cast', (event) => [
        event,
        withData(event, { person: zed, actor: { ...zed, type: 'human' }, voteId: 'made up' }),
      ]),
    )
    expect(broken).toContain('I5')
  })

  test('I6: an approval after the request had expired', () => {
    const broken = brokenBy(
      forgeVoted('request.approved', (event) => ({ ...event, time: event.time + 3_600_000 })),
    )
    expect(broken).toContain('I6')
  })

  test('I6: a start after the approval had lapsed', () => {
    const broken = brokenBy(
      forgeVoted('execution.started', (event) => ({ ...event, time: event.time + 3_600_000 })),
    )
    expect(broken).toContain('I6')
  })

  test('I6: an approval after a rejection', () => {
    const broken = brokenBy(
      forgeVoted('request.approved', (event) => [
        { ...event, type: 'request.rejected', data: { by: null, reason: '' } },
        event,
      ]),
    )
    expect(broken).toContain('I6')
  })

  test('I8: a start whose outcome is gone', () => {
    const broken = brokenBy((evidence) => {
      const subject = votedRequest(evidence)
      if (subject === null) return null
      return forge(evidence, (event) =>
        event.subject === subject && /^execution\.(succeeded|failed|unknown)$/.test(event.type) ? [] : event,
      )
    })
    expect(broken).toContain('I8')
  })

  test('I8: a second outcome', () => {
    const broken = brokenBy(
      forgeVoted('execution.succeeded', (event) => [event, { ...event, type: 'execution.failed' }]),
    )
    expect(broken).toContain('I8')
  })

  test('I8: a request that a caller was told of is gone', () => {
    const broken = brokenBy((evidence) => {
      const told = evidence.operations.find(
        ({ answer }) => answer?.type === 'error' && answer.code === 'ERR_APPROVAL_EXPIRED',
      )
      const subject = told?.answer?.type === 'error' ? told.answer.requestId : null
      return subject === null ? null : forge(evidence, (event) => (event.subject === subject ? [] : event))
    })
    expect(broken).toContain('I8')
  })

  test('I8: an acknowledged vote is gone', () => {
    const broken = brokenBy((evidence) => {
      const cast = evidence.casts.find(({ receipt }) => receipt?.status === 'counted')
      if (cast === undefined) return null
      return forge(evidence, (event) =>
        event.subject === cast.requestId && event.type === 'request.vote-cast' ? [] : event,
      )
    })
    expect(broken).toContain('I8')
  })

  test('I9: a vote on a document that was never shown', () => {
    expect(
      brokenBy(forgeVoted('request.vote-cast', (event) => withData(event, { reviewDigest: OTHER_DIGEST }))),
    ).toContain('I9')
  })

  test('I10: a success that the log calls a failure', () => {
    expect(
      brokenBy(forgeVoted('execution.succeeded', (event) => ({ ...event, type: 'execution.failed' }))),
    ).toContain('I10')
  })
})
