import type { AuditEvent } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { only, told } from '../../test/forge'
import { DAY, drop, eve, type Forgery, OTHER, testForgeries, twice, verify } from '../../test/forgeries'
import { honestWorld } from '../../test/honest-worlds'

const FORGERIES: readonly Forgery[] = [
  [
    'a second execution after the end',
    'voted',
    (event) =>
      event.type === 'execution.succeeded' ? [event, { ...event, type: 'execution.started' }] : event,
    'event-unexpected',
    'execution.started',
  ],
  [
    'two outcomes',
    'voted',
    only('execution.succeeded', (event) => [
      event,
      { ...event, type: 'execution.failed', data: { ...event.data, status: 'failed' } },
    ]),
    'event-unexpected',
    'execution.failed',
  ],
  [
    'two outcomes of a direct call',
    'allowed',
    only('execution.succeeded', twice),
    'event-unexpected',
    'execution.succeeded',
  ],
  [
    'an outcome with another token',
    'voted',
    only('execution.succeeded', (event) => told(event, { fencingToken: 'stolen' })),
    'outcome-foreign',
    'execution.succeeded',
  ],
  [
    'an outcome that contradicts itself',
    'voted',
    only('execution.succeeded', (event) => told(event, { status: 'failed' })),
    'event-malformed',
  ],
  [
    'a second late outcome',
    'unknown',
    only('execution.late-outcome', twice),
    'event-unexpected',
    'execution.late-outcome',
  ],
  [
    'an explanation of a known outcome',
    'unknown',
    only('execution.unknown', (event) => ({
      ...event,
      type: 'execution.succeeded',
      data: { ...event.data, status: 'succeeded' },
    })),
    'event-unexpected',
  ],
  [
    'a vote after the end',
    'rejected',
    (event) => (event.type === 'request.rejected' ? [event, { ...event, type: 'request.approved' }] : event),
    'event-unexpected',
    'request.approved',
  ],
  [
    'a rejection that nobody voted for',
    'rejected',
    only('request.rejected', (event) => told(event, { by: eve })),
    'rejection-without-vote',
  ],
  [
    'a run on a policy that asks people',
    'voted',
    only('execution.started', (event) => told(event, { basis: 'policy' })),
    'run-without-basis',
    'execution.started',
  ],
  [
    'a run on a basis that there is none of',
    'voted',
    only('execution.started', (event) => told(event, { basis: 'breakGlass' })),
    'run-without-basis',
  ],
  [
    'a request that is approved from the start',
    'voted',
    only('request.created', (event) =>
      told(event, { status: 'approved', basis: 'votes', useBefore: event.time }),
    ),
    'run-without-basis',
  ],
  [
    'a direct run that a rule denies',
    'allowed',
    only('execution.started', (event) =>
      told(event, { rules: [{ effect: 'deny', failed: false, id: 'x', reason: null, version: 1 }] }),
    ),
    'run-without-basis',
  ],
  [
    'rules that are not those of the policy hash',
    'voted',
    only('request.created', (event) =>
      told(event, { rules: [{ effect: 'require', failed: false, id: 'x', reason: null, version: 1 }] }),
    ),
    'policy-hash',
  ],
  [
    'a requirement that asks for fewer',
    'quorum',
    only('request.created', (event) =>
      JSON.parse(JSON.stringify(event).replaceAll('"atLeast":2', '"atLeast":1')),
    ),
    'policy-hash',
  ],
  [
    'a requirement of nobody',
    'voted',
    only('request.created', (event) =>
      JSON.parse(JSON.stringify(event).replaceAll('"atLeast":1', '"atLeast":0')),
    ),
    'event-malformed',
  ],
  [
    'an approval under another policy',
    'voted',
    only('request.approved', (event) => told(event, { policyHash: OTHER })),
    'policy-mismatch',
  ],
  [
    'a run as if its gate only observed',
    'observed',
    only('gate.started', (event) => told(event, { mode: 'enforce' })),
    'run-not-observed',
  ],
  [
    'a run on a grant that nobody gave',
    'granted',
    only('grant.created', drop),
    'grant-unknown',
    'execution.started',
  ],
  [
    'a run on a grant that too few gave',
    'granted',
    only('grant.endorsed', drop),
    'grant-givers',
    'execution.started',
  ],
  [
    'more runs than a grant has uses',
    'granted',
    only('grant.created', (event) => told(event, { usesLeft: 1 })),
    'grant-used-up',
    'execution.started',
  ],
  [
    'a run on a grant for another action',
    'granted',
    only('grant.created', (event) => told(event, { action: 'mail.read' })),
    'grant-mismatch',
  ],
  [
    'a run on a grant that had expired',
    'granted',
    only('grant.created', (event) => told(event, { expiresAt: event.time - DAY })),
    'grant-expired',
  ],
  [
    'a run on a grant that had been revoked',
    'granted',
    only('grant.revoked', (event) => told(event, {}, -DAY)),
    'grant-revoked',
  ],
  [
    'votes carried from an attempt that did not fail',
    'retried',
    (event) =>
      event.type === 'execution.failed'
        ? { ...event, type: 'execution.succeeded', data: { ...event.data, status: 'succeeded' } }
        : event,
    'approval-carried',
  ],
  [
    'other votes carried than were cast',
    'retried',
    (event) =>
      Array.isArray(event.data.carriedVotes) && event.data.carriedVotes.length > 0
        ? told(event, { carriedVotes: [{ by: eve, voteId: 'x' }] })
        : event,
    'approval-carried',
    'request.created',
  ],
  [
    'an event that continues a step of its own',
    'voted',
    only('delivery.sent', twice),
    'event-unexpected',
    'delivery.sent',
  ],
  [
    'an event of another log about itself',
    'voted',
    only('gate.closed', (event) => ({ ...event, subject: 'log:log.test/two', type: 'log.closed' as never })),
    'event-foreign',
  ],
]

