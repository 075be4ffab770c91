import { afterEach, describe, expect, it } from 'vitest'
import { type App, startApp } from '../test/app'
import { buttonOf } from '../test/fake-slack'
import { displayed } from '../test/fake-slack/displayed'
import type { OpenView } from '../test/fake-slack/state'

let app: App
afterEach(() => app.end())

const APPROVE = 'gatewright_approve'
const DETAILS = 'gatewright_details'
const wordsOf = Array.from({ length: 4_000 }, (_, index) => `w${index}w`)
const long = { statement: wordsOf.join(' '), last: 'lastvalue' }

async function turn(user: string, view: OpenView, to: 'next' | 'back'): Promise<void> {
  const button = buttonOf(view.view.blocks, `gatewright_page_${to}`)
  if (button === undefined) throw new Error(`there is no ${to}`)
  const before = view.view
  await app.slack.pressInView(user, view, button)
  await app.slack.until('the page is turned', () => view.view !== before)
}

/** Anybody's text on a page, without what layout adds. */
function preformatted({ view: { blocks } }: OpenView): string {
  const parts = blocks.flatMap((block) => (block.type === 'rich_text' ? block.elements : []))
  const texts = parts
    .filter(({ type }) => type === 'rich_text_preformatted')
    .flatMap(({ elements }) => elements)
  return texts
    .map((element) => (element.type === 'text' ? element.text : ''))
    .join('')
    .replace(/[\s│]/g, '')
}

const read = (view: OpenView): string => displayed(view.view.blocks).replace(/[\s│]/g, '')

describe('T13: a document that is too long for a message', () => {
  it('is not approved in place; the details show all of it, and approve on the last page alone', async () => {
    app = await startApp()
    const message = await app.ask('r1', { args: long })
    expect(buttonOf(message.blocks, APPROVE)).toBeUndefined()
    expect(displayed(message.blocks)).toMatch(
      /cannot be approved from here[\s\S]*https:\/\/gate\.test\/requests\/r1/,
    )
    const view = await app.open('U0ADA', 'r1', DETAILS)
    let seen = preformatted(view)
    let pages = 1
    while (buttonOf(view.view.blocks, 'gatewright_page_next') !== undefined) {
      expect(view.view.submit).toBeUndefined()
      await turn('U0ADA', view, 'next')
      seen += preformatted(view)
      pages += 1
    }
    expect(pages).toBeGreaterThan(2)
    expect(seen).toContain(wordsOf.join(''))
    expect(seen).toContain('lastvalue')
    await app.answered('U0ADA', () => app.slack.submit('U0ADA', view, 'read it all'))
    expect(app.host.counted).toMatchObject([{ digest: app.host.review('r1').digest, note: 'read it all' }])
  })

  it('that changes while somebody reads begins anew, and what was read before is not approved', async () => {
    app = await startApp()
    await app.ask('r1', { args: long })
    const reader = await app.open('U0ADA', 'r1', DETAILS)
    while (buttonOf(reader.view.blocks, 'gatewright_page_next') !== undefined)
      await turn('U0ADA', reader, 'next')
    const turner = await app.open('U0BEN', 'r1', DETAILS)
    app.host.move('r1', { args: { ...long, last: 'othervalue' }, editedBy: 'Ben' })
    expect(await app.answered('U0ADA', () => app.slack.submit('U0ADA', reader, ''))).toMatch(/Look again/)
    await turn('U0BEN', turner, 'next')
    expect(read(turner)).toContain('changedmeanwhile')
    expect(turner.view.title.text).toMatch(/Details 1 of/)
    expect(app.host.counted).toEqual([])
  })
})

