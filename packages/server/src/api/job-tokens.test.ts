import { person } from '@gatewright/core'
import { exportSPKI, generateKeyPair } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { type CiSystem, ciSystem } from '../../test/ci-system'
import { ada, keys as apiKeys, tokenOf, world } from '../../test/world'
import type { JobTokens } from './job-tokens'

const close: (() => void)[] = []
afterEach(() => {
  for (const end of close.splice(0)) end()
})

/** A CI system, until the test ends. */
async function ci(): Promise<CiSystem> {
  const system = await ciSystem()
  close.push(system.close)
  return system
}

function jobsOf({ issuer }: Pick<CiSystem, 'issuer'>, more: Partial<JobTokens> = {}): JobTokens {
  return {
    issuer,
    audience: 'gatewright',
    allow: ({ repository }) => repository === 'o/r',
    agent: ({ repository }) => `ci ${repository}`,
    owner: null,
    ...more,
  }
}

const ASKED = { action: 'app.deploy', arguments: { to: 'production' }, callId: 'c1' }

describe('a job that asks with its own token', () => {
  test('is the agent that its verified claims name', async () => {
    const system = await ci()
    const w = world({
      jobTokens: [jobsOf(system, { onBehalfOf: ({ actor }) => person('https://github.com', `${actor}`) })],
    })
    const token = await system.token()
    const { body, status } = await w.call(token, 'POST', '/api/v1/requests', ASKED)
    expect(status).toBe(201)
    const { id, argumentsDigest } = body.request
    expect(await w.s.request(id)).toMatchObject({
      requester: { id: 'ci o/r' },
      onBehalfOf: { issuer: 'https://github.com', subject: 'ada' },
    })
    // Nobody else's key finds it.
    expect((await w.call(apiKeys.bot, 'GET', `/api/v1/requests/${id}`)).status).toBe(404)
    await w.vote(id, ada)
    const claim = { argumentsDigest, claimId: 'x' }
    // Tokens are good for minutes: the next one is the same agent.
    const next = await system.token({ jti: 'other' })
    expect((await w.call(next, 'POST', `/api/v1/requests/${id}/claim`, claim)).status).toBe(200)
    expect(system.heard.map(({ url }) => url)).toEqual(['/.well-known/openid-configuration', '/keys'])
  })

  test('I5: votes with none', async () => {
    const system = await ci()
    const w = world({ jobTokens: [jobsOf(system)] })
    const { id } = await w.ask()
    const word = { decision: 'approve', digest: (await w.s.request(id)).reviewDigest }
    const { status } = await w.call(await system.token(), 'POST', `/api/v1/requests/${id}/votes`, word)
    expect(status).toBeGreaterThanOrEqual(400)
    expect((await w.s.request(id)).votes).toEqual([])
  })
})

test.each([
  { job_id: '7' },
  { pipeline_id: '7' },
  { runner_id: 7 },
  { job_workflow_ref: 'o/r/x.yml' },
  { idtyp: 'app' },
  { gty: 'client-credentials' },
  { act: { sub: 'an-agent' } },
  ...['azp', 'appid', 'cid', 'client_id'].map((claim) => ({ [claim]: ada.subject })),
])(
  'I5: a job, or another program, is no person, though the issuer signs people in, the audience is right and the groups are: %j',
  async (claims) => {
    const w = world()
    const { id } = await w.ask()
    const word = { decision: 'approve', digest: (await w.s.request(id)).reviewDigest }
    const vote = (token: string) => w.call(token, 'POST', `/api/v1/requests/${id}/votes`, word)
    expect((await vote(await tokenOf(ada, claims))).status).toBe(401)
    expect((await w.s.request(id)).votes).toEqual([])
    expect((await vote(await tokenOf(ada))).status).toBe(200)
  },
)

