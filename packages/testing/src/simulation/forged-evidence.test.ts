import { beforeAll, describe, expect, test } from 'vitest'
import type { Evidence } from './evidence'
import { linesOf, withLines } from './forge'
import { type Forgery, goodRuns, OTHER_DIGEST, promisesBroken, votedRequest, withData } from './forging'

let runs: readonly Evidence[]

beforeAll(async () => {
  runs = await goodRuns(25)
}, 120_000)

const brokenBy = (forgery: Forgery) => promisesBroken(runs, forgery)

describe('logs whose bytes were changed', () => {
  test('I7: an event is missing from the middle of its chain', () => {
    const broken = brokenBy((evidence) => {
      const lines = linesOf(evidence)
      const events = Object.values(lines)
        .flat()
        .map(({ event }) => event)
      const target = events.find(
        ({ seq, subject }) => seq === 2 && events.some((one) => one.subject === subject && one.seq === 3),
      )
      if (target === undefined) return null
      const kept = Object.entries(lines).map(([id, held]) => [
        id,
        held.filter(({ event }) => event.id !== target.id),
      ])
      return withLines({ ...evidence, emitted: [] }, Object.fromEntries(kept))
    })
    expect(broken).toContain('I7')
  })

  test('I7: an event is missing from the end of its chain', () => {
    const broken = brokenBy((evidence) => {
      const lines = linesOf(evidence)
      const last = Object.values(lines)
        .flat()
        .reverse()
        .find(({ event }) => event.type === 'vote.refused')
      if (last === undefined) return null
      const kept = Object.entries(lines).map(([id, held]) => [
        id,
        held.filter(({ event }) => event.id !== last.event.id),
      ])
      return withLines(evidence, Object.fromEntries(kept))
    })
    expect(broken).toContain('I7')
  })

  test('I7: an event was changed', () => {
    const broken = brokenBy((evidence) => {
      const [first] = Object.entries(linesOf(evidence))
      if (first === undefined) return null
      const [id, held] = first
      const changed = held.map((line) =>
        line.event.type === 'request.created'
          ? { ...line, event: withData(line.event, { intent: 'harmless' }) }
          : line,
      )
      return withLines(evidence, { ...linesOf(evidence), [id]: changed })
    })
    expect(broken).toContain('I7')
  })

  test('I7: the start became durable after the effect', () => {
    const broken = brokenBy((evidence) => {
      const subject = votedRequest(evidence)
      if (subject === null) return null
      const late = Object.entries(linesOf(evidence)).map(([id, held]) => [
        id,
        held.map((line) =>
          line.event.subject === subject && line.event.type === 'execution.started'
            ? { ...line, step: line.step + 100_000 }
            : line,
        ),
      ])
      return withLines(evidence, Object.fromEntries(late))
    })
    expect(broken).toContain('I7')
  })

  test('I7: a recorded event was never published', () => {
    const broken = brokenBy((evidence) => ({
      ...evidence,
      unpublished: Object.values(linesOf(evidence))
        .flat()
        .map(({ event }) => event)
        .slice(0, 1),
    }))
    expect(broken).toContain('I7')
  })
})

describe('effects and answers that should not be', () => {
  test('I3: a second effect of one request', () => {
    const broken = brokenBy((evidence) => {
      const effect = evidence.effects[0]
      return effect === undefined
        ? null
        : { ...evidence, effects: [...evidence.effects, { ...effect, index: 1_000 }] }
    })
    expect(broken).toContain('I3')
  })

  test('I1: an effect in no session', () => {
    const broken = brokenBy((evidence) => {
      const effect = evidence.effects[0]
      return effect === undefined
        ? null
        : { ...evidence, effects: [...evidence.effects, { ...effect, index: 1_000, requestId: null }] }
    })
    expect(broken).toContain('I1')
  })

  test('I2: an effect on other arguments', () => {
    const broken = brokenBy((evidence) => ({
      ...evidence,
      effects: evidence.effects.map((effect, index) =>
        index === 0 ? { ...effect, digest: OTHER_DIGEST } : effect,
      ),
    }))
    expect(broken).toContain('I2')
  })

  test('I7: an effect in a process that had sealed itself', () => {
    const broken = brokenBy((evidence) => ({
      ...evidence,
      lives: evidence.lives.map((life) => ({ ...life, sealedStep: 1 })),
    }))
    expect(broken).toContain('I7')
  })

  test('I9: a document shown under the digest of another', () => {
    const broken = brokenBy((evidence) => ({
      ...evidence,
      shown: evidence.shown.map((one) => ({
        ...one,
        review: { ...one.review, content: { ...one.review.content, title: 'harmless' } },
      })),
    }))
    expect(broken).toContain('I9')
  })

  test('I10: "nothing was executed", and it was', () => {
    const broken = brokenBy((evidence) => ({
      ...evidence,
      operations: evidence.operations.map((operation) =>
        operation.answer?.type === 'result' && operation.kind === 'call'
          ? {
              ...operation,
              answer: { type: 'error', code: 'ERR_STORE_UNAVAILABLE', requestId: null, step: 0 } as const,
            }
          : operation,
      ),
    }))
    expect(broken).toContain('I10')
  })

  test('I8: a caller who was never answered', () => {
    const broken = brokenBy((evidence) => ({
      ...evidence,
      operations: evidence.operations.map((one) => ({ ...one, answer: null })),
    }))
    expect(broken).toContain('I8')
  })
})
