import { person } from '@gatewright/core'
import { afterEach, expect, test } from 'vitest'
import { ada, ben, closeHouses, eve, house, olga } from '../../test/house'
import { visit } from '../../test/visitor'

afterEach(closeHouses)

const slackBen = { issuer: 'slack:T012AB', subject: 'U07CD' }
const fromSlack = person(slackBen.issuer, slackBen.subject, { name: 'ben', assurance: { method: 'chat' } })

async function invited(name = 'ben from chat') {
  const h = house()
  const id = await h.ask('data.export', { rows: 1 })
  const path = new URL(h.chat().invite(slackBen, name) ?? '').pathname
  const voting = async () => {
    const digest = (await h.gate.requests.review(id))?.digest ?? ''
    return h.gate.vote({ requestId: id, decision: 'approve', digest, actor: fromSlack })
  }
  return { ...h, path, voting }
}

test('T29: opening an invitation shows whose identity becomes whose, and links nothing', async () => {
  const { server, path, voting } = await invited()
  const { text } = await (await visit(server, ben)).get(path)
  for (const words of ['ben from chat', 'U07CD', 'slack:T012AB', 'Ben Okafor', 'votes as you'])
    expect(text).toContain(words)
  expect(await voting()).toMatchObject({ status: 'refused', reason: 'not-found' })
})

test('posting it links: from then on the chat identity votes as the person', async () => {
  const { gate, server, path, voting } = await invited()
  const visitor = await visit(server, ben)
  const page = await visitor.post(path, { csrf: await visitor.csrf() })
  expect(page.text).toContain('votes as')
  expect(await voting()).toMatchObject({ status: 'counted' })
  const { requests } = await gate.requests.list({})
  expect(requests[0]?.votes[0]?.person).toEqual({ issuer: 'demo', subject: 'ben' })
})

test('CSRF: another site cannot make somebody link, and no field can name another person', async () => {
  const { server, path, voting } = await invited()
  const [visitor, other] = [await visit(server, ben), await visit(server, ada)]
  const csrf = await visitor.csrf()
  const refused = [
    await visitor.post(path, { csrf: '' }),
    await visitor.post(path, { csrf: await other.csrf() }),
    await visitor.post(path, { csrf }, { Origin: 'https://evil.example' }),
    await visitor.post(path, { csrf, subject: 'ada' }),
  ]
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 422])
  expect(await voting()).toMatchObject({ status: 'refused' })
})

test('an invitation that was changed, or is no more, is none', async () => {
  const { server, path } = await invited()
  const visitor = await visit(server, ben)
  const csrf = await visitor.csrf()
  for (const bad of [`${path}x`, '/link/made-up', path.slice(0, -4)]) {
    expect((await visitor.get(bad)).status).toBe(404)
    expect((await visitor.post(bad, { csrf })).status).toBe(404)
  }
})

test('T16: a name that hides characters is shown with them', async () => {
  const { server, path } = await invited('Ada\u202E <b>Moreno</b>')
  const { text } = await (await visit(server, eve)).get(path)
  expect(text).toContain('Ada<mark>⟦U+202E⟧</mark> &lt;b&gt;Moreno')
  expect(text).not.toMatch(/\u202E|<b>Moreno/)
})

test('I4: an identity linked to whoever owns the agent cannot vote on its calls', async () => {
  const { server, path, voting } = await invited()
  const visitor = await visit(server, olga)
  expect((await visitor.post(path, { csrf: await visitor.csrf() })).status).toBe(200)
  expect(await voting()).toMatchObject({ status: 'refused', reason: 'own-request' })
})