describe('a token that proves nothing is refused, and nothing is asked', () => {
  const attacks: readonly (readonly [string, number, (system: CiSystem) => Promise<string>])[] = [
    ['another issuer', 401, (s) => s.token({ iss: 'https://evil.example' })],
    ['an issuer with a slash more', 401, (s) => s.token({ iss: `${s.issuer}/` })],
    ['another audience', 401, (s) => s.token({ aud: 'sts.amazonaws.com' })],
    ['no audience', 401, (s) => s.token({ aud: [] })],
    ['expired', 401, (s) => s.token({}, {}, '-5m')],
    ['not valid yet', 401, (s) => s.token({ nbf: Math.floor(Date.now() / 1_000) + 600 })],
    ['no subject', 401, (s) => s.token({ sub: undefined as never })],
    [
      'another key under a known name',
      401,
      async (s) => s.token({}, { key: (await generateKeyPair('RS256')).privateKey }),
    ],
    [
      'a key of no known name',
      401,
      async (s) => s.token({}, { key: (await generateKeyPair('RS256')).privateKey, kid: 'k2' }),
    ],
    [
      'HS256 with the public key as its secret',
      401,
      async (s) =>
        s.token({}, { alg: 'HS256', key: new TextEncoder().encode(await exportSPKI(s.pair.publicKey)) }),
    ],
    [
      'alg none',
      401,
      async (s) => {
        const [, payload] = (await s.token()).split('.')
        return `${Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url')}.${payload}.`
      },
    ],
    [
      'claims that were changed',
      401,
      async (s) => {
        const [header, payload = '', signature] = (await s.token({ repository: 'evil/r' })).split('.')
        const changed = Buffer.from(payload, 'base64url').toString().replace('evil/r', 'o/r')
        return `${header}.${Buffer.from(changed).toString('base64url')}.${signature}`
      },
    ],
    ['another repository', 403, (s) => s.token({ repository: 'evil/r' })],
  ]

  test.each(attacks)('%s', async (_, status, attack) => {
    const system = await ci()
    const w = world({ jobTokens: [jobsOf(system)] })
    const answered = await w.call(await attack(system), 'POST', '/api/v1/requests', ASKED)
    expect(answered.status).toBe(status)
    if (status === 401) expect(answered.headers.get('www-authenticate')).toContain('invalid_token')
    expect(await w.s.pending()).toEqual([])
  })

  const refusing: readonly (readonly [string, Partial<JobTokens>])[] = [
    ['a promise of true', { allow: (async () => true) as never }],
    ['nothing', { allow: (() => undefined) as never }],
    [
      'a throw',
      {
        allow: () => {
          throw new Error('no')
        },
      },
    ],
    ['an id that is none', { agent: () => '' }],
    ['an id that is no text', { agent: ({ nothing }) => nothing as string }],
    ['an id of a key', { agent: () => 'bot' }],
    ['the id of the gate’s own agent', { agent: () => 'host' }],
    ['a person who is none', { onBehalfOf: () => ({ name: 'ada' }) as never }],
  ]

  test.each(refusing)('T40: %s, of the functions that decide', async (_, more) => {
    const system = await ci()
    const w = world({ jobTokens: [jobsOf(system, more)] })
    const answered = await w.call(await system.token(), 'POST', '/api/v1/requests', ASKED)
    expect(answered).toMatchObject({ status: 403, body: { code: 'job-refused' } })
    expect(await w.s.pending()).toEqual([])
  })

  test('without keys to verify with it is 503, and the next one is verified again', async () => {
    const system = await ci()
    const w = world({ jobTokens: [jobsOf(system)] })
    const ask = async () => (await w.call(await system.token(), 'POST', '/api/v1/requests', ASKED)).status
    system.state.down = true
    expect(await ask()).toBe(503)
    system.state.down = false
    system.state.issuer = 'https://evil.example'
    expect(await ask()).toBe(503)
    system.state.issuer = system.issuer
    expect(await ask()).toBe(201)
  })

  test('a server that names no CI system takes no token of a job', async () => {
    const system = await ci()
    const w = world()
    expect((await w.call(await system.token(), 'POST', '/api/v1/requests', ASKED)).status).toBe(401)
    expect(system.heard).toEqual([])
  })
})

describe('options', () => {
  const good = jobsOf({ issuer: 'https://gitlab.example' })
  test.each<readonly [string, unknown, string]>([
    ['no list', {}, 'jobTokens: is a list'],
    ['a name that is none', [{ ...good, audiense: 'x' }], 'audiense'],
    ['plain http', [{ ...good, issuer: 'http://gitlab.example' }], 'jobTokens[0].issuer'],
    ['plain http for keys', [{ ...good, keys: 'http://gitlab.example/keys' }], 'jobTokens[0].keys'],
    ['no audience', [{ ...good, audience: ' ' }], 'jobTokens[0].audience'],
    ['no allow', [{ ...good, allow: undefined }], 'jobTokens[0].allow'],
    ['no agent', [{ ...good, agent: 'ci' }], 'jobTokens[0].agent'],
    ['no owner', [{ ...good, owner: undefined }], 'jobTokens[0].owner'],
    ['twice the same', [good, good], 'one issuer and audience'],
  ])('%s is refused', (_, jobTokens, words) => {
    expect(() => world({ jobTokens: jobTokens as never })).toThrow(words)
  })
})
