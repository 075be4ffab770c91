import { type AuditEvent, type AuditSink, memoryAudit } from '@gatewright/core'
import { fakeClock, recordingAudit } from '@gatewright/testing'
import { describeAuditSink } from '@gatewright/testing/conformance'
import { describe, expect, test } from 'vitest'
import { teeAudit } from './tee-audit'

const quiet = { info() {}, warn() {}, error() {} }

function eventOf(subject: string, seq = 1): AuditEvent {
  return {
    data: {},
    id: `${subject}/${seq}`,
    previous: seq === 1 ? null : '0'.repeat(64),
    seq,
    source: 'test',
    subject,
    time: 0,
    type: 'call.denied',
  }
}

interface Faulty extends AuditSink {
  readonly ids: readonly string[]
  fail: boolean
  /** Answers only when it is let. */
  hold: Promise<void> | null
  readonly batches: number
}

function faulty(logId: string): Faulty {
  const inner = memoryAudit({ logId })
  let batches = 0
  return {
    logId,
    fail: false,
    hold: null,
    get batches() {
      return batches
    },
    get ids() {
      return inner.events.map(({ id }) => id)
    },
    async append(events) {
      batches += 1
      if (this.hold !== null) await this.hold
      if (this.fail) throw new Error(`${logId}: no space left on device`)
      await inner.append(events)
    },
    close: () => inner.close(),
  }
}

describeAuditSink('a tee of two logs', {
  create: () => {
    const first = memoryAudit({ logId: 'a' })
    const tee = teeAudit([first, memoryAudit({ logId: 'b' })], { logger: quiet })
    return Object.assign(tee, { first })
  },
  read: (sink) => (sink as AuditSink & { first: ReturnType<typeof memoryAudit> }).first.events,
})

