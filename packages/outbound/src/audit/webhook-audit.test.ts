import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeEntry, fileAudit, readLog, teeAudit } from '@gatewright/audit'
import type { AuditEvent, Logger } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { auditReceiver, entriesOf, SECRET, temporaryFolder } from '../../test/audit-receiver'
import { deferred } from '../../test/deferred'
import { eventOf } from '../../test/events'
import { status } from '../../test/receiver'
import { webhookAudit } from './webhook-audit'

const unavailable = { code: 'ERR_AUDIT_UNAVAILABLE' }
const idsOf = (lines: readonly string[]): readonly string[] => lines.map((line) => JSON.parse(line).id)

/** The lines of a dead-letter file. */
function linesOf(path: string): readonly string[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  expect(lines.pop()).toBe('')
  return lines
}

describe('what is sent', () => {
  test('is a batch of CloudEvents, in the very bytes that a log on a disk has', async () => {
    const to = await auditReceiver()
    const audit = webhookAudit(to.options)
    const events = [eventOf('r-1', 1, { '10': 1, '9': { b: 'é', a: [] } }), eventOf('r-1', 2)]
    await audit.append(events)
    expect(to.received[0]?.headers['content-type']).toBe('application/cloudevents-batch+json')
    expect(to.batches).toEqual([events.map((event) => encodeEntry(event).toString())])
    // A receiver can append them, and has the same log.
    const directory = join(await temporaryFolder(), 'log')
    const log = fileAudit({ directory, origin: 'example.com/received' })
    await log.append([...to.events.values()] as AuditEvent[])
    await log.close()
    const kept: string[] = []
    for await (const { text } of readLog(directory)) kept.push(text)
    expect(kept).toEqual(expect.arrayContaining([...(to.batches[0] ?? [])]))
    await audit.close()
  })

  test('goes one request at a time, and what comes meanwhile goes together with the next', async () => {
    const to = await auditReceiver()
    const audit = webhookAudit(to.options)
    const release = deferred<() => void>()
    to.broken = (response) => release.resolve(() => response.writeHead(204).end())
    const first = audit.append([eventOf('a')])
    await to.arrived(1)
    to.broken = null
    const rest = Promise.all(Array.from({ length: 50 }, (_, at) => audit.append([eventOf(`b-${at}`)])))
    const answer = await release.promise
    expect(to.received).toHaveLength(1)
    answer()
    await Promise.all([first, rest])
    expect(to.batches.map(({ length }) => length)).toEqual([50])
    await audit.close()
  })

  test('is cut into requests of bounded size, in order; a larger event goes alone', async () => {
    const to = await auditReceiver()
    const audit = webhookAudit({ ...to.options, batchBytes: 2_000 })
    const sizes = [700, 700, 700, 5_000, 10, 10]
    await audit.append(sizes.map((size, at) => eventOf('r', at + 1, { text: 'x'.repeat(size) })))
    expect(to.batches.map(idsOf)).toEqual([['r/1', 'r/2'], ['r/3'], ['r/4'], ['r/5', 'r/6']])
    for (const { body } of to.received) expect(body.length).toBeLessThan(5_500)
    await audit.close()
  })

  test('never holds the openings of commitments', async () => {
    const to = await auditReceiver()
    const audit = webhookAudit(to.options)
    const openings = [{ pointer: '/name', salt: 'c2FsdA==', value: 'Ada Lovelace' }]
    await audit.append([Object.assign(eventOf('r'), { openings })])
    to.broken = status(400)
    await expect(audit.append([Object.assign(eventOf('s'), { openings })])).rejects.toMatchObject(unavailable)
    await audit.close()
    const seen = [
      ...to.received.map(({ body }) => body.toString()),
      readFileSync(to.options.deadLetters, 'utf8'),
    ]
    expect(seen.join()).toContain('"s/1"')
    expect(seen.join()).not.toMatch(/openings|Lovelace|c2FsdA/)
  })

  test('has one id over attempts, and another when it says something else', async () => {
    const to = await auditReceiver()
    let failures = 2
    to.broken = (response) => {
      failures -= 1
      if (failures === 0) to.broken = null
      response.writeHead(503).end()
    }
    const audit = webhookAudit(to.options)
    await audit.append([eventOf('r')])
    await audit.append([eventOf('r', 1, { n: 'forged' })])
    await audit.append([eventOf('r')])
    const ids = to.received.map(({ headers }) => headers['webhook-id'])
    expect([ids[0], ids[0], ids[0]]).toEqual([ids[1], ids[2], ids[4]])
    expect(ids[3]).not.toBe(ids[0])
    await audit.close()
  })

  test('an event without a form is refused alone, and nothing of its batch is sent', async () => {
    const to = await auditReceiver()
    const audit = webhookAudit(to.options)
    const bad = { ...eventOf('r'), id: 'another/1' }
    const [worse, good] = await Promise.allSettled([
      audit.append([eventOf('q'), bad]),
      audit.append([eventOf('s')]),
    ])
    expect([worse.status, good.status]).toEqual(['rejected', 'fulfilled'])
    expect([...to.events.keys()]).toEqual(['s/1'])
    await audit.close()
  })
})

