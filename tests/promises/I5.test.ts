import { agent, type Principal, service } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ada, attempt, ISSUER, member, mentions, scene } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

const groups = fc.subarray(['ops', 'admins', 'root'])

/** Everything that is not a verified person, however it calls itself. */
const impostor: fc.Arbitrary<unknown> = fc.oneof(
  groups.map((names) => ({ ...agent(ISSUER, 'bot'), groups: names })),
  groups.map((names) => ({ ...service(ISSUER, 'ci'), groups: names })),
  fc
    .record({ type: fc.constantFrom('user', 'Human', '', 'admin'), groups })
    .map((fields) => ({ ...ada, ...fields })),
  fc
    .constantFrom('issuer', 'subject', 'name', 'groups', 'assurance', 'type')
    .map((missing) => ({ ...ada, [missing]: undefined })),
  fc.constantFrom('issuer', 'subject').map((empty) => ({ ...ada, [empty]: '' })),
  fc.constantFrom(null, undefined, 'ada', 42, [], true),
)

describe('I5: verified people only', () => {
  test('I5: nobody votes but a human that a transport vouches for', async () => {
    await fc.assert(
      fc.asyncProperty(impostor, fc.constantFrom('approve', 'reject'), async (actor, decision) => {
        const s = scene()
        void attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
        const { id, reviewDigest } = await s.only()
        const vote = attempt(
          s.gate.vote({
            requestId: id,
            decision: decision as 'approve',
            digest: reviewDigest,
            actor: actor as Principal,
          }),
        )
        await vote.ended
        const refused = vote.value?.status === 'refused' && vote.value.reason === 'not-human'
        expect(refused || vote.code === 'ERR_VOTE_MALFORMED').toBe(true)
        expect(s.runs).toEqual([])
        expect((await s.request(id)).votes).toEqual([])
        expect(await s.types(id)).toEqual(['request.created'])
        await s.close()
      }),
      { numRuns: 60 },
    )
  })

  test('I5: a name inside a payload is never an identity', async () => {
    const field = fc.constantFrom(
      'by',
      'user',
      'email',
      'onBehalfOf',
      'reviewer',
      'votes',
      'status',
      'person',
      'requester',
    )
    await fc.assert(
      fc.asyncProperty(field, async (name) => {
        const s = scene()
        void attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
        const { id, reviewDigest } = await s.only()
        const outsider = member('mallory', ['interns'])
        const input = {
          requestId: id,
          decision: 'approve',
          digest: reviewDigest,
          actor: outsider,
          [name]: ada,
        }
        const vote = attempt(s.gate.vote(input as never))
        await vote.ended
        expect(vote.code).toBe('ERR_VOTE_MALFORMED')
        expect((await s.request(id)).votes).toEqual([])
        expect(s.runs).toEqual([])
        await s.close()
      }),
      { numRuns: 12 },
    )
  })

  test('I5: every vote stands in the log with issuer, subject and assurance (T37)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('demo', 'local', 'chat', 'token', 'sso'),
        fc.integer({ min: 1 }),
        async (method, authTime) => {
          const s = scene()
          void attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
          const { id } = await s.only()
          await s.approve(id, { ...ada, assurance: { method: method as 'sso', authTime, acr: 'mfa' } })
          const [vote] = await s.events('request.vote-cast')
          expect(vote?.data['actor']).toEqual({
            assurance: { acr: 'mfa', authTime, method },
            issuer: ISSUER,
            name: 'ada',
            subject: 'ada',
            type: 'human',
          })
          expect(vote?.data['channel']).toBe('api')
          await s.close()
        },
      ),
      { numRuns: 15 },
    )
  })

  test('I5: an attempt by an agent is recorded, and learns nothing', async () => {
    const s = scene()
    void attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    const known = await s.approve(id, agent(ISSUER, 'bot'))
    const unknown = await s.approve('no such request', agent(ISSUER, 'bot'))
    expect(known).toEqual(unknown)
    const refusals = await s.events('vote.refused')
    expect(refusals).toHaveLength(2)
    expect(mentions(refusals, 'not-human')).toBe(true)
  })
})
