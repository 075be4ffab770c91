import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  pressUntil,
  type TerminalSession,
  terminals,
  tmuxSuite,
} from '../../packages/approvers/console/test/tmux'
import { bundled } from '../bundled'

const it = test.extend<{ openTerminal: Parameters<Parameters<typeof terminals>[1]>[0] }>({
  openTerminal: terminals,
})
const programs = await bundled(import.meta.dirname, ['agent-program.ts', 'cli-program.ts'])

function startAgent(at: TerminalSession, data: string): void {
  at.start(programs['agent-program.ts'], { DATA: data, EFFECTS: join(data, '..', 'effects') })
}

function startInbox(at: TerminalSession, data: string, ...more: readonly string[]): void {
  const args = ['inbox', '--store', join(data, 'requests.db'), ...more]
  at.start(programs['cli-program.ts'], { ARGS: JSON.stringify(args) })
}

describe.skipIf(tmuxSuite.skip).concurrent(`gatewright inbox ${tmuxSuite.name}`, { timeout: 120_000 }, () => {
  it('I3, I8: an approval that was given while the agent was dead runs once when it comes back', async ({
    openTerminal,
  }) => {
    const agent = openTerminal()
    const inbox = openTerminal({ rows: 60 })
    const data = join(agent.directory, 'data')
    startAgent(agent, data)
    await agent.see('ASKED')
    process.kill(agent.pid(), 'SIGKILL')
    await agent.see('exit code 137')
    startInbox(inbox, data, '--group', 'ops')
    await inbox.see('a approve')
    expect(inbox.text()).toMatch(/rows +20000/)
    await pressUntil(inbox, 'a', '✔ data.export Counted. The request is approved.')
    // Nothing waits any more, and the inbox goes on.
    startAgent(agent, data)
    await agent.see('RESULT 20000')
    await agent.see('exit code 0')
    expect(readFileSync(join(agent.directory, 'effects'), 'utf8')).toBe('customers 20000\n')
    inbox.press('C-c')
    await inbox.see('exit code')
  })

  it('I5: somebody who is in no group that was asked decides nothing', async ({ openTerminal }) => {
    const agent = openTerminal()
    const inbox = openTerminal({ rows: 60 })
    const data = join(agent.directory, 'data')
    startAgent(agent, data)
    await agent.see('ASKED')
    startInbox(inbox, data)
    await inbox.see('a approve')
    await pressUntil(inbox, 'a', 'you cannot vote on it')
    expect(agent.text()).not.toMatch(/RESULT|ERROR/)
    await pressUntil(inbox, 'C-c', 'exit code')
  })
})