describe('what is not delivered', () => {
  test('I7: is not acknowledged, and is kept in the dead-letter file, for its owner alone', async () => {
    const to = await auditReceiver()
    to.broken = status(503)
    const audit = webhookAudit(to.options)
    const event = eventOf('r')
    await expect(audit.append([event])).rejects.toMatchObject({
      ...unavailable,
      cause: { code: 'ERR_OUTBOUND_FAILED', attempts: 5, status: 503 },
    })
    expect(linesOf(to.options.deadLetters)).toEqual([encodeEntry(event).toString()])
    expect(statSync(to.options.deadLetters).mode & 0o777).toBe(0o600)
    await audit.close()
  })

  test('is tried once only while the receiver fails, and said once', async () => {
    const to = await auditReceiver()
    const said: string[] = []
    const log = (text: string): void => void said.push(text)
    const logger: Logger = { info: log, warn: log, error: log }
    to.broken = status(503)
    const audit = webhookAudit({ ...to.options, logger })
    for (let n = 1; n <= 3; n += 1)
      await expect(audit.append([eventOf('r', n)])).rejects.toMatchObject(unavailable)
    expect(to.received).toHaveLength(5 + 1 + 1)
    to.broken = null
    await audit.append([eventOf('r', 4)])
    expect(said).toEqual([expect.stringContaining('fails'), expect.stringContaining('works again')])
    await audit.close()
  })

  test('is kept once, however often it is handed in, and is out once it arrived', async () => {
    const to = await auditReceiver()
    to.broken = status(503)
    const audit = webhookAudit(to.options)
    await expect(audit.append([eventOf('r', 1)])).rejects.toMatchObject(unavailable)
    await expect(audit.append([eventOf('r', 1), eventOf('r', 2)])).rejects.toMatchObject(unavailable)
    expect(idsOf(linesOf(to.options.deadLetters))).toEqual(['r/1', 'r/2'])
    to.broken = null
    await audit.append([eventOf('r', 1), eventOf('r', 2)])
    expect(linesOf(to.options.deadLetters)).toEqual([])
    await audit.close()
  })

  test('counts as acknowledged in best effort, once the file holds it', async () => {
    const to = await auditReceiver()
    to.broken = status(503)
    const audit = webhookAudit({ ...to.options, mode: 'best-effort' })
    await audit.append([eventOf('r', 1)])
    expect(idsOf(linesOf(to.options.deadLetters))).toEqual(['r/1'])
    await audit.close()
  })

  test.each(['strict', 'best-effort'] as const)(
    'I7: is not acknowledged when the file is full either (%s)',
    async (mode) => {
      const to = await auditReceiver()
      to.broken = status(503)
      const audit = webhookAudit({ ...to.options, mode, maxDeadLetterBytes: 400 })
      await audit.append([eventOf('r', 1)]).catch(() => {})
      await expect(audit.append([eventOf('r', 2)])).rejects.toMatchObject({
        ...unavailable,
        message: expect.stringContaining('is full'),
      })
      expect(statSync(to.options.deadLetters).size).toBeLessThanOrEqual(400)
      await audit.close()
    },
  )

  test('because the receiver is gone is refused from then on, without asking it', async () => {
    const to = await auditReceiver()
    to.broken = status(410)
    const audit = webhookAudit(to.options)
    for (const n of [1, 2, 3])
      await expect(audit.append([eventOf('r', n)])).rejects.toMatchObject({
        cause: { code: 'ERR_OUTBOUND_DISABLED' },
      })
    expect(to.received).toHaveLength(1)
    expect(linesOf(to.options.deadLetters)).toHaveLength(3)
    await audit.close()
  })

  test('is refused at once where too much waits', async () => {
    const to = await auditReceiver()
    const release = deferred<() => void>()
    to.broken = (response) => release.resolve(() => response.writeHead(204).end())
    const audit = webhookAudit({ ...to.options, queueBytes: 1_000 })
    const big = { text: 'x'.repeat(900) }
    const first = audit.append([eventOf('r', 1, big)])
    await to.arrived(1)
    await expect(audit.append([eventOf('r', 2, big)])).rejects.toMatchObject({
      message: expect.stringContaining('queueBytes'),
    })
    to.broken = null
    const answer = await release.promise
    answer()
    await first
    await audit.append([eventOf('r', 2, big)])
    await audit.close()
  })
})

