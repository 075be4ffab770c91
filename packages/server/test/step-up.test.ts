import { group } from '@gatewright/core'
import { oidc } from '@gatewright/server'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openBrowser } from './browser'
import { type IdentityProvider, STRONG, startIdentityProvider } from './login-provider'
import { closeAll, openHouse } from './pages'

let browser: Browser
let provider: IdentityProvider | null = null

beforeAll(async () => {
  browser = await openBrowser()
})
afterEach(async () => {
  await closeAll(browser)
  await provider?.close()
})
afterAll(() => browser.close())

test('T22: a sign-in at the provider decides only once it is as fresh and as strong as is asked', async () => {
  const assurance = { sso: true, maxAge: '15m', acr: [STRONG] } as const
  const h = await openHouse({ requirement: { reviewers: group('ops'), assurance } }, async (url) => {
    provider = await startIdentityProvider(`${url}/sign-in/sso/callback`)
    const { issuer } = provider
    const clientSecret = 'of the client, and long enough'
    return { signIn: oidc({ issuer, clientId: 'gatewright', clientSecret }) }
  })
  const { url } = h
  const id = await h.ask('data.export', { rows: 5 })
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(`${url}/requests/${id}`)
  await page.getByRole('link', { name: 'I am ada' }).click()
  // Back where the visit began, as somebody whom the provider vouches for.
  await page.waitForURL(`${url}/requests/${id}`)
  await page.getByText('ada from the provider').waitFor()
  expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0)
  await page.getByRole('link', { name: 'Sign in again to decide' }).click()
  await page.getByRole('link', { name: 'I am ada' }).click()
  await page.waitForURL(`${url}/requests/${id}`)
  expect(provider?.asked.map((one) => [one.get('max_age'), one.get('acr_values')])).toContainEqual([
    '900',
    STRONG,
  ])
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await page.getByText('Counted. The request is approved.').waitFor()
  const [vote] = (await h.gate.requests.get(id))?.votes ?? []
  expect(vote?.actor).toMatchObject({
    issuer: provider?.issuer,
    subject: 'ada',
    assurance: { method: 'sso', acr: STRONG, authTime: expect.any(Number) },
  })
  await expect.poll(() => h.runs).toEqual([{ rows: 5 }])
})
