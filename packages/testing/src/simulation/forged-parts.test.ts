import type { AuditEvent } from '@gatewright/core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Credential, Evidence } from './evidence'
import { forge, linesOf, withLines } from './forge'
import { type Forgery, promisesBroken, withData } from './forging'
import { simulate } from './simulate'

let runs: readonly Evidence[]

beforeAll(async () => {
  // Calm worlds, among which each kind of part was used.
  const found: Evidence[] = []
  for (let seed = 1; seed <= 260 && !isEnough(found); seed += 1) {
    const { evidence, violations } = await simulate({ seed, faults: { crash: 0, stuckFunctions: 0 } })
    if (violations.length === 0) found.push(evidence)
  }
  runs = found
}, 120_000)

function isEnough(found: readonly Evidence[]): boolean {
  const with_ = (needed: (evidence: Evidence) => boolean) => found.some(needed)
  return (
    with_((evidence) => grantedStart(evidence) !== null) &&
    with_(({ archived }) => archived.length > 0) &&
    with_(({ effects }) => effects.some(({ action }) => action === 'ops.solo')) &&
    with_((evidence) => usedCredential(evidence) !== null) &&
    with_(({ personal, logs }) => personal.length > 0 && Object.keys(logs).length > 0) &&
    with_(({ operations }) => operations.some(({ answer }) => goneOf(answer) !== null)) &&
    with_(({ logs }) => eventsOf({ logs } as Evidence).some(({ type }) => type === 'grant.endorsed'))
  )
}

const brokenBy = (forgery: Forgery) => promisesBroken(runs, forgery)
const eventsOf = (evidence: Evidence): readonly AuditEvent[] =>
  Object.values(linesOf(evidence))
    .flat()
    .map(({ event }) => event)

function goneOf(answer: Evidence['operations'][number]['answer']): string | null {
  return answer?.type === 'error' && answer.code === 'ERR_REQUEST_NOT_FOUND' ? answer.requestId : null
}

/** A start on a grant whose function ran. */
function grantedStart(evidence: Evidence): AuditEvent | null {
  const ran = new Set(evidence.effects.map(({ requestId }) => requestId))
  return (
    eventsOf(evidence).find(
      ({ type, data, subject }) => type === 'execution.started' && data.basis === 'grant' && ran.has(subject),
    ) ?? null
  )
}

function usedCredential({ credentials, effects }: Evidence): Credential | null {
  return credentials.find(({ handle }) => effects.some(({ credential }) => credential === handle)) ?? null
}

/** Forges the event of a grant that something ran on. */
function forgeGrant(
  type: string,
  change: (event: AuditEvent) => AuditEvent | readonly AuditEvent[],
): Forgery {
  return (evidence) => {
    const started = grantedStart(evidence)
    const target = eventsOf(evidence).find(
      (event) => event.type === type && event.data.grantId === started?.data.grantId,
    )
    if (started === null || target === undefined) return null
    return forge(evidence, (event) => (event.id === target.id ? change(event) : event))
  }
}

describe('standing grants that are not what they say', () => {
  test('I1: a start on a grant that nobody gave', () => {
    expect(brokenBy(forgeGrant('grant.created', () => []))).toContain('I1')
  })

  test('I1: a start on a grant for another action', () => {
    expect(
      brokenBy(forgeGrant('grant.created', (event) => withData(event, { action: 'ops.solo' }))),
    ).toContain('I1')
  })

  test('I1: a start with a larger amount than the grant allows', () => {
    const broken = brokenBy((evidence) => {
      const started = grantedStart(evidence)
      if (started === null) return null
      const effects = evidence.effects.map((effect) =>
        effect.requestId === started.subject ? { ...effect, amount: 1_000 } : effect,
      )
      return { ...evidence, effects }
    })
    expect(broken).toContain('I1')
  })

  test('I1, T23: a start on a grant whose givers were not looked up again', () => {
    const broken = brokenBy((evidence) =>
      grantedStart(evidence) === null
        ? null
        : { ...evidence, directory: evidence.directory.map((one) => ({ ...one, person: null })) },
    )
    expect(broken).toContain('I1')
  })

  test('I3: more starts than the grant has uses', () => {
    expect(brokenBy(forgeGrant('grant.created', (event) => withData(event, { usesLeft: 0 })))).toContain('I3')
  })

  test('I6: a start on a grant that had expired', () => {
    expect(brokenBy(forgeGrant('grant.created', (event) => withData(event, { expiresAt: 1 })))).toContain(
      'I6',
    )
  })

  test('I6: a start on a grant whose revocation somebody had been told of', () => {
    const broken = brokenBy((evidence) => {
      const started = grantedStart(evidence)
      const word = evidence.grantWords.find(({ grantId }) => grantId === started?.data.grantId)
      if (word === undefined) return null
      const revoked = { ...word, kind: 'revoke' as const, doneAt: word.time }
      return { ...evidence, grantWords: [...evidence.grantWords, revoked] }
    })
    expect(broken).toContain('I6')
  })

  test('I5: an endorsement of somebody who said nothing', () => {
    const broken = brokenBy((evidence) => {
      const target = eventsOf(evidence).find(({ type }) => type === 'grant.endorsed')
      if (target === undefined) return null
      const by = { issuer: 'https://idp.example.com', subject: 'zed' }
      return forge(evidence, (event) => (event.id === target.id ? withData(event, { by }) : event))
    })
    expect(broken).toContain('I5')
  })

  test('I4: a grant of the agent’s owner', () => {
    const by = { issuer: 'https://idp.example.com', subject: 'otto' }
    expect(brokenBy(forgeGrant('grant.created', (event) => withData(event, { by })))).toContain('I4')
  })

  test('I8: a grant that its giver was told of is gone', () => {
    const broken = brokenBy((evidence) => {
      const word = evidence.grantWords.find(({ doneAt }) => doneAt !== null)
      if (word === undefined) return null
      return forge(evidence, (event) =>
        event.type.startsWith('grant.') && event.data.grantId === word.grantId ? [] : event,
      )
    })
    expect(broken).toContain('I8')
  })
})

