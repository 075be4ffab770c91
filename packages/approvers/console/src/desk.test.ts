import { afterEach, describe, expect, it } from 'vitest'
import { changed, startBench, stopBenches } from '../test/bench'
import { document } from '../test/documents'

afterEach(stopBenches)

describe('deciding', () => {
  it('approves with one key: the digest that was shown, by the person at the terminal', async () => {
    const at = await startBench({ groups: ['ops'] })
    const review = document('r1')
    await at.deliver(review)
    expect(at.screen()).toContain('data.export')
    await at.press('a')
    expect(at.votes).toMatchObject([
      {
        requestId: 'r1',
        decision: 'approve',
        digest: review.digest,
        actor: { type: 'human', groups: ['ops'] },
      },
    ])
    expect(at.votes[0]?.actor.assurance.method).toBe('local')
    expect(at.screen()).toContain('✔ data.export Counted. The request is approved.')
  })

  it('says how it ended once, although the gate tells it as well', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('a')
    await at.update(changed(document('r1'), { status: 'approved', version: 3 }))
    expect(at.screen().match(/approved/g)).toHaveLength(1)
  })

  it('rejects with the reason that was typed, and with none', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.deliver(document('r2'))
    await at.press('r', 'n', 'o', 't', '\u007f', 'w', '\r')
    await at.press('r', '\r')
    expect(at.votes).toMatchObject([
      { requestId: 'r1', decision: 'reject', note: 'now' },
      { requestId: 'r2', decision: 'reject' },
    ])
    expect(at.votes[1]).not.toHaveProperty('note')
  })

  it('goes back from the reason with Esc, and nothing was decided', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('r', 'x', '\u001b')
    expect(at.votes).toEqual([])
    expect(at.prompt()).toContain('a approve')
  })

  it('asks for a note when the gate needs one, and votes again with it', async () => {
    const at = await startBench()
    const counts = at.answer
    at.answer = async (vote) =>
      vote.note === undefined
        ? { status: 'refused', reason: 'note-needed', message: 'Say why.' }
        : counts(vote)
    await at.deliver(document('r1'))
    await at.press('a', 'o', 'k', '\r')
    expect(at.votes).toMatchObject([{ decision: 'approve' }, { decision: 'approve', note: 'ok' }])
  })

  it('wants the word yes for something critical', async () => {
    const at = await startBench()
    await at.deliver(document('r1', { risk: { level: 'critical', score: 1, reasons: [] } }))
    await at.press('a', 'y', '\r')
    expect(at.votes).toEqual([])
    expect(at.screen()).toContain('Not approved.')
    await at.press('a', 'y', 'e', 's', '\r')
    expect(at.votes).toHaveLength(1)
  })

  it('T13: does not approve what was not shown in full, until the complete document was', async () => {
    const at = await startBench()
    const complete = document('r1')
    const partial = document(
      'r1',
      { missing: ['3 more arguments'] },
      {},
      { complete: false, digest: 'f'.repeat(64), link: 'https://x.example/r1' },
    )
    await at.deliver(partial)
    expect(at.screen()).toContain('3 more arguments')
    await at.press('a')
    await at.press('e')
    expect(at.votes).toEqual([])
    expect(at.screen()).toContain('https://x.example/r1')
    at.documents.set('r1', complete)
    await at.press('d')
    await at.press('a')
    expect(at.votes).toMatchObject([{ digest: complete.digest }])
  })

  it('T42: shows a refusal, with where to go on, and keeps asking', async () => {
    const at = await startBench()
    at.answer = async () => ({
      status: 'refused',
      reason: 'assurance',
      message: 'Sign in first.',
      link: 'https://x.example/sign-in',
    })
    await at.deliver(document('r1'))
    await at.press('a')
    expect(at.screen()).toContain('✖ data.export Sign in first.')
    expect(at.screen()).toContain('https://x.example/sign-in')
    expect(at.screen()).not.toContain('✔')
    expect(at.prompt()).toContain('a approve')
  })

  it('T42: does not say that a vote counts when it could not be stored', async () => {
    const at = await startBench()
    at.answer = () => Promise.reject(new Error('the store is away'))
    await at.deliver(document('r1'))
    await at.press('a')
    expect(at.screen()).toContain('✖ Your vote could not be stored: the store is away')
    expect(at.screen()).not.toContain('✔')
    expect(at.prompt()).toContain('a approve')
  })

  it('T42: tells what happened while the vote was on its way after its answer, and loses none of it', async () => {
    const at = await startBench()
    const counts = at.answer
    at.answer = async (vote) => {
      const receipt = await counts(vote)
      const outcome = { status: 'succeeded', summary: '12 rows' }
      await at.approver.update?.(changed(document('r1'), { status: 'succeeded', version: 4, outcome }), {
        id: 'd',
        reference: null,
      })
      return receipt
    }
    await at.deliver(document('r1'))
    await at.press('a')
    expect(at.lines().slice(-2)).toEqual([
      expect.stringContaining('The request is approved.'),
      expect.stringContaining('ran and succeeded: 12 rows'),
    ])
  })

  it('does not tell the person their own vote as news, whenever the gate tells it', async () => {
    const at = await startBench({ demo: true })
    at.answer = async ({ actor }) => {
      const votes = [{ by: actor.name, decision: 'approve' as const, note: null, at: 0, counts: true }]
      await at.approver.update?.(changed(document('r1'), { votes }), { id: 'd', reference: null })
      at.documents.set('r1', changed(document('r1'), { votes }))
      return { status: 'counted', requestStatus: 'pending', message: 'Your approval counts. 1 more needed.' }
    }
    await at.deliver(document('r1'))
    await at.press('a')
    await at.update(at.documents.get('r1') ?? document('r1'))
    expect(at.screen()).not.toContain('Ada Moreno approved')
  })

  it('T42: goes by the answer when how the request stands cannot be read', async () => {
    const at = await startBench()
    at.answer = async () => {
      at.documents.clear()
      return { status: 'counted', requestStatus: 'approved', message: 'Counted.' }
    }
    await at.deliver(document('r1'))
    await at.press('a')
    expect(at.screen()).not.toContain('still wait')
    expect(at.input.isRaw).toBe(false)
  })

  it('T42: does not say that nothing was decided while a vote is on its way', async () => {
    const at = await startBench()
    at.answer = () => new Promise(() => {})
    await at.deliver(document('r1'))
    await at.press('a', '\u0003')
    expect(at.screen()).not.toContain('Nothing was decided')
    expect(at.screen()).toContain('Your vote is on its way; 1 request still waits.')
  })

  it('tells somebody whom nobody asked who they are and who is asked', async () => {
    const at = await startBench({ groups: ['interns'] })
    at.answer = async () => ({ status: 'refused', reason: 'not-found', message: 'There is no such request.' })
    await at.deliver(document('r1'))
    await at.press('a')
    expect(at.screen()).toMatch(/You act as .* in interns\. Asked is: group ops/)
  })

  it('after a vote that is not the last one, waits for other people and gives the terminal back', async () => {
    const at = await startBench()
    at.answer = async ({ requestId }) => {
      const review = at.documents.get(requestId)
      if (review !== undefined) at.documents.set(requestId, changed(review, {}))
      return { status: 'counted', requestStatus: 'pending', message: 'Your approval counts. 1 more needed.' }
    }
    await at.deliver(document('r1'))
    await at.press('a')
    expect(at.screen()).toContain('Your approval counts. 1 more needed.')
    expect(at.screen()).toContain('1 request still waits for other people')
    expect(at.input.isRaw).toBe(false)
  })
})