describe('redeliver', () => {
  /** A sink with so many dead letters. */
  async function withDeadLetters(count: number, more: object = {}) {
    const to = await auditReceiver()
    to.broken = status(503)
    const audit = webhookAudit({ ...to.options, mode: 'best-effort', ...more })
    for (let n = 1; n <= count; n += 1) await audit.append([eventOf('r', n, { text: 'x'.repeat(500) })])
    to.broken = null
    return { to, audit }
  }

  test('sends what is kept in its order, in batches, and empties the file', async () => {
    const { to, audit } = await withDeadLetters(5, { batchBytes: 2_000 })
    const kept = linesOf(to.options.deadLetters)
    await expect(audit.redeliver()).resolves.toEqual({ delivered: 5 })
    expect(to.batches.flat()).toEqual(kept)
    expect(to.batches.length).toBeGreaterThan(1)
    expect(linesOf(to.options.deadLetters)).toEqual([])
    await expect(audit.redeliver()).resolves.toEqual({ delivered: 0 })
    await audit.close()
  })

  test('keeps what was not acknowledged, and only that', async () => {
    const { to, audit } = await withDeadLetters(5, { batchBytes: 1_000 })
    let left = 2
    to.broken = (response, received) => {
      left -= 1
      if (left < 0) return void response.writeHead(503).end()
      expect(entriesOf(received.body)).toHaveLength(1)
      response.writeHead(200).end()
    }
    await expect(audit.redeliver()).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED' })
    expect(idsOf(linesOf(to.options.deadLetters))).toEqual(['r/3', 'r/4', 'r/5'])
    to.broken = status(503)
    await audit.append([eventOf('r', 6)])
    expect(idsOf(linesOf(to.options.deadLetters))).toEqual(['r/3', 'r/4', 'r/5', 'r/6'])
    to.broken = null
    await audit.redeliver()
    expect([...to.events.keys()]).toEqual(['r/3', 'r/4', 'r/5', 'r/6'])
    await audit.close()
  })

  test('finds what an earlier process left, and cuts a line that it did not finish', async () => {
    const { to, audit } = await withDeadLetters(2)
    await audit.close()
    writeFileSync(to.options.deadLetters, '{"data":{"n"', { flag: 'a' })
    const next = webhookAudit(to.options)
    await expect(next.redeliver()).resolves.toEqual({ delivered: 2 })
    await next.close()
    expect([...to.events.keys()]).toEqual(['r/1', 'r/2'])
  })

  test('and appends take turns: there is one request at a time', async () => {
    const { to, audit } = await withDeadLetters(6, { batchBytes: 1_000 })
    let [open, most] = [0, 0]
    const before = to.received.length
    to.broken = (response) => {
      open += 1
      most = Math.max(most, open)
      setImmediate(() => {
        open -= 1
        response.writeHead(204).end()
      })
    }
    const appends = Array.from({ length: 6 }, async (_, at) => {
      await to.arrived(before + at)
      await audit.append([eventOf('s', at + 1)])
    })
    await Promise.all([audit.redeliver(), ...appends])
    expect(most).toBe(1)
    expect(linesOf(to.options.deadLetters)).toEqual([])
    await audit.close()
  })

  test('called twice at once sends once', async () => {
    const { to, audit } = await withDeadLetters(2)
    const requests = to.received.length
    await Promise.all([audit.redeliver(), audit.redeliver()])
    expect(to.received).toHaveLength(requests + 1)
    await audit.close()
    await expect(audit.redeliver()).rejects.toMatchObject(unavailable)
  })
})

