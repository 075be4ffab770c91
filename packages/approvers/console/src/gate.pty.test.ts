import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pressUntil, programs, terminals, tmuxSuite } from '../test/tmux'

const it = test.extend<{ openTerminal: Parameters<Parameters<typeof terminals>[1]>[0] }>({
  openTerminal: terminals,
})

describe.skipIf(tmuxSuite.skip).concurrent(`a real gate ${tmuxSuite.name}`, { timeout: 120_000 }, () => {
  it('runs the call that was approved, and says how it ended', async ({ openTerminal }) => {
    const at = openTerminal()
    at.start(programs['gate-program.ts'], {})
    await at.see('a approve')
    expect(at.text()).toMatch(/rows +120000/)
    await pressUntil(at, 'a', 'RESULT exported 120000 rows of customers with 0 options')
    expect(at.text()).toContain('✔ data.export Counted. The request is approved.')
    await at.see('exit code 0')
  })

  it('I1: does not run what was rejected, and the reason reaches the caller', async ({ openTerminal }) => {
    const at = openTerminal({ columns: 160 })
    at.start(programs['gate-program.ts'], {})
    await at.see('a approve')
    await pressUntil(at, 'r', 'Reject because')
    at.type('not on a Friday')
    await at.see('not on a Friday')
    at.press('Enter')
    await at.see(/ERROR ERR_APPROVAL_REJECTED: .*not on a Friday/)
    expect(at.text()).not.toContain('RESULT')
    await at.see('exit code 0')
  })

  it('I2: runs the arguments as they were edited', async ({ openTerminal }) => {
    const at = openTerminal()
    const editor = join(at.directory, 'editor.sh')
    writeFileSync(editor, 'sed -i s/120000/5000/ "$1"')
    at.start(programs['gate-program.ts'], { EDITOR: `sh ${editor}` })
    await at.see('a approve')
    await pressUntil(at, 'e', 'approve with these changes')
    await pressUntil(at, 'y', 'RESULT exported 5000 rows')
  })

  it('asks one after the other and decides each by itself', async ({ openTerminal }) => {
    const at = openTerminal({ rows: 100 })
    at.start(programs['gate-program.ts'], { CALLS: '3' })
    await at.see('3 in the queue')
    await pressUntil(at, 'a', 'Approval needed · 1 of 2')
    await pressUntil(at, 'r', 'Reject because')
    at.press('Enter')
    await at.see('The request is rejected.')
    await pressUntil(at, 'a', 'exit code 0')
    expect(at.text().match(/RESULT/g)).toHaveLength(2)
    expect(at.text().match(/ERR_APPROVAL_REJECTED/g)).toHaveLength(1)
  })

  it('I6: says that it expired', async ({ openTerminal }) => {
    const at = openTerminal()
    at.start(programs['gate-program.ts'], {})
    await at.see('a approve')
    at.step()
    await at.see('⌛ data.export expired')
    await at.see('ERROR ERR_APPROVAL_EXPIRED')
    await at.see('exit code 0')
  })

  it('I4, T01: the owner of the agent cannot approve at their own terminal', async ({ openTerminal }) => {
    const at = openTerminal()
    at.start(programs['gate-program.ts'], { OWNER: 'me' })
    await at.see('ERROR ERR_APPROVAL_UNDELIVERABLE')
    expect(at.text()).not.toContain('RESULT')
    await at.see('exit code 0')
  })

  it('T05: a demo needs two people for a quorum of two', async ({ openTerminal }) => {
    const at = openTerminal()
    at.start(programs['gate-program.ts'], { QUORUM: '2' })
    await at.see('you are Ada Moreno')
    await pressUntil(at, 'a', '1 more needed')
    await pressUntil(at, 'u', 'you are Ben Okafor')
    await pressUntil(at, 'a', 'RESULT exported')
  })

  it('T43: a secret in the arguments is never on the screen', async ({ openTerminal }) => {
    const at = openTerminal()
    at.start(programs['gate-program.ts'], { API_KEY: 'sk-ant-very-secret-indeed-0123456789' })
    await at.see('a approve')
    expect(at.text()).toMatch(/options\/apiKey +"\[redacted/)
    await pressUntil(at, 'd', 'asked at')
    await pressUntil(at, 'a', 'with 1 options')
    expect(at.text()).not.toContain('another key')
    expect(at.text().replaceAll('\n', '')).not.toContain('very-secret')
  })

  it('T43: what stands beside a secret is edited without it, in the editor too', async ({ openTerminal }) => {
    const at = openTerminal()
    const editor = join(at.directory, 'editor.sh')
    writeFileSync(editor, `cp "$1" ${join(at.directory, 'seen')}; sed -i s/120000/5000/ "$1"`)
    at.start(programs['gate-program.ts'], {
      API_KEY: 'sk-ant-very-secret-indeed-0123456789',
      EDITOR: `sh ${editor}`,
    })
    await at.see('a approve')
    await pressUntil(at, 'e', 'approve with these changes')
    expect(readFileSync(join(at.directory, 'seen'), 'utf8')).toContain('"apiKey": "[redacted')
    await pressUntil(at, 'y', 'RESULT exported 5000 rows of customers with 1 options')
    expect(at.text()).not.toContain('another key')
    expect(at.text().replaceAll('\n', '')).not.toContain('very-secret')
  })
})
