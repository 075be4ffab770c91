import { describe, expect, test } from 'vitest'
import type { AuditEvent } from './contracts/audit'
import { type MemoryAuditOptions, memoryAudit } from './memory-audit'

function eventOf(subject: string, seq: number): AuditEvent {
  return {
    data: { nested: { list: [1] } },
    id: `${subject}/${seq}`,
    previous: null,
    seq,
    source: 'a',
    subject,
    time: 1,
    type: 'request.created',
  }
}

const idsOf = (events: readonly AuditEvent[]) => events.map(({ id }) => id)

describe('the memory log', () => {
  test('keeps the newest events, in order, however often it went round', async () => {
    const audit = memoryAudit({ limit: 3 })
    for (let seq = 1; seq <= 8; seq += 1) {
      await audit.append([eventOf('a', seq)])
      const first = Math.max(1, seq - 2)
      expect(idsOf(audit.events)).toEqual(
        Array.from({ length: seq - first + 1 }, (_, index) => `a/${first + index}`),
      )
    }
  })

  test('a batch longer than the log leaves its end', async () => {
    const audit = memoryAudit({ limit: 2 })
    await audit.append([1, 2, 3, 4, 5].map((seq) => eventOf('a', seq)))
    expect(idsOf(audit.events)).toEqual(['a/4', 'a/5'])
  })

  test('knows repetitions of what it keeps, and of nothing else', async () => {
    const audit = memoryAudit({ limit: 2 })
    await audit.append([eventOf('a', 1), eventOf('a', 2), eventOf('a', 2), eventOf('a', 1)])
    expect(idsOf(audit.events)).toEqual(['a/1', 'a/2'])
    await audit.append([eventOf('a', 3), eventOf('a', 1)])
    expect(idsOf(audit.events)).toEqual(['a/3', 'a/1'])
  })

  test('what was looked at stays as it was, and cannot be changed', async () => {
    const audit = memoryAudit()
    await audit.append([eventOf('a', 1)])
    const before = audit.events
    await audit.append([eventOf('a', 2)])
    expect(idsOf(before)).toEqual(['a/1'])
    expect(Object.isFrozen(before[0]?.data.nested)).toBe(true)
  })

  test('says that it is closed, and goes on showing what it has', async () => {
    const audit = memoryAudit()
    await audit.append([eventOf('a', 1)])
    await audit.close()
    await expect((async () => audit.append([eventOf('a', 2)]))()).rejects.toMatchObject({
      code: 'ERR_AUDIT_UNAVAILABLE',
    })
    expect(idsOf(audit.events)).toEqual(['a/1'])
  })

  test('has the name it was given, or one of its own', () => {
    expect(memoryAudit({ logId: 'mine' }).logId).toBe('mine')
    expect(memoryAudit().logId).not.toBe(memoryAudit().logId)
  })

  test.each([
    [{ limit: 0 }, 'memoryAudit.limit'],
    [{ limit: 1.5 }, 'memoryAudit.limit'],
    [{ limit: Number.POSITIVE_INFINITY }, 'memoryAudit.limit'],
    [{ logId: '' }, 'memoryAudit.logId'],
    [{ logid: 'x' }, 'memoryAudit.logid'],
  ])('refuses %j', (options, option) => {
    expect(() => memoryAudit(options as MemoryAuditOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID', option }),
    )
  })
})
