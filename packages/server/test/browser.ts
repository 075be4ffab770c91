import { existsSync } from 'node:fs'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'

const SYSTEM = '/usr/bin/chromium'
const ARGUMENTS = ['--no-sandbox', '--disable-quic', '--disable-background-networking']

/** A real browser: the one of this computer, or the one that npm carries. @param more - arguments of its command */
export async function openBrowser(more: readonly string[] = []): Promise<Browser> {
  const args = [...ARGUMENTS, ...more]
  if (existsSync(SYSTEM)) return playwright.launch({ executablePath: SYSTEM, args })
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args, ...args],
  })
}