describe('T20: a button value', () => {
  it('does nothing in another channel, another message or another workspace', async () => {
    app = await startApp()
    await app.ask('r1')
    const other = await app.ask('r2')
    app.host.move('r1', { editedBy: null })
    const review = app.host.review('r1', app.approver.limits)
    const message = app.messageOf('r1')
    await app.approver.update?.(review, { id: 'd', reference: JSON.stringify([['C0OPS', message?.ts]]) })
    const button = buttonOf(app.messageOf('r1')?.blocks ?? [], APPROVE)
    if (message === undefined || button === undefined) throw new Error('no button')
    const moved = [other, { ...message, channel: 'C0SEC' }]
    for (const place of moved)
      expect(await app.answered('U0ADA', () => app.slack.press('U0ADA', place, button))).toMatch(
        /not good here/,
      )
    expect(app.host.votes).toEqual([])
    await app.answered('U0ADA', () => app.slack.press('U0ADA', message, button))
    expect(app.host.counted).toMatchObject([{ requestId: 'r1' }])
  })

  it('that is forged, of another request, or past its end does nothing', async () => {
    app = await startApp()
    const message = await app.ask('r1')
    const button = buttonOf(message.blocks, APPROVE)
    if (button === undefined) throw new Error('no button')
    const { value = '' } = button
    for (const forged of ['x', `${value}x`, value.replace(/^./, 'A')])
      expect(
        await app.answered('U0ADA', () => app.slack.press('U0ADA', message, { ...button, value: forged })),
      ).toMatch(/not good here/)
    await app.clock.advance('2h')
    expect(await app.answered('U0ADA', () => app.slack.press('U0ADA', message, button))).toMatch(/no longer/)
    expect(app.host.votes).toEqual([])
  })

  it('of a modal is good for the person it was opened for', async () => {
    app = await startApp()
    await app.ask('r1')
    const view = await app.open('U0ADA', 'r1', 'gatewright_reject')
    const answer = await app.slack.submit('U0BEN', view, 'as somebody else')
    expect(answer).toMatchObject({ response_action: 'update' })
    expect(app.host.votes).toEqual([])
  })
})

describe('T38: of several requests', () => {
  it('the button that was pressed decides its own, whatever came later and wherever the message is quoted', async () => {
    app = await startApp()
    const first = await app.ask('r1', { args: { row: 1 } })
    const second = await app.ask('r2', { args: { row: 2 } })
    const button = buttonOf(first.blocks, APPROVE)
    if (button === undefined) throw new Error('no button')
    await app.answered('U0ADA', () =>
      app.slack.press('U0ADA', first, button, { message: { ts: second.ts, blocks: second.blocks } }),
    )
    expect(app.host.counted.map(({ requestId }) => requestId)).toEqual(['r1'])
  })
})

describe('what somebody is told', () => {
  it('T22: a vote that needs a fresh sign-in gets the link to it, and the person alone sees it', async () => {
    app = await startApp()
    await app.ask('r1')
    const link = 'https://gate.test/sign-in/r1'
    app.host.answerNext({ status: 'refused', reason: 'assurance', message: 'Sign in to confirm.', link })
    expect(await app.press('U0ADA', 'r1', APPROVE)).toContain(link)
    expect(app.host.votes.at(-1)?.actor.assurance).toEqual({ method: 'chat' })
    expect(
      app.slack
        .messages('C0OPS')
        .map(({ blocks }) => displayed(blocks))
        .join(),
    ).not.toContain('sign-in')
  })

  it('somebody who is nobody the gate knows is invited to link the account', async () => {
    app = await startApp()
    await app.ask('r1')
    app.host.answerNext({ status: 'refused', reason: 'not-found', message: 'There is no such request.' })
    expect(await app.press('U0ADA', 'r1', APPROVE)).toContain('https://gate.test/link/')
    Object.assign(app.host, { identify: async () => ({ issuer: 'https://idp.test', subject: '00u1' }) })
    app.host.answerNext({ status: 'refused', reason: 'not-found', message: 'There is no such request.' })
    expect(await app.press('U0ADA', 'r1', APPROVE)).not.toContain('/link/')
  })

  it('T42: nothing is said to be stored that was not; then it can be cast again', async () => {
    app = await startApp()
    await app.ask('r1')
    app.host.answerNext(new Error('disk'))
    expect(await app.press('U0ADA', 'r1', APPROVE)).toMatch(/nothing was decided/)
    expect(displayed(app.messageOf('r1')?.blocks ?? [])).toMatch(/Waits for a decision/)
    expect(await app.press('U0ADA', 'r1', APPROVE)).toMatch(/Your vote was counted/)
  })

  it('reaches them by a direct message when the channel does not show it', async () => {
    app = await startApp()
    await app.ask('r1')
    app.slack.state.channels.get('C0OPS')?.members.delete('U0ADA')
    await app.press('U0ADA', 'r1', APPROVE)
    expect(displayed(app.slack.messages('D0ADA')[0]?.blocks ?? [])).toMatch(/Your vote was counted/)
  })
})