describe('what was forged and signed for is found by what it says', () => {
  testForgeries(FORGERIES)

  test('votes carried from an attempt that is in no log', async () => {
    const honest = await honestWorld('retried')
    const carried = honest.find(
      ({ data }) => Array.isArray(data.carriedVotes) && data.carriedVotes.length > 0,
    )
    const { findings } = await verify(honest.filter(({ subject }) => subject !== carried?.data.retryOf))
    expect(findings.map(({ code }) => code)).toContain('approval-carried')
  })

  test('a chain with a number left out, and the log of an event that is gone', async () => {
    const honest = await honestWorld('voted')
    const verdict = await verify(honest.filter(({ type }) => type !== 'request.vote-cast'))
    expect(verdict.findings.map(({ code }) => code)).toEqual(['chain-gap'])
    expect(verdict.status).toBe('incomplete')
    expect(verdict.findings[0]?.message).toContain('event 2 of')
  })

  test('an event in the middle of a chain that was changed', async () => {
    const honest = await honestWorld('voted')
    const changed = honest.map((event) =>
      event.type === 'request.vote-cast' ? told(event, { note: 'other' }) : event,
    )
    expect((await verify(changed)).findings.map(({ code }) => code)).toContain('chain-broken')
  })
})

describe('T54: several logs tell one story', () => {
  test('equal events in two logs are legal', async () => {
    const honest = await honestWorld('voted')
    const copies = honest.filter(({ subject }) => subject.length > 0)
    expect(await verify(honest, copies)).toMatchObject({ status: 'valid', findings: [] })
  })

  test('different events under one id are not', async () => {
    const honest = await honestWorld('voted')
    const last = honest.find(({ type }) => type === 'execution.succeeded') as AuditEvent
    const verdict = await verify(honest, [told(last, { summary: 'other' })])
    expect(verdict.status).toBe('invalid')
    expect(verdict.findings.map(({ code }) => code)).toContain('event-conflict')
  })

  test('a chain may come apart while it waits, but not before it runs', async () => {
    const honest = await honestWorld('voted')
    const vote = ({ type }: AuditEvent) => type === 'request.vote-cast'
    const scattered = await verify(
      honest.filter((event) => !vote(event)),
      honest.filter(vote),
    )
    expect(scattered.findings.map(({ code }) => code)).toEqual(['chain-scattered'])
    const whole = await verify(honest, honest.filter(vote))
    expect(whole).toMatchObject({ status: 'valid', findings: [] })
  })

  test('what its log holds only after the outcome was not there when it ran', async () => {
    const honest = await honestWorld('voted')
    const vote = honest.filter(({ type }) => type === 'request.vote-cast')
    const late = [...honest.filter((event) => !vote.includes(event)), ...vote]
    expect((await verify(late)).findings.map(({ code }) => code)).toContain('chain-scattered')
  })

  test('an event that is in neither is missed', async () => {
    const honest = await honestWorld('voted')
    const without = honest.filter(({ type }) => type !== 'request.approved')
    expect((await verify(without, without)).findings.map(({ code }) => code)).toContain('chain-gap')
  })
})
