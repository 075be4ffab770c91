import { createHash } from 'node:crypto'
import {
  type ApprovalRequest,
  canonicalize,
  type Json,
  type RequestStatus,
  type Requirement,
} from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attempt, scene } from '../../test/scene'
import { REQUEST_STATUSES } from '../values/request-statuses'
import { moveAt } from './due-moves'
import { applyMoves, dueAt, LEGAL_FROM, type Move, TERMINAL } from './lifecycle'

const MAKER = { source: 'gate', personal: null }

const by = { issuer: 'i', subject: 's' }
const outcome = (status: 'succeeded' | 'failed' | 'blocked' | 'unknown') =>
  ({ status, at: 5, durationMs: 1, resultDigest: null, summary: '', redacted: false }) as const

const MOVES: Readonly<Record<Exclude<Move['type'], 'vote' | 'edit'>, Move>> = {
  approve: { type: 'approve', basis: 'votes', useWithinMs: 1_000 },
  reject: { type: 'reject', reason: 'no', by },
  expire: { type: 'expire' },
  undeliver: { type: 'undeliver', reason: 'nobody' },
  remind: { type: 'remind' },
  escalate: { type: 'escalate', stages: [[0, 0]], reason: 'late' },
  cancel: { type: 'cancel', reason: 'no more', by: null },
  lapse: { type: 'lapse' },
  invalidate: { type: 'invalidate', reason: 'changed' },
  start: {
    type: 'start',
    execution: { fencingToken: 't', processId: 'p', basis: 'votes', grantId: null, startedAt: 1 },
  },
  finish: { type: 'finish', outcome: outcome('succeeded'), result: null },
  lateOutcome: { type: 'lateOutcome', outcome: outcome('failed') },
  reconcile: { type: 'reconcile', by, note: 'it ran' },
}

/** DESIGN section 3, written down once more: from where each move may lead, and where to. */
const PICTURE: Readonly<
  Record<keyof typeof MOVES, { readonly from: readonly RequestStatus[]; readonly to: RequestStatus | 'same' }>
> = {
  approve: { from: ['pending'], to: 'approved' },
  reject: { from: ['pending'], to: 'rejected' },
  expire: { from: ['pending'], to: 'expired' },
  undeliver: { from: ['pending'], to: 'undeliverable' },
  remind: { from: ['pending'], to: 'same' },
  escalate: { from: ['pending'], to: 'same' },
  cancel: { from: ['pending', 'approved'], to: 'cancelled' },
  lapse: { from: ['approved'], to: 'lapsed' },
  invalidate: { from: ['approved'], to: 'invalidated' },
  start: { from: ['approved'], to: 'executing' },
  finish: { from: ['executing'], to: 'succeeded' },
  lateOutcome: { from: ['unknown'], to: 'same' },
  reconcile: { from: ['unknown'], to: 'same' },
}

async function pendingRequest(): Promise<ApprovalRequest> {
  const s = scene()
  void attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })('users'))
  return s.only()
}

