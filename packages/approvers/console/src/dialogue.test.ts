import { afterEach, describe, expect, it } from 'vitest'
import { changed, startBench, stopBenches } from '../test/bench'
import { document, leaf } from '../test/documents'
import { settle } from '../test/fake-clock'

afterEach(stopBenches)

describe('keys that must not decide', () => {
  it('drops what was typed before the card stood there for a moment', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.type('a')
    await at.clock.advance(299)
    await at.type('a')
    expect(at.votes).toEqual([])
  })

  it('drops what somebody goes on typing, however long, until they pause', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    for (let key = 0; key < 20; key += 1) {
      await at.clock.advance(150)
      await at.type('a')
    }
    expect(at.votes).toEqual([])
    await at.press('a')
    expect(at.votes).toHaveLength(1)
  })

  it('drops keys that were waiting while the process was busy', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    // The timer fires late, and what is in the terminal's buffer is read right after it.
    at.clock.setTimer(300, () => {
      queueMicrotask(() => queueMicrotask(() => at.input.emit('data', Buffer.from('a'))))
    })
    await at.clock.advance(300)
    expect(at.votes).toEqual([])
  })

  it('never takes a paste for a decision, marked or not', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    for (const chunk of [
      'aa',
      'approve',
      '\u001b[200~a\u001b[201~',
      'a\r',
      '\u001b[200~',
      'a',
      '\u001b[201~',
    ]) {
      await at.clock.advance(400)
      await at.type(chunk)
    }
    expect(at.votes).toEqual([])
  })

  it('does not send a reason because a line end was pasted', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('r', 'because\rof\n', '\u001b[200~this\r\u001b[201~')
    expect(at.votes).toEqual([])
    await at.press('\r')
    expect(at.votes).toMatchObject([{ note: 'because of this' }])
  })

  it('T38: does not decide the next request with a key meant for the last one', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.deliver(document('r2'))
    await at.clock.advance(400)
    await at.update(changed(document('r1'), { status: 'cancelled', resolution: { reason: '', by: null } }))
    await at.type('a')
    expect(at.votes).toEqual([])
    await at.press('a')
    expect(at.votes).toMatchObject([{ requestId: 'r2' }])
  })

  it('T38: a typed reason is not sent when the request is decided elsewhere meanwhile', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.deliver(document('r2'))
    await at.press('r', 'n', 'o')
    await at.update(
      changed(document('r1'), { status: 'approved', resolution: { reason: '', by: 'Ben Okafor' } }),
    )
    await at.press('\r')
    expect(at.votes).toEqual([])
    expect(at.screen()).toContain('✔ data.export was approved by Ben Okafor')
    expect(at.screen()).toContain('Approval needed')
  })

  it('I2: a document that changes is shown again, and its digest is what is voted on', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('r', 'n', 'o')
    const other = changed(
      document('r1', { argumentsDigest: 'b'.repeat(64), arguments: [leaf('/table', 'orders')] }),
      {},
    )
    await at.update(other)
    expect(at.screen()).toContain('data.export was changed; this is how it stands now')
    expect(at.screen()).toContain('"orders"')
    await at.type('a')
    expect(at.votes).toEqual([])
    await at.press('a')
    expect(at.votes).toMatchObject([{ digest: other.digest }])
  })

  it('ignores keys while a vote is on its way', async () => {
    const at = await startBench()
    const counts = at.answer
    let go = (): void => {}
    at.answer = async (vote) => {
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return counts(vote)
    }
    await at.deliver(document('r1'))
    await at.press('a', 'a', 'r')
    go()
    await settle()
    expect(at.votes).toHaveLength(1)
  })
})
