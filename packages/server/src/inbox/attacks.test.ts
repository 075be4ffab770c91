import { group, memoryStore, staticDirectory } from '@gatewright/core'
import { failingStore } from '@gatewright/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { ada, audrey, ben, closeHouses, eve, house, olga, SECRET } from '../../test/house'
import { visit } from '../../test/visitor'
import { createSealedCookies } from '../sign-in/sealed-cookie'

const NOBODY = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
const DIGEST = 'a'.repeat(64)

afterEach(closeHouses)

/** What a page says, but for what is new in every answer. */
function plain(text: string): string {
  return text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'REQUEST')
}

async function waiting() {
  const h = house()
  const id = await h.ask('data.export', { table: 'customers', rows: 5 })
  const status = async () => (await h.gate.requests.get(id))?.status
  const votes = async () => (await h.gate.requests.get(id))?.votes ?? []
  return { ...h, id, status, votes }
}

describe('who votes', () => {
  test.each(['actor', 'name', 'by', 'issuer', 'reviewers', 'status', 'votes', 'channel', 'edits', 'proof'])(
    'T03, T08: a field "%s" in a form is refused and noted, and nothing is counted',
    async (extra) => {
      const { server, id, status, votes, logged } = await waiting()
      const visitor = await visit(server, ada)
      const ticket = await visitor.ticket(id)
      const page = await visitor.post(`/requests/${id}/vote`, {
        ...ticket,
        decision: 'approve',
        [extra]: 'ben',
      })
      expect(page.status).toBe(422)
      expect(page.text).toContain(extra)
      expect([await status(), await votes()]).toEqual(['pending', []])
      expect(logged).toContainEqual({
        level: 'warn',
        fields: expect.objectContaining({ fields: [extra], subject: 'ada' }),
      })
    },
  )

  test('T08: a field that comes twice is refused', async () => {
    const { server, id, votes } = await waiting()
    const visitor = await visit(server, ada)
    const { csrf, digest } = await visitor.ticket(id)
    const page = await visitor.post(`/requests/${id}/vote?decision=approve`, {
      csrf,
      digest,
      decision: 'maybe',
    })
    expect(page.status).toBe(422)
    const twice = new URLSearchParams([
      ['csrf', csrf],
      ['digest', digest],
      ['decision', 'reject'],
      ['decision', 'approve'],
    ])
    const response = await visitor.post(`/requests/${id}/vote`, twice as never)
    expect(response.status).toBe(422)
    expect(await votes()).toEqual([])
  })

  test('a body that is no form is refused as such', async () => {
    const { server, id, votes } = await waiting()
    const visitor = await visit(server, ada)
    const { csrf } = await visitor.ticket(id)
    const broken = { 'Content-Type': 'multipart/form-data; boundary=x', 'X-CSRF-Token': csrf }
    for (const path of ['vote', 'edit']) {
      const page = await visitor.post(`/requests/${id}/${path}`, { no: 'form' }, broken)
      expect([400, 422]).toContain(page.status)
    }
    expect(await votes()).toEqual([])
  })

  test('T03, T37: the vote names who is signed in, where they proved it, and how', async () => {
    const { server, id, votes } = await waiting()
    const visitor = await visit(server, ben)
    await visitor.post(`/requests/${id}/vote`, { ...(await visitor.ticket(id)), decision: 'approve' })
    expect(await votes()).toMatchObject([
      {
        decision: 'approve',
        channel: 'inbox',
        actor: { issuer: 'demo', subject: 'ben', assurance: { method: 'demo' } },
      },
    ])
  })

  test('I4: who answers for the agent sees the request without a button, and cannot vote on it', async () => {
    const { server, id, votes } = await waiting()
    const visitor = await visit(server, olga)
    const page = await visitor.get(`/requests/${id}`)
    expect(page.status).toBe(200)
    expect(page.text).not.toContain('<textarea')
    expect((await visitor.get('/requests')).text).toContain(id)
    const { digest } = await (await visit(server, ada)).ticket(id)
    const form = { csrf: await visitor.csrf(), digest, decision: 'approve' }
    const voted = await visitor.post(`/requests/${id}/vote`, form)
    expect(voted.status).toBe(403)
    expect(voted.text).toContain('You cannot vote on a call that is yours')
    expect(await votes()).toEqual([])
  })
})

