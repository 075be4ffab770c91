import { type Directory, group, type Principal, person } from '@gatewright/core'
import { entra, google, okta, type SignIn } from '@gatewright/server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { openBrowser } from './browser'
import { closeAll, type OpenHouse, openHouse } from './pages'
import { ENTRA, ADA as ENTRA_ADA, entraShape, MANY, OPS, TENANT } from './providers/entra'
import { type FarHosts, openFarHosts } from './providers/far-hosts'
import { GOOGLE, ADA as GOOGLE_ADA, googleShape, googleWithoutSessionAge } from './providers/google'
import { OKTA, oktaShape, PHR } from './providers/okta'
import { CLIENT, type Shape, type ShapedProvider, shapedProvider } from './providers/shaped-provider'

// The real hosts of the three, as they stand on this computer: presets know no others.
const HOSTS = {
  okta: ['example.okta.com'],
  entra: ['login.microsoftonline.com'],
  google: ['accounts.google.com', 'oauth2.googleapis.com', 'www.googleapis.com'],
}

const signIns = {
  okta: () => okta({ ...CLIENT, issuer: OKTA }),
  entra: () => entra({ ...CLIENT, tenantId: TENANT }),
  google: () => google({ ...CLIENT, hostedDomain: 'example.com' }),
}

const ops = { okta: group('ops'), entra: group(OPS), google: person(GOOGLE, GOOGLE_ADA) }
const quarter = { maxAge: '15m', sso: true } as const

let far: FarHosts
let browser: Browser

beforeAll(async () => {
  far = await openFarHosts(Object.values(HOSTS).flat())
  vi.stubGlobal('fetch', far.fetch)
  browser = await openBrowser(far.browserArguments)
})
afterEach(() => closeAll(browser))
afterAll(async () => {
  await browser.close()
  vi.unstubAllGlobals()
  await far.close()
})

interface Visit {
  readonly h: OpenHouse
  readonly page: Page
  readonly provider: ShapedProvider
  /** A request that waits for a decision. */
  readonly id: string
  readonly path: string
}

type Preset = keyof typeof HOSTS

/** Somebody without any session opens the address of a request, and is led to the provider. */
async function visit(
  preset: Preset,
  shape: Shape,
  gateOptions: Parameters<typeof openHouse>[0] = {},
  signIn: SignIn = signIns[preset](),
): Promise<Visit> {
  const stands: { provider?: ShapedProvider } = {}
  const h = await openHouse({ requirement: { reviewers: ops[preset] }, ...gateOptions }, (url) => {
    const provider = shapedProvider(shape, url, preset)
    stands.provider = provider
    for (const host of HOSTS[preset]) far.answer(host, provider.answer)
    return { signIn }
  })
  const { provider } = stands
  if (provider === undefined) throw new Error('no provider stands')
  const id = await h.ask('data.export', { rows: 5 })
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(`${h.url}/requests/${id}`)
  expect(new URL(page.url()).host).toBe(HOSTS[preset][0])
  return { h, page, provider, id, path: `${h.url}/requests/${id}` }
}

const click = (page: Page, who: string) =>
  page.getByRole('link', { name: `I am ${who}`, exact: true }).click()

async function approve({ h, page, id }: Visit): Promise<Principal> {
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await page.getByText('Counted. The request is approved.').waitFor()
  await expect.poll(() => h.runs).toEqual([{ rows: 5 }])
  const [vote] = (await h.gate.requests.get(id))?.votes ?? []
  if (vote === undefined) throw new Error('there is no vote')
  return vote.actor
}

/**
 * Nobody was signed in: the page says why, nothing was decided, and leads to the provider once more, to be somebody else
 * there.
 */
async function isRefused(
  { h, page, id, path, provider }: Visit,
  text: string,
  prompt: string,
): Promise<void> {
  await page.getByText(text).waitFor()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Refused')
  const { cookies } = await page.context().storageState()
  expect(cookies.filter(({ domain }) => domain === 'localhost').map(({ name }) => name)).toEqual([])
  expect(await h.gate.requests.get(id)).toMatchObject({ status: 'pending', votes: [] })
  expect(h.runs).toEqual([])
  await page.getByRole('link', { name: 'Sign in with another account' }).click()
  await click(page, 'ada')
  await page.waitForURL(path)
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor()
  expect(provider.asked.map((one) => one.get('prompt'))).toEqual([null, prompt])
}

