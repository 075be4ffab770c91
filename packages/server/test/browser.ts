import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
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

/** A port of this computer that is free just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      )
    })
  })
}
