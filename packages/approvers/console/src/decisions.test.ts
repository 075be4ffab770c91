import { afterEach, describe, expect, it } from 'vitest'
import { startBench, stopBenches } from '../test/bench'
import { document, leaf } from '../test/documents'

afterEach(stopBenches)

describe('editing on one line', () => {
  it('shows what changed, asks, and votes with the change alone', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('e')
    expect(at.prompt()).toContain('{"table":"customers","rows":120000}')
    await at.press('\u007f', '\u007f', '\u007f', '\u007f', '}', '\r')
    expect(at.screen()).toMatch(/rows +− 120000/)
    expect(at.screen()).toMatch(/\+ 120\b/)
    expect(at.votes).toEqual([])
    await at.press('y')
    expect(at.votes).toMatchObject([{ decision: 'approve', edits: [{ path: '/rows', value: 120 }] }])
  })

  it('offers to correct what is not JSON, and gives up with Esc', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('e', '\u007f', '\r')
    expect(at.screen()).toContain('This is not JSON')
    await at.press('y')
    expect(at.votes).toEqual([])
    await at.press('e')
    expect(at.prompt()).toContain('{"table":"customers","rows":120000')
    await at.press('\u001b')
    expect(at.prompt()).toContain('a approve')
    expect(at.votes).toEqual([])
  })

  it('votes nothing when nothing was changed', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('e', '\r')
    expect(at.screen()).toContain('Nothing was changed.')
    expect(at.votes).toEqual([])
  })

  it('lets what stands beside a redacted argument be changed, and the redacted one only be removed', async () => {
    const at = await startBench()
    const secret = leaf('/key', '[redacted: key]', { marks: ['redacted'] })
    await at.deliver(document('r1', { arguments: [secret, leaf('/rows', '12', { type: 'number' })] }))
    await at.press('e')
    expect(at.screen()).toContain('/key is redacted: leave it as it stands, or remove it.')
    expect(at.prompt()).toContain('{"key":"[redacted: key]","rows":12}')
    await at.press('\u0015', ...'{"key":"mine","rows":1}', '\r')
    expect(at.screen()).toContain('/key is redacted, so it can only be removed here.')
    expect(at.votes).toEqual([])
    await at.press('e', '\u0015', ...'{"key":"[redacted: key]","rows":1}', '\r')
    await at.press('y')
    expect(at.votes).toMatchObject([{ decision: 'approve', edits: [{ path: '/rows', value: 1 }] }])
  })

  it('shows hidden characters as they were shown, and sends them as they are', async () => {
    const at = await startBench()
    await at.deliver(
      document('r1', { arguments: [leaf('/a', 'x⟦U+202E⟧', { marks: ['escaped'] }), leaf('/b', 'y')] }),
    )
    await at.press('e')
    expect(at.prompt()).toContain('{"a":"x⟦U+202E⟧","b":"y"}')
    await at.press('\u0015', ...'{"a":"z⟦U+202E⟧","b":"y"}', '\r')
    await at.press('y')
    expect(at.votes).toMatchObject([{ edits: [{ path: '/a', value: 'z\u202e' }] }])
  })

  it('refuses to edit a document that is not complete', async () => {
    const at = await startBench()
    await at.deliver(document('r1', { missing: ['2 more'] }, {}, { complete: false }))
    await at.press('e')
    expect(at.screen()).toContain('Not everything was shown, so it cannot be edited here.')
  })
})

describe('a note that is needed', () => {
  const noteFor = { approve: true, reject: true }

  it('is asked for before an approval is sent', async () => {
    const at = await startBench()
    await at.deliver(document('r1', { noteFor }))
    await at.press('a')
    expect(at.prompt()).toContain('Approve because (needed')
    await at.press('\r')
    expect(at.screen()).toContain('Not approved: this request needs a reason.')
    expect(at.votes).toEqual([])
    await at.press('a', ...'checked', '\r')
    expect(at.votes).toMatchObject([{ decision: 'approve', note: 'checked' }])
  })

  it('is asked for until a rejection has one', async () => {
    const at = await startBench()
    await at.deliver(document('r1', { noteFor }))
    await at.press('r', '\r')
    expect(at.prompt()).toContain('Reject because (needed')
    await at.press(...'no', '\r')
    expect(at.votes).toMatchObject([{ decision: 'reject', note: 'no' }])
  })
})