describe('the table of moves', async () => {
  const request = await pendingRequest()

  test.each(Object.keys(MOVES) as (keyof typeof MOVES)[])(
    '%s leads from where the picture says, and from nowhere else',
    (name) => {
      for (const status of REQUEST_STATUSES) {
        const apply = () => applyMoves({ ...request, status }, [MOVES[name]], 7, MAKER)
        if (!PICTURE[name].from.includes(status)) {
          expect(apply).toThrow(expect.objectContaining({ code: 'ERR_TRANSITION_ILLEGAL' }))
          continue
        }
        const { next } = apply()
        expect(next.status).toBe(PICTURE[name].to === 'same' ? status : PICTURE[name].to)
      }
    },
  )

  test('no ended request can run again', () => {
    for (const status of TERMINAL) {
      expect(LEGAL_FROM.start).not.toContain(status)
      expect(LEGAL_FROM.approve).not.toContain(status)
    }
    expect([...TERMINAL].sort()).toEqual(
      REQUEST_STATUSES.filter((status) => !['pending', 'approved', 'executing'].includes(status)).sort(),
    )
  })

  test('I8: any walk through the table makes one unbroken chain, one version a step, and changes nothing it was given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...Object.values(MOVES)), { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (moves, times) => {
          let at: ApprovalRequest = request
          const original = JSON.stringify(request)
          let head = request.lastEvent
          for (const [index, move] of moves.entries()) {
            if (!LEGAL_FROM[move.type].includes(at.status)) continue
            const { next, events } = applyMoves(at, [move], times[index] ?? 0, MAKER)
            expect(next.version).toBe(at.version + 1)
            expect(events).toHaveLength(1)
            for (const event of events) {
              expect(event).toMatchObject({
                subject: request.id,
                seq: head.seq + 1,
                previous: head.hash,
                id: `${request.id}/${head.seq + 1}`,
              })
              head = {
                seq: event.seq,
                hash: createHash('sha256')
                  .update(canonicalize(event as unknown as Json))
                  .digest('hex'),
              }
            }
            // The hash is for a successor; where none can follow, it may be left out.
            const mayGoOn = Object.values(LEGAL_FROM).some((from) => from.includes(next.status))
            expect(next.lastEvent).toEqual(
              mayGoOn ? head : { seq: head.seq, hash: expect.any(String) as string },
            )
            // The canonical form of an event is its plain JSON: whoever writes logs relies on it.
            expect(JSON.stringify(next)).toBe(JSON.stringify(structuredClone(next)))
            at = next
          }
          expect(JSON.stringify(request)).toBe(original)
        },
      ),
    )
  })

  test('T23: a vote keeps what had been escalated before it, by the order of the moves and at any times', () => {
    const { policy, context, risk, pins, reviewDigest } = request
    const stages = [
      [0, 0],
      [1, 2],
    ] as const
    const vote = (id: string): Move => ({
      type: 'vote',
      stageOpened: false,
      excluded: [],
      vote: {
        id,
        decision: 'approve',
        actor: { type: 'human', ...by, name: 's', groups: [], assurance: { method: 'sso' } },
        person: by,
        argumentsDigest: request.argumentsDigest,
        reviewDigest,
        countsIn: stages,
        note: null,
        changes: null,
        channel: 'desk',
        at: 5,
      },
    })
    const escalate: Move = {
      type: 'escalate',
      stages: [
        [1, 2],
        [1, 0],
      ],
      reason: 'late',
    }
    const edit: Move = {
      type: 'edit',
      edited: { arguments: '[]', digest: 'd', by, byName: 's', changes: [], at: 5 },
      seen: { policy, context, risk, pins, reviewDigest },
    }
    for (const times of [
      [9, 9, 9, 9],
      [9, 7, 5, 3],
    ]) {
      let at: ApprovalRequest = request
      for (const [index, moves] of [[vote('a')], [escalate], [vote('b')], [edit, vote('c')]].entries())
        at = applyMoves(at, moves, times[index] ?? 0, MAKER).next
      expect(at.votes.map(({ id, escalated }) => [id, escalated])).toEqual([
        ['a', undefined],
        ['b', [[1, 2]]],
        ['c', undefined],
      ])
      expect(Object.keys(at.votes[0] ?? {})).not.toContain('escalated')
    }
  })

  test('several moves are one version, and one event each', () => {
    const { next, events } = applyMoves(request, [MOVES.remind, MOVES.approve], 7, MAKER)
    expect(next.version).toBe(request.version + 1)
    expect(events.map(({ type }) => type)).toEqual(['request.reminded', 'request.approved'])
    expect(next.useBefore).toBe(1_007)
  })
})

describe('what time does', async () => {
  const request = await pendingRequest()
  const [base] = request.policy.requirements
  if (base === undefined) throw new Error('the request has no requirement')
  const [stage] = base.stages
  if (stage === undefined) throw new Error('the requirement has no stage')

  const timed = fc.record({
    remindEveryMs: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: null }),
    escalateMs: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: null }),
    withinMs: fc.integer({ min: 1, max: 5_000 }),
    reminders: fc.nat({ max: 3 }),
    escalated: fc.boolean(),
  })

  function withTimes(times: typeof timed extends fc.Arbitrary<infer T> ? T : never): ApprovalRequest {
    const requirement: Requirement = {
      ...base,
      remindEveryMs: times.remindEveryMs,
      stages: [
        {
          ...stage,
          escalation:
            times.escalateMs === null
              ? null
              : { afterMs: times.escalateMs, reviewers: { type: 'group', name: 'ops' } },
        },
      ],
    } as Requirement
    return {
      ...request,
      createdAt: 0,
      stageOpenedAt: 0,
      expiresAt: times.withinMs,
      reminders: times.reminders,
      escalated: times.escalated ? [[0, 0]] : [],
      policy: { ...request.policy, requirements: [requirement] },
    }
  }

  test('T27: time alone never approves, and never starts', () => {
    fc.assert(
      fc.property(
        timed,
        fc.constantFrom(...REQUEST_STATUSES),
        fc.nat({ max: 20_000 }),
        (times, status, now) => {
          const move = moveAt({ ...withTimes(times), status, useBefore: 4_000 }, now)
          expect([undefined, 'expire', 'remind', 'escalate', 'lapse']).toContain(move?.type)
          if (move !== null) expect(LEGAL_FROM[move.type]).toContain(status)
        },
      ),
    )
  })

  test('what is due has a move then, and none before', () => {
    fc.assert(
      fc.property(timed, (times) => {
        const pending = withTimes(times)
        const due = dueAt(pending)
        expect(due).not.toBeNull()
        expect(moveAt(pending, due ?? 0)).not.toBeNull()
        expect(moveAt(pending, (due ?? 0) - 1)).toBeNull()
      }),
    )
  })

  test('every move of time brings the next due time nearer to the end: it comes to an end', () => {
    fc.assert(
      fc.property(timed, (times) => {
        let at = withTimes(times)
        for (let step = 0; step < 20_000 && at.status === 'pending'; step += 1) {
          const due = dueAt(at) ?? 0
          const move = moveAt(at, due)
          if (move === null) throw new Error(`nothing moves at ${due}`)
          at = applyMoves(at, [move], due, MAKER).next
        }
        expect(at.status).toBe('expired')
        expect(at.resolution?.at).toBe(times.withinMs)
      }),
      { numRuns: 30 },
    )
  })
})
