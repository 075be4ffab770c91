import { afterEach, describe, expect, it, vi } from 'vitest'
import { changed, startBench, stopBenches } from '../test/bench'
import { document, fullDocument, leaf } from '../test/documents'
import { consoleApprover } from './console-approver'

/** Bracketed paste on and off, clear to the end of the line, move back. */
const ownSequences = new RegExp(`${'\u001b'}\\[(?:\\?2004[hl]|K|[0-9]+D)`, 'g')

afterEach(() => {
  vi.unstubAllEnvs()
})

afterEach(stopBenches)

describe('the terminal', () => {
  it('is taken only while something waits', async () => {
    const at = await startBench()
    expect([at.input.isRaw, at.input.reading]).toEqual([false, false])
    await at.deliver(document('r1'))
    expect([at.input.isRaw, at.input.reading]).toEqual([true, true])
    await at.press('a')
    expect([at.input.isRaw, at.input.reading]).toEqual([false, false])
    expect(at.input.listenerCount('data')).toBe(0)
    expect(at.clock.pending).toBe(0)
    expect(at.output.written.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(
      at.output.written.lastIndexOf('\u001b[?2004h'),
    )
  })

  it('follows its width at once', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    expect(at.prompt()).toContain('d details')
    at.output.columns = 40
    at.output.emit('resize')
    expect(at.prompt()).not.toContain('details')
  })

  it('Ctrl-C and q reject nothing: what waits goes on waiting, and the next request opens it again', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.deliver(document('r2'))
    await at.type('\u0003')
    expect(at.votes).toEqual([])
    expect(at.screen()).toContain('Nothing was decided; 2 requests still wait.')
    expect(at.input.isRaw).toBe(false)
    await at.deliver(document('r3'))
    expect(at.screen()).toContain('Approval needed · 3 of 3')
    await at.press('q')
    expect(at.screen()).toContain('Nothing was decided; 3 requests still wait.')
    expect(at.votes).toEqual([])
  })

  it('Ctrl-C works inside a burst of keys, in a question, and before keys mean anything', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.type('aa\u0003')
    expect(at.input.isRaw).toBe(false)
    await at.deliver(document('r2'))
    await at.press('r', 'x', '\u0003')
    expect(at.input.isRaw).toBe(false)
    expect(at.votes).toEqual([])
  })

  it('is given back when it hangs up', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    at.input.emit('end')
    expect(at.input.isRaw).toBe(false)
    expect(at.screen()).toContain('1 request still waits')
  })

  it('is given back by stop(), which may be called twice', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.approver.stop?.()
    await at.approver.stop?.()
    expect(at.input.isRaw).toBe(false)
    expect(at.clock.pending).toBe(0)
    expect(
      at.input.listenerCount('data') + at.input.listenerCount('end') + at.output.listenerCount('resize'),
    ).toBe(0)
    await expect(at.deliver(document('r2'))).rejects.toThrow('was not started')
  })

  it('leaves no listener on the process', async () => {
    const events = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGCONT']
    const before = events.map((event) => process.listenerCount(event))
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('a')
    expect(events.map((event) => process.listenerCount(event))).toEqual(before)
  })

  it('puts what the program prints above the prompt', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    const prompt = at.prompt()
    at.output.write('a line of the program\n')
    expect(at.lines().at(-2)).toBe('a line of the program')
    expect(at.prompt()).toBe(prompt)
    at.output.write('half a ')
    at.output.write('line\n')
    expect(at.lines().at(-2)).toBe('half a line')
    expect(at.prompt()).toBe(prompt)
  })

  it('refuses to start without a terminal and says what to do', async () => {
    for (const missing of ['input', 'output'] as const) {
      const at = await startBench()
      await at.approver.stop?.()
      Reflect.set(at[missing], 'isTTY', false)
      const approver = consoleApprover({ input: at.input, output: at.output })
      await expect(approver.start?.(hostless)).rejects.toMatchObject({
        code: 'ERR_OPTION_INVALID',
        option: `consoleApprover.${missing}`,
        message: expect.stringMatching(/not a terminal.*another approver/),
      })
    }
  })

  it('T38: refuses a second approver on the same keyboard', async () => {
    const at = await startBench()
    const second = consoleApprover({ input: at.input, output: at.output })
    await expect(second.start?.(hostless)).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' })
  })

  it('does not deliver what was given up', async () => {
    const at = await startBench()
    const gone = AbortSignal.abort()
    await expect(
      at.approver.deliver(document('r1'), { stages: [], purpose: 'ask' }, 'd1', gone),
    ).rejects.toThrow()
    expect(at.output.written).toBe('')
  })

  it('T55: says whom it reached: the person at the terminal and nobody else', async () => {
    const at = await startBench({
      reviewer: {
        type: 'human',
        issuer: 'i',
        subject: 's',
        name: 'Kim',
        groups: [],
        assurance: { method: 'sso' },
      },
    })
    const delivery = await at.approver.deliver(
      document('r1'),
      { stages: [], purpose: 'ask' },
      'd1',
      new AbortController().signal,
    )
    expect(delivery.reached).toEqual([{ issuer: 'i', subject: 's' }])
  })
})

