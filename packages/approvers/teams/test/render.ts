import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver } from 'playwright-core'

const require = createRequire(import.meta.url)
const SYSTEM = '/usr/bin/chromium'

/** What a person has before them. */
export interface Rendered {
  /** All text, as the browser lays it out. */
  readonly text: string
  /** Addresses of links, and elements that are none of a card's. */
  readonly live: readonly string[]
  /** Whether something stands outside the card's width. */
  readonly overflows: boolean
}

function fontOf(fontFamily: string) {
  return {
    fontFamily,
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 200, default: 400, bolder: 600 },
  }
}

/** The colours and sizes of Teams, as far as they matter for reading. */
const HOST = {
  fontFamily: 'Segoe UI, system-ui, sans-serif',
  supportsInteractivity: true,
  spacing: { small: 4, default: 8, medium: 16, large: 24, extraLarge: 32, padding: 12 },
  actions: {
    maxActions: 6,
    actionsOrientation: 'horizontal',
    buttonSpacing: 8,
    showCard: { actionMode: 'inline' },
  },
  fontTypes: { default: fontOf('Segoe UI, system-ui, sans-serif'), monospace: fontOf('Consolas, monospace') },
  containerStyles: {
    default: { backgroundColor: '#FFFFFF' },
    emphasis: { backgroundColor: '#F3F2F1' },
    good: { backgroundColor: '#DFF6DD' },
    attention: { backgroundColor: '#FDE7E9' },
    warning: { backgroundColor: '#FFF4CE' },
    accent: { backgroundColor: '#E8EBFA' },
  },
}

/** Microsoft's renderer of Adaptive Cards in a browser. */
export async function openRenderer() {
  const executablePath = existsSync(SYSTEM) ? SYSTEM : await chromium.executablePath()
  const browser: Browser = await driver.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
  })
  const page = await browser.newPage({ viewport: { width: 720, height: 400 } })
  await page.setContent(
    `<!doctype html><style>body{margin:16px;font:14px Segoe UI,system-ui,sans-serif}#card{width:640px;border:1px solid #ddd;border-radius:6px}
    .ac-pushButton{padding:6px 12px;border:1px solid #bbb;border-radius:4px;background:#fff;font:inherit}
    textarea{width:100%;box-sizing:border-box}</style><div id="card"></div>`,
  )
  await page.addScriptTag({ path: require.resolve('adaptivecards/dist/adaptivecards.min.js') })
  return {
    /** Renders a card. @param press - titles of buttons that are pressed then */
    async render(card: unknown, press: readonly string[] = []): Promise<Rendered> {
      await page.evaluate(
        `{
          const card = new AdaptiveCards.AdaptiveCard()
          card.hostConfig = new AdaptiveCards.HostConfig(${JSON.stringify(HOST)})
          card.parse(${JSON.stringify(card)})
          document.getElementById('card').replaceChildren(card.render())
        }`,
      )
      for (const title of press) await page.getByRole('button', { name: title, exact: true }).click()
      return page.evaluate(
        `{
          const root = document.getElementById('card')
          const strange = root.querySelectorAll('script, img, iframe, object, video, b, i, em, strong, ul, ol, code, pre')
          ;({
            text: root.innerText,
            live: [...[...root.querySelectorAll('a')].map((a) => a.innerText), ...[...strange].map((e) => e.outerHTML)],
            overflows: root.scrollWidth > root.clientWidth + 1,
          })
        }`,
      )
    },
    async shoot(path: string): Promise<void> {
      await page.locator('#card').screenshot({ path })
    },
    close: () => browser.close(),
  }
}