/** Changes the credential that some function had. */
const withCredential =
  (change: Partial<Credential>): Forgery =>
  (evidence) => {
    const used = usedCredential(evidence)
    if (used === null) return null
    const credentials = evidence.credentials.map((one) => (one === used ? { ...one, ...change } : one))
    return { ...evidence, credentials }
  }

/** Drops the loose event of a credential that some function had. */
const withoutWord =
  (type: string): Forgery =>
  (evidence) => {
    const used = usedCredential(evidence)
    if (used === null) return null
    const told = (event: AuditEvent) => event.type === type && event.data.leaseId === used.leaseId
    return forge(evidence, (event) => (told(event) ? [] : event))
  }

describe('credentials that do not do as they should', () => {
  test('I6: one that nobody revoked', () => {
    expect(brokenBy(withCredential({ revokedStep: null }))).toContain('I6')
  })

  test('I6: one of another request', () => {
    expect(brokenBy(withCredential({ requestId: 'another' }))).toContain('I6')
  })

  test('I6: one that had ended before its function ran', () => {
    const broken = brokenBy((evidence) =>
      withCredential({ revokedStep: 0, revokedBy: usedCredential(evidence)?.life ?? '' })(evidence),
    )
    expect(broken).toContain('I6')
  })

  test('I7: one that was issued before its lease was in the log', () => {
    expect(brokenBy(withCredential({ step: 0 }))).toContain('I7')
    expect(brokenBy(withoutWord('credential.leased'))).toContain('I7')
  })

  test('I7: one that the log does not hold', () => {
    expect(brokenBy(withoutWord('credential.issued'))).toContain('I7')
  })

  test('I7: one of which no log says what became of it', () => {
    expect(brokenBy(withoutWord('credential.revoked'))).toContain('I7')
  })
})

describe('requests that were deleted', () => {
  const withArchived =
    (change: object): Forgery =>
    (evidence) => {
      const ended = ['rejected', 'expired', 'cancelled', 'lapsed', 'invalidated']
      const target = evidence.archived.find(({ status }) => ended.includes(status))
      if (target === undefined) return null
      return { ...evidence, archived: [...evidence.archived, { ...target, ...change }] }
    }

  test('I8: while they waited', () => {
    expect(brokenBy(withArchived({ status: 'pending' }))).toContain('I8')
  })

  test('I8: as something else than they were', () => {
    expect(brokenBy(withArchived({ status: 'succeeded' }))).toContain('I8')
  })

  test('I8: before they had been kept long enough', () => {
    expect(brokenBy(withArchived({ time: 1 }))).toContain('I8')
  })

  test('I8: by nobody, and a caller was told that they are gone', () => {
    const broken = brokenBy((evidence) =>
      evidence.operations.some(({ answer }) => goneOf(answer) !== null)
        ? { ...evidence, archived: [], forgotten: [] }
        : null,
    )
    expect(broken).toContain('I8')
  })
})