describe.each([
  {
    preset: 'okta',
    shape: oktaShape,
    actor: { issuer: OKTA, subject: '00u1a2b3c4d5e6f7g8h9', groups: ['Everyone', 'ops'] },
  },
  { preset: 'entra', shape: entraShape(false), actor: { issuer: ENTRA, subject: ENTRA_ADA, groups: [OPS] } },
  { preset: 'google', shape: googleShape, actor: { issuer: GOOGLE, subject: GOOGLE_ADA, groups: [] } },
] as const)('with the claims of $preset', ({ preset, shape, actor }) => {
  test('sign in, come back to the request, approve, sign out', async () => {
    const visited = await visit(preset, shape)
    const { page, path, h } = visited
    await click(page, 'ada')
    await page.waitForURL(path)
    await page.getByText('Ada Moreno').first().waitFor()
    expect(await approve(visited)).toMatchObject({
      type: 'human',
      name: 'Ada Moreno',
      ...actor,
      assurance: { method: 'sso' },
    })

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out').waitFor()
    const further = page.getByRole('link', { name: 'Sign out at the identity provider too' })
    // Google has no page for it.
    expect(await further.count()).toBe(preset === 'google' ? 0 : 1)
    if (preset === 'google') return
    await further.click()
    await page.getByRole('button', { name: /yes, sign me out/i }).click()
    // Back at the sign-in, which asks the provider, who knows nobody any more.
    await page.getByRole('link', { name: 'I am ada' }).waitFor()
    await page.goto(`${h.url}/requests`)
    await page.getByRole('link', { name: 'I am ada' }).waitFor()
  })
})

describe('Okta', () => {
  test('T04: somebody in other groups is told of no request', async () => {
    const { page } = await visit('okta', oktaShape)
    await click(page, 'sam')
    await page.getByText('There is no such request, or it is not for you.').waitFor()
  })

  test('groups that are no list are refused', async () => {
    const visited = await visit('okta', oktaShape)
    await click(visited.page, 'odd')
    await isRefused(visited, 'is no list of groups', 'login')
  })

  test('groups that cannot be asked for are not taken for none', async () => {
    const visited = await visit('okta', {
      ...oktaShape,
      discovery: { userinfo_endpoint: `${OKTA}/oauth2/v1/gone` },
    })
    await click(visited.page, 'ada')
    await visited.page.getByText('did not say your name and groups').waitFor()
    expect(await visited.h.gate.requests.get(visited.id)).toMatchObject({ status: 'pending', votes: [] })
    await visited.page.goto(visited.path)
    expect(new URL(visited.page.url()).pathname).not.toContain('/requests/')
  })

  test('I5: what is said of somebody else counts for nobody', async () => {
    const visited = await visit('okta', oktaShape)
    far.answer('example.okta.com', (request, response) => {
      if (request.url !== '/oauth2/v1/userinfo') return visited.provider.answer(request, response)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ sub: '00u1a2b3c4d5e6f7g8h9', name: 'Ada Moreno', groups: ['ops'] }))
    })
    await click(visited.page, 'sam')
    await visited.page.getByText('did not say your name and groups').waitFor()
    expect(await visited.h.gate.requests.get(visited.id)).toMatchObject({ status: 'pending', votes: [] })
  })

  test('T22: steps up by age and class', async () => {
    const assurance = { ...quarter, acr: [PHR] }
    const visited = await visit('okta', oktaShape, { requirement: { reviewers: ops.okta, assurance } })
    const { page, provider } = visited
    provider.signedInAgo = 3_600
    await click(page, 'ada')
    await page.getByText('your last sign-in is too long ago').waitFor()
    provider.signedInAgo = 0
    await page.getByRole('link', { name: 'Sign in again to decide' }).click()
    await click(page, 'ada')
    const { assurance: reached } = await approve(visited)
    expect(reached).toMatchObject({ method: 'sso', acr: PHR })
    expect(Date.now() - (reached.authTime ?? 0)).toBeLessThan(60_000)
    const asked = provider.asked.at(-1)
    expect([asked?.get('max_age'), asked?.get('acr_values')]).toEqual(['900', PHR])
  })
})

