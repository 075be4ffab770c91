import { describe, expect, test } from 'vitest'
import { ada, keys, member, tokenOf, world } from '../../test/world'
import { review, summary } from './request-schema'

const kim = member('kim', ['auditors'])
const sam = member('sam', ['sales'])

describe('reading', () => {
  test('people see what asks them, viewers and readers all, an agent its own', async () => {
    const w = world()
    const { id } = await w.ask()
    const ids = async (as: string) =>
      (await w.call(as, 'GET', '/api/v1/requests')).body.requests.map((one: { id: string }) => one.id)
    for (const as of [await tokenOf(ada), await tokenOf(kim), keys.auditor, keys.bot])
      expect(await ids(as)).toEqual([id])
    for (const as of [await tokenOf(sam), keys.eve]) expect(await ids(as)).toEqual([])
  })

  test('a viewer sees and does not vote', async () => {
    const w = world()
    const { id } = await w.ask()
    expect((await w.call(await tokenOf(kim), 'GET', `/api/v1/requests/${id}`)).status).toBe(200)
    expect((await w.vote(id, kim)).status).toBe(404)
  })

  test('what is answered is what is described', async () => {
    const w = world()
    const { id } = await w.approved()
    const { body } = await w.call(keys.bot, 'GET', `/api/v1/requests/${id}`)
    expect(summary.strict().parse(body.request)).toEqual(body.request)
    expect(review.strict().parse(body.review)).toEqual(body.review)
    expect(body.request.link).toBe(`https://approvals.test/base/requests/${id}`)
    expect(JSON.stringify(body.request)).not.toContain('customers')
  })

  test('pages hold each once, whatever is hidden between, and cursors are nobody else’s', async () => {
    const w = world()
    const ids: string[] = []
    for (let call = 0; call < 5; call += 1) ids.unshift((await w.ask({ callId: `c${call}` })).id)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const { body } = await w.call(keys.bot, 'GET', `/api/v1/requests?limit=2${query}`)
      seen.push(...body.requests.map((one: { id: string }) => one.id))
      cursor = body.cursor
    } while (cursor !== null)
    expect(seen).toEqual(ids)
    const first = (await w.call(keys.bot, 'GET', '/api/v1/requests?limit=2')).body.cursor
    const at = `cursor=${encodeURIComponent(first ?? '')}`
    expect((await w.call(keys.eve, 'GET', `/api/v1/requests?limit=2&${at}`)).body.code).toBe('cursor')
    expect((await w.call(keys.bot, 'GET', `/api/v1/requests?status=pending&${at}`)).body.code).toBe('cursor')
    expect((await w.call(keys.bot, 'GET', '/api/v1/requests?cursor=3')).body.code).toBe('cursor')
  })

  test('T20: what is sealed for one purpose is nothing for another', async () => {
    const w = world()
    await w.ask()
    await w.ask({ callId: 'c2' })
    const { cursor } = (await w.call(keys.bot, 'GET', '/api/v1/requests?limit=1')).body
    const asSession = await w.call(null, 'GET', '/api/v1/requests', undefined, {
      cookie: `__Host-gatewright=${cursor}`,
    })
    expect(asSession.status).toBe(401)
    const session = ((await w.session(ada)).cookie ?? '').split('=')[1]
    expect((await w.call(keys.bot, 'GET', `/api/v1/requests?limit=1&cursor=${session}`)).body.code).toBe(
      'cursor',
    )
  })

  test('filters narrow, and those that are not known are refused', async () => {
    const w = world()
    const { id } = await w.approved()
    await w.ask({ callId: 'c2', runId: 'r2' })
    const list = async (query: string, as = keys.auditor) => w.call(as, 'GET', `/api/v1/requests?${query}`)
    expect((await list('status=approved,rejected')).body.requests).toMatchObject([{ id }])
    expect((await list('runId=r2')).body.requests).toMatchObject([{ runId: 'r2' }])
    expect((await list('requester=nobody')).body.requests).toEqual([])
    expect((await list('requester=eve', keys.bot)).body.requests).toEqual([])
    expect((await list('requester=bot', keys.bot)).body.requests).toHaveLength(2)
    for (const query of [
      'state=approved',
      'status=open',
      'limit=0',
      'limit=201',
      'limit=1e1',
      'createdAfter=now',
    ])
      expect((await list(query)).status, query).toBe(422)
  })

  test('waiting ends with the decision', async () => {
    const w = world()
    const { id } = await w.ask()
    const waiting = w.call(keys.bot, 'GET', `/api/v1/requests/${id}?wait=60`)
    await w.s.pending()
    await w.vote(id, ada)
    expect((await waiting).body.request).toMatchObject({ status: 'approved' })
  })

  test('waiting ends with its time', async () => {
    const w = world()
    const { id } = await w.ask()
    const waiting = w.call(keys.bot, 'GET', `/api/v1/requests/${id}?wait=30`)
    await w.s.pending()
    await w.s.clock.advance('31s')
    expect((await waiting).body.request).toMatchObject({ status: 'pending' })
    expect((await w.call(keys.bot, 'GET', `/api/v1/requests/${id}?wait=61`)).status).toBe(422)
    expect((await w.call(keys.bot, 'HEAD', `/api/v1/requests/${id}?wait=60`)).status).toBe(200)
  })

  test('statistics are for those who may know of each request', async () => {
    const w = world()
    await w.approved()
    const ask = (as: string, query = '') => w.call(as, 'GET', `/api/v1/statistics${query}`)
    for (const as of [keys.auditor, keys.bot, await tokenOf(kim)])
      expect((await ask(as)).body).toMatchObject({ requests: 1, approved: 1 })
    expect((await ask(keys.eve)).body).toMatchObject({ requests: 0 })
    expect((await ask(keys.eve, '?requester=bot')).status).toBe(403)
    expect((await ask(await tokenOf(ada))).status).toBe(403)
  })
})
