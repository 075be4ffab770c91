import { afterEach, describe, expect, it } from 'vitest'
import { startBench, stopBenches } from '../test/bench'
import { document, leaf } from '../test/documents'

afterEach(stopBenches)

describe('editing on one line', () => {
  it('shows what changed, asks, and votes with all the arguments', async () => {
    const at = await startBench()
    await at.deliver(document('r1'))
    await at.press('e')
    expect(at.prompt()).toContain('{"table":"customers","rows":120000}')
    await at.press('\u007f', '\u007f', '\u007f', '\u007f', '}', '\r')
    expect(at.screen()).toMatch(/rows +− 120000/)
    expect(at.screen()).toMatch(/\+ 120\b/)
    expect(at.votes).toEqual([])
    await at.press('y')
    expect(at.votes).toMatchObject([{ decision: 'approve', edits: { table: 'customers', rows: 120 } }])
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

  it('refuses to edit what is not known in full', async () => {
    const at = await startBench()
    await at.deliver(
      document('r1', { arguments: [leaf('/key', '[redacted: key]', { marks: ['redacted'] })] }),
    )
    await at.press('e')
    expect(at.screen()).toContain('cannot be edited here: /key is redacted')
  })
})