describe('a reason', () => {
  it('that is needed is asked for, and not taken when it is blank', async () => {
    app = await startApp()
    await app.ask('r1', { noteFor: { approve: true, reject: true } })
    const view = await app.open('U0ADA', 'r1', APPROVE)
    expect(await app.slack.submit('U0ADA', view, '  \n')).toMatchObject({ response_action: 'errors' })
    expect(app.host.votes).toEqual([])
    await app.answered('U0ADA', () => app.slack.submit('U0ADA', view, 'ticket 7'))
    expect(app.host.counted).toMatchObject([{ decision: 'approve', note: 'ticket 7' }])
  })

  it('may be left out where it is not needed', async () => {
    app = await startApp()
    await app.ask('r1')
    const view = await app.open('U0ADA', 'r1', 'gatewright_reject')
    await app.answered('U0ADA', () => app.slack.submit('U0ADA', view, ''))
    expect(app.host.counted).toMatchObject([{ decision: 'reject' }])
    expect(app.host.counted[0]).not.toHaveProperty('note')
  })
})

describe('a dialogue', () => {
  it('opens before anything slow: the store may hang', async () => {
    app = await startApp()
    const message = await app.ask('r1')
    const button = buttonOf(message.blocks, DETAILS)
    if (button === undefined) throw new Error('no button')
    Object.assign(app.host, { get: () => new Promise(() => {}) })
    await app.slack.press('U0ADA', message, button)
    await app.slack.until('it opens', () => app.slack.state.views.size === 1)
    expect(app.slack.state.calls.at(-1)).toMatch(/views\.open|users\.info/)
  })

  it('that came too late is said to the person, who may press again', async () => {
    app = await startApp()
    await app.ask('r1')
    app.slack.api.trouble('views.open', { error: 'expired_trigger_id' }, { error: 'expired_trigger_id' })
    for (const action of ['gatewright_reject', DETAILS])
      expect(await app.press('U0ADA', 'r1', action)).toMatch(/did not open the dialogue in time/)
    await app.open('U0ADA', 'r1', DETAILS)
    expect(app.host.votes).toEqual([])
  })

  it('T21: shows the whole document to members alone', async () => {
    app = await startApp()
    await app.ask('r1', { args: { table: 'secretplans' } })
    const view = await app.open('U0ALIEN', 'r1', DETAILS)
    expect(read(view)).not.toContain('secretplans')
    expect(read(view)).toContain('cannotdecide')
  })

  it('says so when the request cannot be read, or is no more', async () => {
    app = await startApp()
    await app.ask('r1')
    const { get } = app.host
    Object.assign(app.host, { get: () => Promise.reject(new Error('disk')) })
    expect(read(await app.open('U0ADA', 'r1', DETAILS))).toContain('couldnotberead')
    Object.assign(app.host, { get: async () => null })
    expect(read(await app.open('U0ADA', 'r1', DETAILS))).toContain('nosuchrequest')
    Object.assign(app.host, { get })
    app.host.move('r1', { status: 'expired' })
    const ended = await app.open('U0ADA', 'r1', DETAILS)
    expect(ended.view.submit).toBeUndefined()
  })
})