describe('a tee', () => {
  test('writes everything to every sink', async () => {
    const [a, b] = [faulty('a'), faulty('b')]
    const tee = teeAudit([a, b], { logger: quiet })
    await Promise.all([tee.append([eventOf('r'), eventOf('r', 2)]), tee.append([eventOf('s')])])
    expect(a.ids).toEqual(['r/1', 'r/2', 's/1'])
    expect(b.ids).toEqual(a.ids)
    expect(tee.logId).toBe('tee:a+b')
  })

  test('I7: one sink of two required ones that fails means nothing is acknowledged, and why is said', async () => {
    const [a, b] = [faulty('a'), faulty('b')]
    b.fail = true
    const appending = teeAudit([a, b], { logger: quiet }).append([eventOf('r')])
    await expect(appending).rejects.toMatchObject({
      code: 'ERR_AUDIT_UNAVAILABLE',
      message: expect.stringContaining('1 of 2 sinks failed, and 2 are required'),
      cause: expect.objectContaining({ message: 'b: no space left on device' }),
    })
  })

  test('with one required, the other’s failure is no news to the caller; what it missed comes first when it works again', async () => {
    const clock = fakeClock()
    const [a, b] = [faulty('a'), faulty('b')]
    const tee = teeAudit([a, b], { required: 1, clock, logger: quiet })
    b.fail = true
    await tee.append([eventOf('r')])
    await tee.append([eventOf('r', 2)])
    expect(a.ids).toEqual(['r/1', 'r/2'])
    expect(b.ids).toEqual([])
    b.fail = false
    await clock.advance(100)
    await tee.append([eventOf('r', 3)])
    await tee.close()
    expect(b.ids).toEqual(['r/1', 'r/2', 'r/3'])
  })

  test('a failing sink is left alone for a while, longer each time', async () => {
    const clock = fakeClock()
    const [a, b] = [faulty('a'), faulty('b')]
    const tee = teeAudit([a, b], { required: 1, clock, logger: quiet })
    b.fail = true
    const tries: number[] = []
    for (let step = 0; step < 20; step += 1) {
      const before = b.batches
      await tee.append([eventOf(`r${step}`)])
      if (b.batches > before) tries.push(clock.now())
      await clock.advance(100)
    }
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
    expect(pauses).toEqual([100, 200, 400, 800])
  })

  test('a sink that hangs holds up only what cannot do without it', async () => {
    const [a, b] = [faulty('a'), faulty('b')]
    let release = (): void => {}
    b.hold = new Promise((resolve) => {
      release = resolve
    })
    await teeAudit([a, b], { required: 1, logger: quiet }).append([eventOf('r')])
    let acknowledged = false
    const strict = teeAudit([faulty('c'), b], { logger: quiet })
    const appending = Promise.resolve(strict.append([eventOf('s')])).then(() => {
      acknowledged = true
    })
    await new Promise(setImmediate)
    expect(acknowledged).toBe(false)
    release()
    await appending
    expect(b.ids).toContain('s/1')
  })

  test('what arrives while a batch is written goes with the next one', async () => {
    const a = faulty('a')
    let release = (): void => {}
    a.hold = new Promise((resolve) => {
      release = resolve
    })
    const tee = teeAudit([a], { logger: quiet })
    const appends = ['r', 's', 't', 'u'].map((subject) => tee.append([eventOf(subject)]))
    release()
    await Promise.all(appends)
    expect(a.batches).toBe(2)
    expect(a.ids).toEqual(['r/1', 's/1', 't/1', 'u/1'])
  })

  test('what fails while more arrives is kept in order', async () => {
    const clock = fakeClock()
    const [a, b] = [faulty('a'), faulty('b')]
    const tee = teeAudit([a, b], { required: 1, clock, logger: quiet })
    let release = (): void => {}
    b.hold = new Promise((resolve) => {
      release = resolve
    })
    b.fail = true
    const appends = [1, 2, 3].map((seq) => tee.append([eventOf('r', seq)]))
    release()
    await Promise.all(appends)
    await tee.append([eventOf('r', 4)])
    b.fail = false
    await clock.advance(100)
    await tee.append([eventOf('r', 5)])
    await tee.close()
    expect(b.ids).toEqual(['r/1', 'r/2', 'r/3', 'r/4', 'r/5'])
  })

  test('holds only so many events for a sink that fails for good, and says how many are lost', async () => {
    const clock = fakeClock()
    const said: unknown[] = []
    const [a, b] = [faulty('a'), faulty('b')]
    const logger = { ...quiet, error: (_: string, fields?: unknown) => void said.push(fields) }
    const tee = teeAudit([a, b], { required: 1, held: 3, clock, logger })
    b.fail = true
    for (let n = 1; n <= 5; n += 1) await tee.append([eventOf('r', n)])
    expect(said.filter((fields) => (fields as { count?: number }).count === 1)).toHaveLength(2)
    b.fail = false
    await tee.close()
    expect(b.ids).toEqual(['r/3', 'r/4', 'r/5'])
  })

  test('closes every sink, also when one cannot be closed', async () => {
    const a = recordingAudit()
    const broken: AuditSink = {
      logId: 'broken',
      append: async () => {},
      close: async () => {
        throw new Error('it is stuck')
      },
    }
    const tee = teeAudit([broken, a], { logger: quiet })
    await expect(tee.close()).rejects.toMatchObject({ errors: [new Error('it is stuck')] })
    await expect((async () => a.append([eventOf('r')]))()).rejects.toThrow('closed')
    expect(() => tee.append([eventOf('r')])).toThrow(
      expect.objectContaining({ code: 'ERR_AUDIT_UNAVAILABLE' }),
    )
  })

  test.each([
    [[], {}, 'takes a list'],
    [[memoryAudit()], { required: 0 }, 'teeAudit.required'],
    [[memoryAudit()], { required: 2 }, 'from 1 to 1'],
    [[memoryAudit({ logId: 'a' }), memoryAudit({ logId: 'a' })], {}, 'two sinks are called a'],
    [[memoryAudit()], { held: 0 }, 'teeAudit.held'],
    [[memoryAudit()], { quorum: 1 }, 'teeAudit.quorum'],
    [[{}], {}, 'teeAudit[0]'],
  ])('refuses %j with %j', (sinks, options, message) => {
    expect(() => teeAudit(sinks as never, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID', message: expect.stringContaining(message) }),
    )
  })
})