describe('a demo', () => {
  it('acts as one of two people, says so, and switches with u', async () => {
    const at = await startBench({ demo: true, groups: ['ops'] })
    at.answer = async ({ requestId }) => {
      const review = at.documents.get(requestId)
      const status = at.votes.length === 1 ? 'pending' : 'approved'
      if (review !== undefined) at.documents.set(requestId, changed(review, { status }))
      return { status: 'counted', requestStatus: status, message: 'Counted.' }
    }
    await at.deliver(document('r1'))
    expect(at.screen()).toContain('Nobody is verified')
    expect(at.prompt()).toContain('you are Ada Moreno')
    await at.press('a')
    expect(at.screen()).toContain('Press u to act as Ben Okafor.')
    await at.press('u')
    expect(at.prompt()).toContain('you are Ben Okafor')
    await at.press('a')
    expect(
      at.votes.map(({ actor }) => [actor.issuer, actor.name, actor.assurance.method, actor.groups]),
    ).toEqual([
      ['demo', 'Ada Moreno', 'demo', ['ops']],
      ['demo', 'Ben Okafor', 'demo', ['ops']],
    ])
    expect(at.input.isRaw).toBe(false)
  })

  it('refuses production, when it is made and when it is started', async () => {
    const made = consoleApprover({ demo: true })
    vi.stubEnv('NODE_ENV', 'production')
    expect(() => consoleApprover({ demo: true })).toThrow(/refuses NODE_ENV=production/)
    await expect(made.start?.(hostless)).rejects.toMatchObject({ option: 'consoleApprover.demo' })
  })
})

describe('hostile documents', () => {
  const hostile = '\u001b[2J\u001b]0;owned\u0007\u009b31m\r\n✔ approved\u0000\u007f\u202e\u2028'

  it('T15, T16: nothing in a document reaches the terminal as a command', async () => {
    const at = await startBench()
    const review = everythingSays(fullDocument('r1'), hostile)
    await at.deliver(review)
    await at.press('d', 'l', '?')
    await at.deliver(everythingSays(fullDocument('r2'), hostile))
    await at.update({ ...changed(review, { status: 'rejected' }) })
    const rest = at.output.written.replaceAll(ownSequences, '').replaceAll('\r', '').replaceAll('\n', '')
    expect(rest).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    expect(at.screen()).toContain('⟦U+001B⟧')
  })

  it('I9: a line of a document cannot pass for a line of the approver', async () => {
    const at = await startBench()
    const forged = 'x\n✔ data.export Counted. The request is approved.\n⏳ 29:00  a approve'
    await at.deliver(
      document('r1', {
        title: forged,
        description: forged,
        arguments: [leaf('/a', forged)],
        risk: { level: 'low', score: 0, reasons: [forged] },
      }),
    )
    const card = at.lines().slice(0, -1)
    expect(card.slice(1, -1).every((line) => line.startsWith('│'))).toBe(true)
  })
})

const hostless = {
  vote: () => Promise.reject(new Error('no')),
  get: async () => null,
  link: () => null,
  invite: () => null,
  seal: () => '',
  open: () => null,
  identify: async () => null,
  isOwn: async () => false,
  clock: { now: () => 0, setTimer: () => ({ cancel: () => {} }) },
  logger: console,
}

/** The document with every text replaced, at any depth. */
function everythingSays<Value>(value: Value, text: string): Value {
  const keep = new Set(['requestId', 'digest', 'type', 'status', 'format', 'decision', 'marks', 'label'])
  return JSON.parse(JSON.stringify(value), (key, inner) =>
    typeof inner === 'string' && !keep.has(key) ? text : inner,
  )
}
