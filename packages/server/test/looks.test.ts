import { group } from '@gatewright/core'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openBrowser } from './browser'
import { closeAll, openHouse, signedIn } from './pages'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})
afterEach(() => closeAll(browser))
afterAll(() => browser.close())

/** Pages with something of everything on them, by name. */
async function pages() {
  const h = await openHouse({ requirement: { reviewers: group('ops'), atLeast: 2, noteFor: 'reject' } })
  const long = 'a'.repeat(400)
  const args = {
    table: long,
    rows: 5,
    password: 'x',
    hidden: 'a\u202Eb',
    mixed: 'аdmin',
    deep: { er: { list: [1, [2, { x: long }]] } },
  }
  const id = await h.ask('data.export', args, { intent: 'I need this' })
  const path = new URL(h.chat().invite({ issuer: 'slack:T1', subject: 'U1' }, 'ada in chat') ?? '').pathname
  return {
    h,
    paths: [
      '/sign-in',
      '/requests',
      `/requests/${id}`,
      `/requests/${id}/edit`,
      '/history',
      path,
      '/nothing-here',
    ],
  }
}

/** What axe-core finds wrong, in short. */
async function problems(page: Page): Promise<string[]> {
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
  }
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120)} ${nodes[0]?.failureSummary}`,
  )
}

test('axe-core finds nothing wrong on any page, in light and in dark', async () => {
  const { h, paths } = await pages()
  const { page } = await signedIn(browser, h, 'ada', { bypassCSP: true })
  const look = async (what: string) => {
    await page.addScriptTag({ content: axe.source })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect([what, colorScheme, await problems(page)]).toEqual([what, colorScheme, []])
    }
  }
  for (const path of paths) {
    await page.goto(h.url + path)
    await look(path)
  }
  await page.goto(`${h.url}/requests`)
  await page.keyboard.press('?')
  await look('the list of keys')
})

test('at 360 pixels nothing scrolls sideways, and buttons are large enough to press', async () => {
  const { h, paths } = await pages()
  const { page } = await signedIn(browser, h, 'ada', {
    viewport: { width: 360, height: 740 },
    bypassCSP: true,
  })
  for (const path of paths) {
    await page.goto(h.url + path)
    expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360])
    const small = await page.evaluate(
      `[...document.querySelectorAll('button, .button')].filter((one) => one.offsetHeight > 0 && one.offsetHeight < 24).map((one) => one.textContent)`,
    )
    expect(small).toEqual([])
  }
})

test('a status is as wide as its word, in the list too', async () => {
  const h = await openHouse()
  const id = await h.ask('data.export', { rows: 5 })
  const { page } = await signedIn(browser, h, 'ada')
  await page.goto(`${h.url}/requests/${id}`)
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await page.getByText('It was approved, ran and succeeded.').waitFor()
  const width = async () =>
    (await page.locator('.badge', { hasText: 'Succeeded' }).first().boundingBox())?.width ?? 0
  const alone = await width()
  await page.goto(`${h.url}/history`)
  expect(Math.abs((await width()) - alone)).toBeLessThan(8)
})
