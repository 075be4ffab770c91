import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { group } from '@gatewright/core'
import { sqliteStore } from '@gatewright/store-sqlite'
import { fakeClock } from '@gatewright/testing'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from './browser'
import { ben } from './house'
import { closeAll, openHouse, signedIn } from './pages'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})
afterEach(() => closeAll(browser))
afterAll(() => browser.close())

const two = { requirement: { reviewers: group('ops'), atLeast: 2 } }

test.each([true, false])(
  'approve, reject with a reason, approve with changes; with scripts: %s',
  async (javaScriptEnabled) => {
    const h = await openHouse()
    const approved = await h.ask('data.export', { table: 'customers', rows: 5 })
    const rejected = await h.ask('data.drop', { table: 'customers' })
    const edited = await h.ask('data.copy', { rows: 20_000 })
    const { page, troubles } = await signedIn(browser, h, 'ada', { javaScriptEnabled })

    await page.getByRole('link', { name: 'data.export' }).click()
    await page.getByLabel('Note or reason').fill('looks right')
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await page.getByText('Counted. The request is approved.').waitFor()
    await expect.poll(() => h.runs).toEqual([{ table: 'customers', rows: 5 }])
    const stored = await h.gate.requests.get(approved)
    expect(stored?.votes[0]).toMatchObject({ note: 'looks right', channel: 'inbox' })

    await page.goto(`${h.url}/requests/${rejected}`)
    await page.getByLabel('Note or reason').fill('we need it')
    await page.getByRole('button', { name: 'Reject' }).click()
    await page.getByText('It was rejected. Nothing was executed.').waitFor()
    expect(await page.getByText('we need it').count()).toBeGreaterThan(0)
    expect(h.runs).toHaveLength(1)

    await page.goto(`${h.url}/requests/${edited}`)
    await page.getByRole('link', { name: 'Approve with changes' }).click()
    await page.getByLabel('Arguments as JSON').fill('{ "rows": 500 }')
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await page.getByRole('cell', { name: '20000' }).waitFor()
    await page.getByRole('button', { name: 'Approve with these changes' }).click()
    await page.getByText('Counted. The request is approved.').waitFor()
    await expect.poll(() => h.runs[1]).toEqual({ rows: 500 })
    expect(troubles).toEqual([])
  },
)

test('two people make a quorum, each in their own browser, and see each other vote', async () => {
  const h = await openHouse(two)
  const id = await h.ask('data.export', { rows: 5 })
  const [hers, his] = await Promise.all(['ada', 'ben'].map((name) => signedIn(browser, h, name)))
  if (hers === undefined || his === undefined) throw new Error('nobody came')
  await Promise.all([hers, his].map(({ page }) => page.goto(`${h.url}/requests/${id}`)))
  await his.page.getByLabel('Note or reason').fill('half-written')
  await hers.page.getByRole('button', { name: 'Approve', exact: true }).click()
  await hers.page.getByText('1 more needed').waitFor()
  await his.page.getByText('Ada Moreno approved').waitFor()
  // What he writes is not touched by what happens meanwhile.
  expect(await his.page.getByLabel('Note or reason').inputValue()).toBe('half-written')
  expect(h.runs).toEqual([])
  await his.page.getByRole('button', { name: 'Approve', exact: true }).click()
  await hers.page.getByText('It was approved, ran and succeeded.').waitFor()
  expect(h.runs).toHaveLength(1)
})

test('T42: a vote of another process is seen on an open page, as the store holds it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-inbox-'))
  const file = join(directory, 'requests.db')
  const store = sqliteStore({ file })
  try {
    const h = await openHouse({ ...two, store })
    const id = await h.ask('data.export', { rows: 5 })
    const { page } = await signedIn(browser, h, 'ada')
    await page.goto(`${h.url}/requests/${id}`)
    await page.getByText('Nobody voted yet').waitFor()
    const program = join(import.meta.dirname, 'voting-process.ts')
    const root = join(import.meta.dirname, '../../..')
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, file, id], {
      cwd: root,
    })
    expect(stdout).toBe('counted')
    await page.getByText('Ben Okafor approved').waitFor()
    await closeAll(browser)
  } finally {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  }
})

test('I6: time is counted down, and an expired request is shown as such by itself', async () => {
  const clock = fakeClock({ now: Date.now() })
  const requirement = { reviewers: group('ops'), within: '1h' } as const
  const h = await openHouse({ clock, requirement }, { now: clock.now })
  const id = await h.ask('data.export', { rows: 5 })
  const { page } = await signedIn(browser, h, 'ada')
  await page.clock.install()
  await page.goto(`${h.url}/requests/${id}`)
  const seen = (text: string | RegExp) => page.getByText(text).first().waitFor()
  await seen(/^5\dm \d+s left$/)
  await page.clock.fastForward('30:00')
  await seen(/^2\dm \d+s left$/)
  await page.clock.fastForward('30:00')
  await seen('Time is up')
  // The server has the last word, and its clock is another.
  expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(1)
  await clock.advance('1h')
  await seen('Nobody decided in time. Nothing was executed.')
  expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0)
})