describe('who may know', () => {
  test('T04: a stranger gets the same answers for a request as for one that does not exist', async () => {
    const { server, id, votes } = await waiting()
    const stranger = await visit(server, eve)
    const token = await stranger.csrf()
    const ways = [
      (of: string) => stranger.get(`/requests/${of}`),
      (of: string) => stranger.get(`/requests/${of}/edit`),
      (of: string) =>
        stranger.post(`/requests/${of}/vote`, { csrf: token, digest: DIGEST, decision: 'approve' }),
      (of: string) =>
        stranger.post(`/requests/${of}/vote`, { csrf: token, digest: DIGEST, decision: 'reject', note: 'x' }),
      (of: string) =>
        stranger.post(`/requests/${of}/edit`, {
          csrf: token,
          digest: DIGEST,
          arguments: '{}',
          step: 'approve',
        }),
    ]
    for (const way of ways) {
      const [there, not] = [await way(id), await way(NOBODY)]
      expect(there.status).toBe(404)
      expect([there.status, plain(there.text).replaceAll(id, '')]).toEqual([
        not.status,
        plain(not.text).replaceAll(NOBODY, ''),
      ])
    }
    expect(await votes()).toEqual([])
    for (const path of ['/requests', '/history']) expect((await stranger.get(path)).text).not.toContain(id)
  })

  test('T04: a refused vote of a stranger stands in the log', async () => {
    const { server, id, gate } = await waiting()
    const refused: unknown[] = []
    gate.on('vote.refused', ({ event }) => refused.push(event.data))
    const stranger = await visit(server, eve)
    const token = await stranger.csrf()
    await stranger.post(`/requests/${id}/vote`, { csrf: token, digest: DIGEST, decision: 'approve' })
    expect(refused).toMatchObject([{ reason: 'not-found', channel: 'inbox', actor: { subject: 'eve' } }])
  })

  test('viewers see every request, without a button, and cannot vote', async () => {
    const { server, id, votes } = await waiting()
    const visitor = await visit(server, audrey)
    const page = await visitor.get(`/requests/${id}`)
    expect(page.status).toBe(200)
    expect(page.text).not.toContain('<textarea')
    expect((await visitor.get('/requests')).text).toContain(id)
    const token = await visitor.csrf()
    const { digest } = await (await visit(server, ada)).ticket(id)
    const voted = await visitor.post(`/requests/${id}/vote`, { csrf: token, digest, decision: 'approve' })
    expect(voted.status).toBe(403)
    expect(await votes()).toEqual([])
  })

  test('who is a viewer is told by the directory, and not by what a sign-in claims', async () => {
    const directory = staticDirectory({
      people: [
        { issuer: 'demo', subject: 'audrey', name: 'Audrey', groups: [] },
        { issuer: 'demo', subject: 'eve', name: 'Eve', groups: ['auditors'] },
      ],
    })
    const h = house({ directory })
    const id = await h.ask('data.export', { rows: 1 })
    expect((await (await visit(h.server, audrey)).get(`/requests/${id}`)).status).toBe(404)
    expect((await (await visit(h.server, eve)).get(`/requests/${id}`)).status).toBe(200)
  })

  test('a directory that does not answer shows nothing, whether there is a request or not', async () => {
    const directory = { resolve: async () => Promise.reject(new Error('down')) }
    const h = house({ directory })
    const visitor = await visit(h.server, ada)
    const id = await h.ask('data.export', { rows: 1 })
    const answers = [await visitor.get(`/requests/${NOBODY}`), await visitor.get(`/requests/${id}`)]
    expect(answers.map(({ status }) => status)).toEqual([503, 503])
    expect(plain(answers[0]?.text ?? '')).toBe(plain(answers[1]?.text ?? ''))
    expect((await visitor.get('/requests')).status).toBe(503)
  })
})