describe('several requests', () => {
  it('shows them one after the other, lists them, skips, and opens one by its number', async () => {
    const at = await startBench()
    await at.deliver(document('r1', { action: 'first.one' }))
    await at.deliver(document('r2', { action: 'second.one' }))
    await at.deliver(document('r3', { action: 'third.one' }))
    expect(at.screen()).toContain('+ second.one by ops-bot waits too; 2 in the queue')
    await at.press('l')
    expect(at.lines().filter((line) => /^[▸ ] {2}[123] /.test(line))).toHaveLength(3)
    await at.press('s')
    expect(at.screen()).toContain('Approval needed · 2 of 3')
    await at.press('3', 'a')
    await at.press('a')
    expect(at.votes.map(({ requestId }) => requestId)).toEqual(['r3', 'r1'])
  })

  it('T51: sent twice under one id is one card', async () => {
    const at = await startBench()
    await at.deliver(document('r1'), 'd1')
    const before = at.output.written
    await at.deliver(document('r1'), 'd1')
    expect(at.output.written).toBe(before)
  })

  it('a reminder says so and does not queue it twice', async () => {
    const at = await startBench()
    await at.deliver(document('r1'), 'd1')
    await at.deliver(document('r1'), 'd2', 'remind')
    await at.deliver(document('r1'), 'd2', 'remind')
    expect(at.screen().match(/! data.export by ops-bot still waits/g)).toHaveLength(1)
    expect(at.screen().match(/Approval needed/g)).toHaveLength(1)
    await at.press('a')
    expect(at.votes).toHaveLength(1)
    expect(at.input.isRaw).toBe(false)
  })

  it('I2: asks somebody who voted again when the arguments are changed', async () => {
    const at = await startBench()
    at.answer = async () => ({ status: 'counted', requestStatus: 'pending', message: 'Counts.' })
    await at.deliver(document('r1'))
    await at.press('a')
    expect(at.input.isRaw).toBe(false)
    await at.deliver(document('r2'))
    await at.update(changed(document('r1', { argumentsDigest: 'b'.repeat(64) }), {}))
    await at.press('a')
    await at.press('a')
    expect(at.votes.map(({ requestId, digest }) => [requestId, digest])).toEqual([
      ['r1', document('r1').digest],
      ['r2', document('r2').digest],
      ['r1', document('r1', { argumentsDigest: 'b'.repeat(64) }).digest],
    ])
  })

  it('does not show somebody their own edit as news', async () => {
    const at = await startBench()
    at.answer = async () => {
      at.documents.set('r1', changed(document('r1', { argumentsDigest: 'b'.repeat(64) }), {}))
      return { status: 'counted', requestStatus: 'pending', message: 'Your approval counts. 1 more needed.' }
    }
    await at.deliver(document('r1'))
    await at.press('e', '\u007f', '\u007f', '}', '\r', 'y')
    expect(at.votes).toHaveLength(1)
    expect(at.screen()).not.toContain('was changed')
    expect(at.screen().match(/Approval needed/g)).toHaveLength(1)
    expect(at.input.isRaw).toBe(false)
  })

  it('T24: an older state that arrives late changes nothing', async () => {
    const at = await startBench()
    const newest = changed(document('r1', { argumentsDigest: 'b'.repeat(64) }), { version: 3 })
    await at.deliver(newest)
    await at.update(changed(document('r1'), { version: 2 }))
    at.documents.set('r1', newest)
    await at.press('a')
    expect(at.votes).toMatchObject([{ digest: newest.digest }])
  })

  it('tells of votes by others and of what is still needed', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    const votes = [{ by: 'Ada Moreno', decision: 'approve' as const, note: null, at: 0, counts: true }]
    await at.update(changed(document('r1'), { votes }))
    expect(at.screen()).toContain('• data.export: Ada Moreno approved; needed: 1 more of group ops')
  })
})

describe('time', () => {
  it('counts down in place', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    const lines = at.lines().length
    expect(at.prompt()).toContain('30:00')
    await at.clock.advance(61_000)
    expect(at.prompt()).toContain('28:59')
    expect(at.lines()).toHaveLength(lines)
  })

  it('I6: asks how a request stands when its time is up, says that it expired and gives the terminal back', async () => {
    const at = await startBench()
    const review = document('r1')
    await at.deliver(review)
    at.documents.set('r1', changed(review, { status: 'expired' }))
    await at.clock.advance(30 * 60_000 + 1000)
    expect(at.screen()).toContain('⌛ data.export expired')
    expect(at.input.isRaw).toBe(false)
    expect(at.clock.pending).toBe(0)
  })

  it('says how what was approved ended', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('a')
    const outcome = { status: 'succeeded', summary: '120000 rows' }
    await at.update(changed(document('r1'), { status: 'executing', version: 3 }))
    await at.update(changed(document('r1'), { status: 'succeeded', version: 4, outcome }))
    await at.update(changed(document('r1'), { status: 'succeeded', version: 4, outcome }))
    expect(at.screen().match(/ran and succeeded: 120000 rows/g)).toHaveLength(1)
  })
})