test('what comes appears in the list by itself, without moving the focus', async () => {
  const h = await openHouse()
  await h.ask('data.first', {})
  const { page } = await signedIn(browser, h, 'ada')
  await page.keyboard.press('j')
  await h.ask('data.second', {})
  await page.getByRole('link', { name: 'data.second' }).waitFor()
  expect(await page.evaluate('document.activeElement.textContent')).toBe('data.first')
})

test('T38: who looks at a document that changes is told, and cannot approve it by the open form', async () => {
  const h = await openHouse(two)
  const id = await h.ask('data.export', { rows: 20_000 })
  const { page } = await signedIn(browser, h, 'ada')
  await page.goto(`${h.url}/requests/${id}`)
  const digest = (await h.gate.requests.review(id))?.digest ?? ''
  await h.gate.vote({
    requestId: id,
    decision: 'approve',
    digest,
    actor: ben,
    edits: [{ path: '/rows', value: 500 }],
  })
  await page.getByText('This request was changed while you looked at it.').waitFor()
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await page.getByText('The request is not what you were shown').waitFor()
  expect((await h.gate.requests.get(id))?.votes).toHaveLength(1)
})

test('what moved before the page began to listen is shown all the same', async () => {
  const h = await openHouse(two)
  const id = await h.ask('data.export', { rows: 5 })
  const { page } = await signedIn(browser, h, 'ada')
  // The stream opens only after somebody voted.
  await page.route('**/events', async (route) => {
    const digest = (await h.gate.requests.review(id))?.digest ?? ''
    await h.gate.vote({ requestId: id, decision: 'approve', digest, actor: ben })
    await route.continue()
  })
  await page.goto(`${h.url}/requests/${id}`)
  await page.getByText('Ben Okafor approved').waitFor()
})

test('the arguments are copied as JSON', async () => {
  const h = await openHouse()
  const id = await h.ask('data.export', { table: 'customers', rows: 5 })
  const { page } = await signedIn(browser, h, 'ada', { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.goto(`${h.url}/requests/${id}`)
  await page.getByText('Raw JSON').click()
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  const copied = (await page.evaluate('navigator.clipboard.readText()')) as string
  expect(JSON.parse(copied)).toEqual({ table: 'customers', rows: 5 })
})

describe('by keyboard alone', () => {
  test('a request is found, read, and approved only by a press on the focused button', async () => {
    const h = await openHouse()
    await h.ask('data.first', {})
    const id = await h.ask('data.second', {})
    const { page } = await signedIn(browser, h, 'ada')
    const focused = () => page.evaluate('document.activeElement.textContent.trim()')
    for (const [key, name] of [
      ['j', 'data.first'],
      ['j', 'data.second'],
      ['k', 'data.first'],
      ['j', 'data.second'],
    ] as const) {
      await page.keyboard.press(key)
      expect(await focused()).toBe(name)
    }
    await page.keyboard.press('Enter')
    await page.waitForURL(`${h.url}/requests/${id}`)
    await page.keyboard.press('a')
    expect(await focused()).toBe('Approve')
    await page.keyboard.press('a')
    // Nothing was decided by any letter.
    expect((await h.gate.requests.get(id))?.status).toBe('pending')
    await page.keyboard.press('Enter')
    await page.getByText('Counted.').waitFor()
    // By the page's script, which runs after its text stands there.
    await page.waitForFunction("document.activeElement.id === 'answer'")
  })

  test('r begins a reason, in which letters are letters, and Enter sends nothing', async () => {
    const h = await openHouse()
    const id = await h.ask('data.first', {})
    const { page } = await signedIn(browser, h, 'ada')
    await page.goto(`${h.url}/requests/${id}`)
    await page.keyboard.press('r')
    await page.keyboard.type('a reason\n')
    expect(await page.getByLabel('Note or reason').inputValue()).toBe('a reason\n')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Reject')
    await page.keyboard.press('Enter')
    await page.getByText('It was rejected.').waitFor()
  })

  test('keys are listed, and can be turned off for good', async () => {
    const h = await openHouse()
    await h.ask('data.first', {})
    const { page } = await signedIn(browser, h, 'ada')
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByText('next and previous request').waitFor()
    await page.getByLabel('Use these keys').uncheck()
    await page.keyboard.press('Escape')
    await page.reload()
    await page.keyboard.press('j')
    expect(await page.evaluate('document.activeElement.tagName')).toBe('BODY')
  })
})
