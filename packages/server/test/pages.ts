import type { Awaitable } from '@gatewright/core'
import { nodeListener, type ReviewServerOptions } from '@gatewright/server'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { closeHouses, type House, house } from './house'
import { openListener } from './listener'

/** A house that browsers reach. */
export interface OpenHouse extends House {
  readonly url: string
}

const toClose = new Set<{ close(): unknown }>()

/** Opens a house on a port of this computer. @param serverOptions - by its address, where they depend on that */
export async function openHouse(
  gateOptions: Parameters<typeof house>[0] = {},
  serverOptions:
    | Partial<ReviewServerOptions>
    | ((url: string) => Awaitable<Partial<ReviewServerOptions>>) = {},
): Promise<OpenHouse> {
  const listener = await openListener('localhost')
  toClose.add(listener)
  const url = `http://localhost:${listener.port}`
  const more = typeof serverOptions === 'function' ? await serverOptions(url) : serverOptions
  const opened = house(gateOptions, { url, ...more })
  toClose.add(opened.server)
  listener.answer(nodeListener(opened.server))
  return { ...opened, url }
}

/** Closes whatever a test opened, pages included. */
export async function closeAll(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((context) => context.close()))
  const open = [...toClose]
  toClose.clear()
  await Promise.all(open.map((one) => one.close()))
  await closeHouses()
}

/** Somebody's own browser window, signed in. What goes wrong in a page fails the test that looks at `troubles`. */
export async function signedIn(
  browser: Browser,
  { url }: OpenHouse,
  subject: string,
  options: BrowserContextOptions = {},
): Promise<{ readonly page: Page; readonly troubles: readonly string[] }> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text())
  })
  await page.goto(url)
  await page.click(`button[value="${subject}"]`)
  await page.waitForURL(`${url}/requests`)
  return { page, troubles }
}
