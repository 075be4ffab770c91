import { group, memoryStore, type Principal, when } from '@gatewright/core'
import { devSignIn } from '@gatewright/server'
import { afterEach, expect, test } from 'vitest'
import { ada, audrey, ben, closeHouses, eve, type House, house, made, ORIGIN } from '../../test/house'
import { type Visitor, visit } from '../../test/visitor'

afterEach(closeHouses)

/** An open page's stream, read as it comes. */
async function follow({ server }: House, visitor: Visitor) {
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const leaving = new AbortController()
  const response = await server.fetch(
    new Request(`${ORIGIN}/events`, { headers: { Cookie: cookie }, signal: leaving.signal }),
  )
  const stream = { status: response.status, headers: response.headers, text: '', ended: false }
  const reading = (async () => {
    for await (const chunk of response.body ?? []) stream.text += new TextDecoder().decode(chunk)
    stream.ended = true
  })().catch(() => {
    stream.ended = true
  })
  return Object.assign(stream, { leave: () => leaving.abort(), reading })
}

const approve = async ({ gate }: House, id: string, actor: Principal) =>
  gate.vote({
    requestId: id,
    decision: 'approve',
    digest: (await gate.requests.review(id))?.digest ?? '',
    actor,
  })

test('T04: tells each page of the requests that this person may see, and of no other', async () => {
  const h = house({
    policy: [when('sales.*').require({ id: 'sales', reviewers: group('sales') })],
  })
  const [hers, theirs, everything] = await Promise.all(
    [ada, eve, audrey].map(async (who) => follow(h, await visit(h.server, who))),
  )
  const one = await h.ask('data.export', {})
  const other = await h.ask('sales.mail', {})
  await expect.poll(() => everything?.text).toContain(other)
  await expect.poll(() => everything?.text).toContain(one)
  await expect.poll(() => hers?.text).toContain(one)
  await expect.poll(() => theirs?.text).toContain(other)
  expect(hers?.text).not.toContain(other)
  expect(theirs?.text).not.toContain(one)
  expect(hers?.headers.get('content-type')).toContain('text/event-stream')
})

test('tells of votes and outcomes, steps that follow closely as one', async () => {
  const h = house({ requirement: { reviewers: group('ops'), atLeast: 2 } })
  const id = await h.ask('data.export', {})
  const page = await follow(h, await visit(h.server, ada))
  await approve(h, id, ben)
  await expect.poll(() => page.text.match(/event: moved/g)?.length).toBe(1)
  await approve(h, id, ada)
  // Approved, begun and ended in one instant.
  await expect.poll(async () => (await h.gate.requests.get(id))?.status).toBe('succeeded')
  await expect.poll(() => page.text.match(/event: moved/g)?.length).toBe(2)
})

test('ends with the server, and takes no more', async () => {
  const h = house()
  const visitor = await visit(h.server, ada)
  const page = await follow(h, visitor)
  h.server.close()
  await expect.poll(() => page.ended).toBe(true)
  expect((await follow(h, visitor)).status).toBe(503)
})

test('one person opens so many pages and no more; a page that is left makes room', async () => {
  const h = house()
  const visitor = await visit(h.server, ada)
  const pages = await Promise.all(Array.from({ length: 50 }, () => follow(h, visitor)))
  expect((await follow(h, visitor)).status).toBe(503)
  pages[0]?.leave()
  await pages[0]?.reading
  expect((await follow(h, visitor)).status).toBe(200)
  expect((await follow(h, await visit(h.server, ben))).status).toBe(200)
})

test('what moves in great numbers is told as such, and not by name', async () => {
  const h = house()
  const page = await follow(h, await visit(h.server, ada))
  const ids = await Promise.all(Array.from({ length: 250 }, (_, index) => h.ask(`data.number-${index}`, {})))
  await expect.poll(() => page.text).toContain('event: all')
  expect(page.text).not.toContain(ids[0])
})

test('a stream that nobody reads takes no place', async () => {
  const h = house()
  const visitor = await visit(h.server, ada)
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const leaving = AbortSignal.abort()
  for (let index = 0; index < 60; index += 1) {
    await h.server.fetch(new Request(`${ORIGIN}/events`, { method: 'HEAD', headers: { Cookie: cookie } }))
    await h.server.fetch(new Request(`${ORIGIN}/events`, { headers: { Cookie: cookie }, signal: leaving }))
  }
  expect((await follow(h, visitor)).status).toBe(200)
})

test('5,000 pages of 500 people are told by one subscription, each once', async () => {
  const people = Array.from({ length: 500 }, (_, index) => made(`p${index}`, `Person ${index}`, ['ops']))
  let subscriptions = 0
  const store = memoryStore()
  const changes = store.changes.bind(store)
  const counting = Object.assign(Object.create(store), {
    changes(...given: Parameters<typeof changes>) {
      subscriptions += 1
      changes(...given)
    },
  })
  const h = house({ store: counting }, { signIn: devSignIn({ people }) })
  await h.gate.start()
  const before = subscriptions
  const pages: Awaited<ReturnType<typeof follow>>[] = []
  for (const person of people) {
    const visitor = await visit(h.server, person)
    for (let page = 0; page < 10; page += 1) pages.push(await follow(h, visitor))
  }
  expect(subscriptions - before).toBe(1)
  const id = await h.ask('data.export', {})
  await expect
    .poll(() => pages.filter(({ text }) => text.includes(id)).length, { timeout: 20_000 })
    .toBe(5_000)
  expect(pages.every(({ text }) => text.split(id).length === 2)).toBe(true)
  for (const page of pages) page.leave()
  await Promise.all(pages.map(({ reading }) => reading))
})