describe('Entra ID', () => {
  test('T21: an account of another tenant is refused', async () => {
    const visited = await visit('entra', entraShape(false))
    await click(visited.page, 'guest')
    await isRefused(visited, 'Your account belongs to another organisation.', 'select_account')
  })

  test('more groups than a token holds are refused without a directory', async () => {
    const visited = await visit('entra', entraShape(false))
    await click(visited.page, 'many')
    await isRefused(visited, 'You are in more groups than Entra ID writes into a token', 'select_account')
  })

  test('and with one, it says who is in them', async () => {
    const directory: Directory = {
      resolve: async ({ issuer, subject }) =>
        issuer === ENTRA && subject === MANY ? { issuer, subject, name: 'Mona Many', groups: [OPS] } : null,
    }
    const visited = await visit(
      'entra',
      entraShape(false),
      { directory },
      entra({ ...CLIENT, tenantId: TENANT, groups: 'directory' }),
    )
    await click(visited.page, 'many')
    expect(await approve(visited)).toMatchObject({ issuer: ENTRA, subject: MANY })
  })

  test('T22: steps up by age and authentication context', async () => {
    const assurance = { ...quarter, acr: ['c1'] }
    const visited = await visit('entra', entraShape(true), {
      requirement: { reviewers: ops.entra, assurance },
    })
    const { page, provider } = visited
    provider.signedInAgo = 3_600
    await click(page, 'ada')
    provider.signedInAgo = 0
    await page.getByRole('link', { name: 'Sign in again to decide' }).click()
    await click(page, 'ada')
    expect((await approve(visited)).assurance).toMatchObject({
      method: 'sso',
      acr: 'c1',
      authTime: expect.any(Number),
    })
    const asked = provider.asked.at(-1)
    expect([asked?.get('max_age'), asked?.get('acr_values')]).toEqual(['900', null])
    expect(JSON.parse(asked?.get('claims') ?? '')).toEqual({
      id_token: { acrs: { essential: true, value: 'c1' } },
    })
  })

  test('T22: a program that is not told when somebody signed in says what is missing', async () => {
    const visited = await visit('entra', entraShape(false), {
      requirement: { reviewers: ops.entra, assurance: quarter },
    })
    await click(visited.page, 'ada')
    await visited.page.getByRole('link', { name: 'Sign in again to decide' }).click()
    await visited.page.getByText('to have it send "auth_time"').waitFor()
    expect(await visited.h.gate.requests.get(visited.id)).toMatchObject({ status: 'pending', votes: [] })
  })
})

describe('Google Workspace', () => {
  test.each([
    ['private', 'Your account belongs to no Workspace that may sign in here.'],
    ['other', 'Your account belongs to no Workspace that may sign in here.'],
    ['unverified', 'Google has not verified the e-mail address of your account.'],
  ])('T21: an account that is %s is refused', async (who, text) => {
    const visited = await visit('google', googleShape)
    await click(visited.page, who)
    await isRefused(visited, text, 'select_account')
    expect(visited.provider.asked[0]?.get('hd')).toBe('example.com')
  })

  const needs = { requirement: { reviewers: ops.google, assurance: quarter } }

  test('T22: steps up by age, as far as Google says it', async () => {
    const visited = await visit('google', googleShape, needs)
    await click(visited.page, 'ada')
    await visited.page.getByRole('link', { name: 'Sign in again to decide' }).click()
    expect((await approve(visited)).assurance).toMatchObject({
      method: 'sso',
      authTime: expect.any(Number),
    })
    expect(JSON.parse(visited.provider.asked.at(-1)?.get('claims') ?? '')).toEqual({
      id_token: { auth_time: { essential: true } },
    })
  })

  test.each([
    ['it asks nobody again', googleShape, 'Sign out there, then sign in again.'],
    ['it does not say when that was', googleWithoutSessionAge, 'to have it send "auth_time"'],
  ])('T22: a sign-in there of this morning is not fresh, and %s', async (_, shape, text) => {
    const visited = await visit('google', shape, needs)
    visited.provider.signedInAgo = 3_600
    await click(visited.page, 'ada')
    await visited.page.getByRole('link', { name: 'Sign in again to decide' }).click()
    await visited.page.getByText(text).waitFor()
    expect(await visited.h.gate.requests.get(visited.id)).toMatchObject({ status: 'pending', votes: [] })
  })
})
