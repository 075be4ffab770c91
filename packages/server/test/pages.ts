import type { ReviewServerOptions } from '@gatewright/server'
import { type Listening, serve } from '@gatewright/server'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { freePort } from './browser'
import { closeHouses, type House, house } from './house'

/** A house that browsers reach. */
export interface OpenHouse extends House {
  readonly url: string
}

const listening = new Set<Listening>()

/** Opens a house on a port of this computer. @param serverOptions - by its address, where they depend on that */
export async function openHouse(
  gateOptions: Parameters<typeof house>[0] = {},
  serverOptions: Partial<ReviewServerOptions> | ((url: string) => Partial<ReviewServerOptions>) = {},
): Promise<OpenHouse> {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const more = typeof serverOptions === 'function' ? serverOptions(url) : serverOptions
  const opened = house(gateOptions, { url, ...more })
  listening.add(await serve(opened.server, { port, hostname: 'localhost' }))
  return { ...opened, url }
}

/** Closes whatever a test opened, pages included. */
export async function closeAll(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((context) => context.close()))
  const open = [...listening]
  listening.clear()
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