test('a tee with a file goes on while the receiver is away, and the receiver gets everything in the end', async () => {
  const to = await auditReceiver()
  const log = fileAudit({ directory: join(await temporaryFolder(), 'log'), origin: 'example.com/here' })
  const { clock, logger = console } = to.options
  const audit = teeAudit([log, webhookAudit(to.options)], { required: 1, clock, logger })
  to.broken = status(503)
  for (let n = 1; n <= 3; n += 1) await audit.append([eventOf('r', n)])
  to.broken = null
  await audit.close()
  expect([...to.events.keys()]).toEqual(['r/1', 'r/2', 'r/3'])
})

describe('options', () => {
  const good = { url: 'https://siem.example.com/hook', secret: SECRET, deadLetters: './dead.jsonl' }

  test.each([
    [{ ...good, deadLetters: '' }, 'webhookAudit.deadLetters'],
    [{ ...good, mode: 'loose' }, 'webhookAudit.mode'],
    [{ ...good, logId: '' }, 'webhookAudit.logId'],
    [{ ...good, batchBytes: 0 }, 'webhookAudit.batchBytes'],
    [{ ...good, batchBytes: 1_000, maxBodyBytes: 1_000 }, 'webhookAudit.batchBytes'],
    [{ ...good, queueBytes: 0.5 }, 'webhookAudit.queueBytes'],
    [{ ...good, maxDeadLetterBytes: -1 }, 'webhookAudit.maxDeadLetterBytes'],
    [{ ...good, deadLetter: 'x' }, 'webhookAudit.deadLetter'],
    [{ ...good, timeout: 'soon' }, 'webhookAudit.timeout'],
    [{ deadLetters: 'x' }, 'webhookAudit.secret'],
  ])('%j is refused', (options, option) => {
    expect(() => webhookAudit(options as never)).toThrow(option)
  })

  test('the name of the log is stable, tells receivers apart, and gives no path away', async () => {
    const deadLetters = join(await temporaryFolder(), 'dead.jsonl')
    const names = [
      'https://siem.example.com/hook?sig=hunter2',
      'https://siem.example.com/hook?sig=hunter2',
      good.url,
    ]
    const sinks = names.map((url) => webhookAudit({ ...good, url, deadLetters }))
    const [one, again, other] = sinks.map(({ logId }) => logId)
    await Promise.all(sinks.map((sink) => sink.close()))
    expect(one).toBe(again)
    expect(one).not.toBe(other)
    expect(one).toMatch(/^webhook:siem\.example\.com:[0-9a-f]{16}$/)
  })
})