describe('commitments', () => {
  const forgeCommitted =
    (change: (event: AuditEvent) => AuditEvent): Forgery =>
    (evidence) => {
      const target = eventsOf(evidence).find(({ openings = [] }) => openings.length > 0)
      if (target === undefined) return null
      return forge(evidence, (event) => (event.id === target.id ? change(event) : event))
    }
  const opened = (event: AuditEvent, change: object): AuditEvent => ({
    ...event,
    openings: (event.openings ?? []).map((one) => ({ ...one, ...change })),
  })

  test('I7: to another value than stands beside', () => {
    expect(brokenBy(forgeCommitted((event) => opened(event, { value: 'another' })))).toContain('I7')
  })

  test('I7: whose value somebody dropped from the list', () => {
    expect(brokenBy(forgeCommitted((event) => withData(event, { committed: [] })))).toContain('I7')
  })

  test('I7: in whose place the value stands in clear', () => {
    const broken = brokenBy((evidence) => {
      const [secret] = evidence.personal
      if (secret === undefined) return null
      return forge(evidence, (event) =>
        event.type === 'request.created' ? withData(event, { title: secret }) : event,
      )
    })
    expect(broken).toContain('I7')
  })

  test('I7: of which listeners heard the value', () => {
    const broken = brokenBy((evidence) => {
      const event = eventsOf(evidence).find(({ openings = [] }) => openings.length > 0)
      return event === undefined ? null : { ...evidence, emitted: [event] }
    })
    expect(broken).toContain('I7')
  })

  test('and evidence that nobody forged breaks nothing', () => {
    const broken = brokenBy((evidence) => {
      const lines = linesOf(evidence)
      return evidence.personal.length === 0 ? null : withLines(evidence, lines)
    })
    expect(broken).toEqual([])
  })
})

describe('messages and callers', () => {
  test('I8, T51: a message that was posted before its id was saved', () => {
    const broken = brokenBy((evidence) => {
      const gone = new Set([...evidence.forgotten, ...evidence.archived.map(({ requestId }) => requestId)])
      const target = evidence.shown.find(({ requestId }) => !gone.has(requestId))
      if (target === undefined) return null
      return { ...evidence, shown: [...evidence.shown, { ...target, saved: false }] }
    })
    expect(broken).toContain('I8')
  })

  test('I10: an effect of what the log calls blocked, though nobody was told of either', () => {
    const broken = brokenBy((evidence) => {
      const target = evidence.effects.find(({ requestId }) =>
        eventsOf(evidence).some(
          ({ subject, type }) => subject === requestId && type === 'execution.succeeded',
        ),
      )
      if (target === undefined) return null
      const forged = forge(evidence, (event) =>
        event.subject === target.requestId && event.type === 'execution.succeeded'
          ? withData({ ...event, type: 'execution.blocked' }, { status: 'blocked' })
          : event,
      )
      return forged && { ...forged, operations: [], messages: [] }
    })
    expect(broken).toContain('I10')
  })

  test('I9, T34: a message that asks in the end for what was decided, though nobody says that it was sent', () => {
    const broken = brokenBy((evidence) => {
      const gone = new Set([...evidence.forgotten, ...evidence.archived.map(({ requestId }) => requestId)])
      const target = evidence.messages.find(({ requestId }) => !gone.has(requestId))
      if (target === undefined) return null
      const forgotten = { ...target, deliveryId: 'forgotten', status: 'pending', step: 0 } as const
      return { ...evidence, messages: [...evidence.messages, forgotten] }
    })
    expect(broken).toEqual(['I9'])
  })

  test('I6: an effect for a caller who had given up', () => {
    const broken = brokenBy((evidence) => {
      const target = evidence.effects.find(({ operation, action, key }) => {
        const of = evidence.operations.find(({ id }) => id === operation)
        return of?.action === action && of.key === key
      })
      if (target === undefined) return null
      const operations = evidence.operations.map((one) =>
        one.id === target.operation ? { ...one, abortedStep: target.step - 1 } : one,
      )
      return { ...evidence, operations }
    })
    expect(broken).toContain('I6')
  })

  test('I3, T44: a retry on the approval of the attempt before it', () => {
    const broken = brokenBy((evidence) => {
      const subject = evidence.effects.find(({ action }) => action === 'ops.solo')?.requestId
      if (subject == null) return null
      return forge(evidence, (event) =>
        event.subject === subject && event.type === 'request.created'
          ? withData(event, { carriedVotes: [{ by: null, voteId: 'v' }] })
          : event,
      )
    })
    expect(broken).toContain('I3')
  })

  test('I4, I1: a vote of whom the agent acts for, once everybody could know', () => {
    const broken = brokenBy((evidence) => {
      const { effects } = evidence
      const voted = eventsOf(evidence).find(
        ({ type, subject }) =>
          type === 'request.vote-cast' && effects.some(({ requestId }) => requestId === subject),
      )
      if (voted === undefined) return null
      const { person } = voted.data
      return forge(evidence, (event) =>
        event.subject === voted.subject && event.type === 'request.created'
          ? withData(event, { onBehalfOf: person })
          : event,
      )
    })
    expect(broken).toContain('I4')
    expect(broken).toContain('I1')
  })
})