describe('what is shown', () => {
  const hostile = {
    html: '<img src=x onerror=alert(1)></textarea><script>alert(2)</script>',
    '"><b>key</b>': '@everyone <!channel> [link](javascript:alert(3)) `code`',
    bidi: 'safe\u202Eexe.txt',
    zero: 'pay\u200Bload',
    tags: `x${String.fromCodePoint(0xe0041)}`,
    homoglyph: 'аdmin',
    fake: '⟦U+0041⟧',
    entity: '&lt;script&gt;',
    many: 'a\nb',
  }

  test.each(['/requests', '/requests/ID', '/requests/ID/edit', '/history'])(
    'T15, T16: nothing in the arguments breaks out of %s or hides in it',
    async (path) => {
      const h = house()
      const id = await h.ask('data.export', hostile, {
        intent: '</blockquote><script>alert(4)</script>\u202E',
      })
      const { text } = await (await visit(h.server, ada)).get(path.replace('ID', id))
      expect(text).toContain(id)
      expect(text).not.toMatch(/<img|<b>key|alert\(\d\)<\/script>|<script>alert/)
      expect(text).not.toMatch(/[\u202E\u200B]|\u{E0041}/u)
      expect(text).not.toMatch(/href="javascript/i)
      expect(text.match(/<script/g)).toHaveLength(1)
    },
  )

  test('T16: hidden characters and mixed scripts are marked on the page of the request', async () => {
    const h = house()
    const id = await h.ask('data.export', hostile)
    const { text } = await (await visit(h.server, ada)).get(`/requests/${id}`)
    expect(text).toContain('safe<mark>⟦U+202E⟧</mark>exe.txt')
    expect(text).toContain('>mixed scripts<')
    expect(text).toContain('>hidden characters<')
    // Whoever writes the brackets is seen to have written them.
    expect(text).toContain('<mark>⟦U+27E6⟧</mark>U+0041<mark>⟦U+27E7⟧</mark>')
  })

  test('I9: every leaf of the document is on the page, however many and deep', async () => {
    const h = house()
    const deep = {
      a: { b: { c: [{ d: 'leaf-deep' }] } },
      wide: Array.from({ length: 500 }, (_, index) => `leaf-${index}!`),
    }
    const id = await h.ask('data.export', { ...deep, password: 'hunter2' })
    const { text } = await (await visit(h.server, ada)).get(`/requests/${id}`)
    const review = await h.gate.requests.review(id)
    for (const leaf of review?.content.arguments ?? []) expect(text).toContain(leaf.text)
    expect(text).not.toContain('hunter2')
    expect(text).toContain('>redacted<')
  })

  test('the words of the agent stand under a label that says so', async () => {
    const h = house()
    const id = await h.ask('data.export', { rows: 1 }, { intent: 'risk: low, approved by the CEO' })
    const { text } = await (await visit(h.server, ada)).get(`/requests/${id}`)
    expect(text).toMatch(
      /The agent says <small>[^<]*<\/small><\/figcaption>\s*<blockquote>[^<]*<bdi[^>]*>risk: low, approved by the CEO/,
    )
  })
})

describe('what decides', () => {
  test('T29: no GET decides, whatever its address holds', async () => {
    const { server, id, status, votes } = await waiting()
    const visitor = await visit(server, ada)
    const ticket = await visitor.ticket(id)
    const query = new URLSearchParams({ ...ticket, decision: 'approve', step: 'approve', arguments: '{}' })
    for (const path of ['', '/vote', '/edit', '/approve']) {
      await visitor.get(`/requests/${id}${path}?${query}`)
      await server.fetch(
        new Request(`http://localhost:4999/requests/${id}${path}?${query}`, { method: 'HEAD' }),
      )
    }
    expect([await status(), await votes()]).toEqual(['pending', []])
  })

  test('T38: a vote on another document is refused, and told what it is now and what changed', async () => {
    const h = house({ requirement: { reviewers: group('ops'), atLeast: 2 } })
    const id = await h.ask('data.export', { table: 'customers', rows: 20_000 })
    const visitor = await visit(h.server, ada)
    const ticket = await visitor.ticket(id)
    const shown = await h.gate.requests.review(id)
    await h.gate.vote({
      requestId: id,
      decision: 'approve',
      digest: shown?.digest ?? '',
      actor: ben,
      edits: [{ path: '/rows', value: 500 }],
    })
    const page = await visitor.post(`/requests/${id}/vote`, {
      ...ticket,
      decision: 'approve',
      note: 'as I <saw> it',
    })
    expect(page.status).toBe(409)
    expect(page.text).toContain('not what you were shown')
    expect(page.text).toMatch(/20000[\s\S]*500/)
    // What was written is not lost, and stays what it is.
    expect(page.text).toContain('as I &lt;saw&gt; it</textarea>')
    const votes = (await h.gate.requests.get(id))?.votes ?? []
    expect(votes.map(({ actor }) => actor.subject)).toEqual(['ben'])
    const again = await visitor.post(`/requests/${id}/vote`, {
      ...(await visitor.ticket(id)),
      decision: 'approve',
    })
    expect(again.status).toBe(303)
  })

  test('T38: a vote for one request does not count for another', async () => {
    const h = house()
    const [one, other] = [await h.ask('data.export', { rows: 1 }), await h.ask('data.export', { rows: 2 })]
    const visitor = await visit(h.server, ada)
    const ticket = await visitor.ticket(one)
    const page = await visitor.post(`/requests/${other}/vote`, { ...ticket, decision: 'approve' })
    expect(page.status).toBe(409)
    expect((await h.gate.requests.get(other))?.votes).toEqual([])
  })

  test('T42: a vote that the store did not take is not shown as given', async () => {
    const failing = { on: false }
    const store = failingStore(memoryStore(), { fail: (method) => failing.on && method === 'transition' })
    const h = house({ store })
    const id = await h.ask('data.export', { rows: 1 })
    const visitor = await visit(h.server, ada)
    const ticket = await visitor.ticket(id)
    failing.on = true
    const page = await visitor.post(`/requests/${id}/vote`, { ...ticket, decision: 'approve' })
    expect(page.status).toBe(503)
    failing.on = false
    const after = await visitor.get(`/requests/${id}`)
    expect(after.text).toContain('Nobody voted yet')
    expect(after.text).not.toContain('Counted')
  })

  test('T19: a form that is sent twice is one vote, and answered as such', async () => {
    const h = house({ requirement: { reviewers: group('ops'), atLeast: 2 } })
    const id = await h.ask('data.export', { rows: 1 })
    const visitor = await visit(h.server, ada)
    const form = { ...(await visitor.ticket(id)), decision: 'approve' }
    const [first, second] = [
      await visitor.post(`/requests/${id}/vote`, form),
      await visitor.post(`/requests/${id}/vote`, form),
    ]
    expect([first.status, second.status]).toEqual([303, 303])
    expect((await visitor.get(second.to)).text).toContain('counted already')
    expect((await h.gate.requests.get(id))?.votes).toHaveLength(1)
  })
})

describe('where a form comes from', () => {
  test('CSRF: no token, a made-up one and that of another session are refused', async () => {
    const { server, id, votes } = await waiting()
    const visitor = await visit(server, ada)
    const ticket = await visitor.ticket(id)
    const others = await (await visit(server, ada)).ticket(id)
    for (const csrf of ['', 'made-up', others.csrf]) {
      const page = await visitor.post(`/requests/${id}/vote`, { ...ticket, csrf, decision: 'approve' })
      expect(page.status).toBe(403)
    }
    expect(await votes()).toEqual([])
  })

  test.each([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ])('CSRF: a form of another place is refused, with the right token too: %o', async (headers) => {
    const { server, id, votes } = await waiting()
    const visitor = await visit(server, ada)
    const page = await visitor.post(
      `/requests/${id}/vote`,
      { ...(await visitor.ticket(id)), decision: 'approve' },
      headers as never,
    )
    expect(page.status).toBe(403)
    expect(await votes()).toEqual([])
  })

  test('pages tell browsers to say where a form comes from, and other sites nothing', async () => {
    const { server } = await waiting()
    const { headers } = await (await visit(server, ada)).get('/requests')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('content-security-policy')).not.toContain('unsafe')
  })
})

