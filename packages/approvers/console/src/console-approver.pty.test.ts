import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { document, fullDocument, leaf } from '../test/documents'
import { pressUntil, terminals, tmuxSuite } from '../test/tmux'

const it = test.extend<{ openTerminal: Parameters<Parameters<typeof terminals>[1]>[0] }>({
  openTerminal: terminals,
})

describe.skipIf(tmuxSuite.skip).concurrent(`the console ${tmuxSuite.name}`, { timeout: 120_000 }, () => {
  it('approves with one key, and gives the terminal back', async ({ openTerminal }) => {
    const at = openTerminal()
    at.run({ documents: [fullDocument('r1')], options: { groups: ['ops'] } })
    await at.see('a approve')
    await pressUntil(at, 'a', 'The request is approved.')
    await at.see('exit code 0')
    expect(at.votes()).toMatchObject([
      { requestId: 'r1', decision: 'approve', digest: fullDocument('r1').digest, actor: { groups: ['ops'] } },
    ])
  })

  it('rejects with a reason', async ({ openTerminal }) => {
    const at = openTerminal()
    at.run({ documents: [document('r1')] })
    await at.see('a approve')
    await pressUntil(at, 'r', 'Reject because')
    at.type('not on a Friday')
    await at.see('not on a Friday')
    at.press('Enter')
    await at.see('The request is rejected.')
    expect(at.votes()).toMatchObject([{ decision: 'reject', note: 'not on a Friday' }])
    await at.see('exit code 0')
  })

  it('edits in $EDITOR, shows the changes, and approves them', async ({ openTerminal }) => {
    const at = openTerminal()
    const editor = join(at.directory, 'editor.sh')
    writeFileSync(editor, 'sed -i s/120000/10/ "$1"; stat -c "file mode %a" "$1"')
    at.run({ documents: [document('r1')] }, { EDITOR: `sh ${editor}` })
    await at.see('a approve')
    await pressUntil(at, 'e', 'approve with these changes')
    expect(at.text()).toContain('file mode 600')
    expect(at.text()).toMatch(/rows {2}− 120000\n\s+\+ 10/)
    expect(at.votes()).toEqual([])
    await pressUntil(at, 'y', 'The request is approved.')
    expect(at.votes()).toMatchObject([{ decision: 'approve', edits: [{ path: '/rows', value: 10 }] }])
  })

  it("lets a full-screen editor have the terminal, and Ctrl-C in it is the editor's", async ({
    openTerminal,
  }) => {
    const at = openTerminal()
    const editor = join(at.directory, 'editor.sh')
    writeFileSync(
      editor,
      'trap "echo the editor heard it" INT; echo ready; until read line; do :; done; echo "the editor read $line"; exit 1',
    )
    at.run({ documents: [document('r1')] }, { VISUAL: `sh ${editor}` })
    await at.see('a approve')
    await pressUntil(at, 'e', 'ready')
    at.press('C-c')
    await at.see('the editor heard it')
    at.type('a')
    at.press('Enter')
    // Where the editor took its time to start, the key that starts it was pressed again, into it.
    await at.see(/the editor read e*a$/m)
    await at.see('The editor failed')
    expect(at.votes()).toEqual([])
    await pressUntil(at, 'a', 'The request is approved.')
  })

  it('drops an edit when the request was decided meanwhile', async ({ openTerminal }) => {
    const at = openTerminal()
    const editor = join(at.directory, 'editor.sh')
    writeFileSync(editor, 'echo ready; read line; sed -i s/120000/10/ "$1"')
    at.run(
      {
        documents: [document('r1')],
        steps: [
          {
            type: 'resolve',
            requestId: 'r1',
            progress: { status: 'rejected', resolution: { reason: 'no', by: 'Ben Okafor' } },
          },
        ],
      },
      { EDITOR: `sh ${editor}` },
    )
    await at.see('a approve')
    await pressUntil(at, 'e', 'ready')
    at.step()
    await at.see('everything is decided')
    at.press('Enter')
    await at.see('was rejected by Ben Okafor')
    await at.see('Your edit was not used.')
    await at.see('exit code 0')
    expect(at.votes()).toEqual([])
  })

  it('lists what waits and opens one by its number', async ({ openTerminal }) => {
    const at = openTerminal()
    at.run({ documents: [document('r1', { action: 'first.one' }), document('r2', { action: 'second.one' })] })
    await at.see('2 in the queue')
    await pressUntil(at, 'l', '▸  1  first.one')
    at.press('2')
    await at.see('Approval needed · 2 of 2')
    await pressUntil(at, 'a', 'second.one Counted')
    expect(at.votes()).toMatchObject([{ requestId: 'r2' }])
  })

  it('clears the prompt when the request is decided elsewhere, with one clear line', async ({
    openTerminal,
  }) => {
    const at = openTerminal()
    at.run({
      documents: [document('r1')],
      steps: [
        {
          type: 'resolve',
          requestId: 'r1',
          progress: { status: 'approved', resolution: { reason: '', by: 'Ben Okafor' } },
        },
      ],
    })
    await at.see('a approve')
    await pressUntil(at, 'r', 'Reject because')
    at.type('no')
    at.step()
    await at.see('✔ data.export was approved by Ben Okafor')
    await at.see('exit code 0')
    expect(at.text()).not.toContain('Reject because')
    expect(at.votes()).toEqual([])
  })

  it('clears the prompt when time is up', async ({ openTerminal }) => {
    const at = openTerminal()
    at.run({ documents: [document('r1')], steps: [{ type: 'later', ms: 31 * 60_000 }] })
    await at.see('a approve')
    at.step()
    await at.see('⌛ data.export expired')
    await at.see('exit code 0')
    expect(at.text()).not.toContain('a approve')
  })

  it('Ctrl-C decides nothing, stops the program as usual, and the terminal is sane', async ({
    openTerminal,
  }) => {
    const at = openTerminal()
    at.type(`stty -a > ${at.directory}/before`)
    at.press('Enter')
    at.run({ documents: [document('r1'), document('r2')] })
    await at.see('2 in the queue')
    at.press('C-c')
    await at.see('Nothing was decided; 2 requests still wait.')
    // A shell drops the rest of its line when Ctrl-C ended the program.
    await at.see(/^\$$/m)
    at.type('echo "ended with $?"')
    at.press('Enter')
    await at.see('ended with 130')
    expect(at.votes()).toEqual([])
    at.type(`cd ${at.directory} && stty -a > after; cmp before after && echo "nothing changed"`)
    at.press('Enter')
    await at.see(/^nothing changed$/m)
  })

  it('SIGTERM from outside gives the terminal back first', async ({ openTerminal }) => {
    const at = openTerminal()
    at.type(`stty -a > ${at.directory}/before`)
    at.press('Enter')
    at.run({ documents: [document('r1')] })
    await at.see('a approve')
    process.kill(at.pid(), 'SIGTERM')
    await at.see('Nothing was decided; 1 request still waits.')
    await at.see('exit code 143')
    at.type(`cd ${at.directory} && stty -a > after; cmp before after && echo "nothing changed"`)
    at.press('Enter')
    await at.see(/^nothing changed$/m)
  })

  it('what was typed ahead or pasted does not approve', async ({ openTerminal }) => {
    const at = openTerminal()
    at.run({ documents: [document('r1')], askLater: true })
    await at.see('the program has started')
    at.type('aaa')
    at.press('a', 'Enter', 'a')
    at.step()
    await at.see('a approve')
    at.paste('a', true)
    at.paste('approve', false)
    await pressUntil(at, 'r', 'Reject because')
    expect(at.votes()).toEqual([])
  })

  it('what was typed while the program was busy does not approve', async ({ openTerminal }) => {
    const at = openTerminal()
    const typed = join(at.directory, 'typed')
    at.run({ documents: [document('r1')], askLater: true, busyAfterAsking: { ms: 1_000, until: typed } })
    await at.see('the program has started')
    at.step()
    await at.see('a approve')
    at.press('a')
    // tmux does one thing after the other: once it has told what is on the screen, the key is with the program.
    at.text()
    writeFileSync(typed, '')
    // A second key at once would come with the first, and both count as pasted.
    await at.see('the program is free again')
    await pressUntil(at, 'r', 'Reject because')
    expect(at.votes()).toEqual([])
  })

  it('writes no colour with NO_COLOR, and colours without', async ({ openTerminal }) => {
    const plain = openTerminal()
    plain.run({ documents: [fullDocument('r1')] }, { NO_COLOR: '1' })
    await plain.see('a approve')
    expect(plain.colored()).not.toContain('\u001b[')
    const coloured = openTerminal()
    coloured.run({ documents: [fullDocument('r1')] })
    await coloured.see('a approve')
    expect(coloured.colored()).toContain('\u001b[31m')
  })

  it.for([40, 80, 120])('fits %i columns: nothing runs over the edge', async (columns, { openTerminal }) => {
    const at = openTerminal({ columns, rows: 100 })
    at.run({ documents: [fullDocument('r1')] })
    await at.see('⏳')
    const lines = at.text().split('\n')
    const card = lines.slice(lines.findIndex((line) => line.startsWith('╭')))
    expect(card.slice(1, -2).every((line) => line.startsWith('│'))).toBe(true)
    expect(card.at(-2)).toMatch(/^╰─ data\.export/)
    await pressUntil(at, 'd', 'asked at')
  })

  it("follows a change of the terminal's width", async ({ openTerminal }) => {
    const at = openTerminal({ columns: 120 })
    at.run({ documents: [document('r1')] })
    await at.see('d details')
    at.resize(44, 50)
    await at.until(
      'a shorter prompt',
      () => at.lastLine().includes('a approve') && !at.lastLine().includes('details'),
    )
  })

  it('keeps what the program prints apart from the prompt', async ({ openTerminal }) => {
    const at = openTerminal()
    at.run({
      documents: [document('r1')],
      steps: [
        { type: 'print', text: 'one\ntwo\n' },
        { type: 'print', text: 'half' },
        { type: 'print', text: ' a line\n' },
      ],
    })
    await at.see('a approve')
    at.step()
    await at.see(/^one\ntwo\n⏳.*a approve/m)
    at.step()
    await at.see(/^half/m)
    at.step()
    await at.see(/^⏳.*a approve/m)
    expect(at.text().match(/a approve/g)).toHaveLength(1)
  })

  it('T15: hostile text leaves the screen and the title alone', async ({ openTerminal }) => {
    const at = openTerminal()
    const hostile = '\u001b[2J\u001b[H\u001b]0;owned\u0007\u009b2J\r✔ approved'
    at.run({ documents: [document('r1', { title: hostile, arguments: [leaf('/a', hostile)] })] })
    await at.see('a approve')
    expect(at.text()).toContain('the program has started')
    expect(at.text()).toContain('⟦U+001B⟧[2J')
    expect(at.title()).not.toContain('owned')
  })

  it('refuses to start where there is no terminal', async ({ openTerminal }) => {
    const at = openTerminal()
    at.run({ documents: [] }, {}, '</dev/null')
    await at.see('ERR_OPTION_INVALID: consoleApprover.input: is not a terminal')
    await at.see('exit code 3')
    at.run({ documents: [] }, {}, '| cat')
    await at.see(/consoleApprover\.output: is not a terminal|the program has started/)
  })

  it('Ctrl-Z stops the program with a sane terminal, and fg shows the card again', async ({
    openTerminal,
  }) => {
    const at = openTerminal()
    at.type('set -m')
    at.press('Enter')
    at.run({ documents: [document('r1')] })
    await at.see('a approve')
    at.press('C-z')
    await at.see('Stopped')
    at.type('echo "the shell echoes"')
    at.press('Enter')
    await at.see(/^the shell echoes$/m)
    at.type('fg')
    at.press('Enter')
    await at.until('a second card', () => (at.text().match(/Approval needed/g) ?? []).length === 2)
    await pressUntil(at, 'a', 'The request is approved.')
  })
})