describe('whose session it is', () => {
  test('nobody sees anything, and is led to the sign-in and back', async () => {
    const { server, id } = await waiting()
    const nobody = await visit(server, null)
    for (const path of [
      '/requests',
      `/requests/${id}`,
      `/requests/${id}/edit`,
      '/history?status=pending',
      '/link/token',
    ]) {
      const page = await nobody.get(path)
      expect([page.status, page.to]).toEqual([302, `/sign-in?return=${encodeURIComponent(path)}`])
    }
    expect((await nobody.get('/events')).status).toBe(401)
    expect((await nobody.post(`/requests/${id}/vote`, { decision: 'approve' })).status).toBe(401)
  })

  test('T29: a forged cookie, one of another purpose and one of another secret are nobody', async () => {
    const { server, id } = await waiting()
    const now = () => Date.now()
    const session = { id: 'x', provider: 'dev', principal: ada }
    const forged = [
      'nonsense',
      Buffer.from(JSON.stringify(session)).toString('base64url'),
      await createSealedCookies(['another secret of thirty-two characters'], now).seal(
        'session',
        session,
        60,
      ),
      await createSealedCookies([SECRET], now).seal('flash', session, 60),
    ]
    for (const cookie of forged) {
      const visitor = await visit(server, null)
      visitor.cookies.set('gatewright', cookie)
      expect((await visitor.get(`/requests/${id}`)).status).toBe(302)
    }
  })

  test('a session of a way to sign in that was taken away is over, though the secret is the same', async () => {
    const { server, id } = await waiting()
    for (const [provider, status] of [
      ['dev', 200],
      ['taken-away', 302],
    ] as const) {
      const session = { id: 'x', provider, principal: ada }
      const visitor = await visit(server, null)
      const sealed = await createSealedCookies([SECRET], () => Date.now()).seal('session', session, 60)
      visitor.cookies.set('gatewright', sealed)
      expect((await visitor.get(`/requests/${id}`)).status).toBe(status)
    }
  })

  test('an answer to a vote cannot be forged, nor shown for another request or session', async () => {
    const { server, id } = await waiting()
    const visitor = await visit(server, ben)
    const flash = { session: 'another', requestId: id, status: 'counted', message: 'All is approved.' }
    const sealed = await createSealedCookies([SECRET], () => Date.now()).seal('flash', flash, 60)
    for (const cookie of ['forged', sealed]) {
      visitor.cookies.set('gatewright-flash', cookie)
      expect((await visitor.get(`/requests/${id}`)).text).not.toContain('All is approved.')
    }
  })

  test.each([
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/requests/../../evil',
    'javascript:alert(1)',
  ])('a sign-in leads to no other site: %s', async (target) => {
    const { server } = await waiting()
    const visitor = await visit(server, null)
    const page = await visitor.post('/sign-in/dev', { person: 'ada', return: target })
    expect(new URL(page.to, 'http://localhost:4999').origin).toBe('http://localhost:4999')
    expect((await visitor.get(`${target.startsWith('/') ? target : '/'}`)).to).not.toContain('evil.example/')
  })
})

test('made-up identities answer to no name but this computer’s, as DNS rebinding would have it', async () => {
  const { server } = house()
  for (const path of ['/sign-in', '/requests', '/api/v1/requests', '/sign-in/dev']) {
    const response = await server.fetch(new Request(`http://evil.example:4999${path}`))
    expect([path, response.status]).toEqual([path, 403])
    expect(response.headers.get('set-cookie')).toBeNull()
  }
})
