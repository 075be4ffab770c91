import {
  type CanonicalPerson,
  type Directory,
  group,
  type PersonRef,
  type Principal,
  person,
} from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { attempt, ISSUER, scene, settle } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

/** Each canonical person has several identities: at the company's identity provider, in two chats. */
const ISSUERS = [ISSUER, 'slack:T1', 'teams:t2'] as const
const PEOPLE = ['ada', 'ben', 'cleo', 'dana'] as const

const identity = fc.record({ who: fc.constantFrom(...PEOPLE), by: fc.constantFrom(...ISSUERS) })
type Identity = { readonly who: string; readonly by: string }

function principal({ who, by }: Identity, groups: readonly string[] = ['ops', 'admins']): Principal {
  return person(by, `${by}|${who}`, { name: who, groups, assurance: { method: 'sso' } })
}

/** Everybody is in every group, so that nothing but identity can refuse a vote. */
const directory: Directory = {
  async resolve({ issuer, subject }: PersonRef): Promise<CanonicalPerson | null> {
    const who = subject.slice(issuer.length + 1)
    if (!subject.startsWith(`${issuer}|`) || !(PEOPLE as readonly string[]).includes(who)) return null
    return { issuer: 'directory', subject: who, name: who, groups: ['ops', 'admins', 'security'] }
  },
}

describe('I4: never your own, and one person counts once', () => {
  test('I4: it takes as many distinct people as the quorum says, none of them the owner or whom it is for', async () => {
    const drawn = fc.record({
      owner: fc.option(identity, { nil: null }),
      onBehalfOf: fc.option(identity, { nil: null }),
      votes: fc.array(identity, { maxLength: 8 }),
      atLeast: fc.integer({ min: 1, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(drawn, async ({ owner, onBehalfOf, votes, atLeast }) => {
        const s = scene({
          agent: { id: 'bot', owner: owner && principal(owner) },
          onBehalfOf: () => onBehalfOf && principal(onBehalfOf),
          directory,
          reviewers: group('ops', { atLeast }),
        })
        const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
        const { id } = await s.only()
        const counted = new Set<string>()
        for (const vote of votes) {
          const mine = vote.who === owner?.who || vote.who === onBehalfOf?.who
          const done = counted.size >= atLeast
          const receipt = await s.approve(id, principal(vote))
          if (mine) expect(receipt).toMatchObject({ status: 'refused', reason: 'own-request' })
          else if (counted.has(vote.who)) expect(receipt.status).toBe('already-counted')
          else if (done) expect(receipt.status).toBe('too-late')
          else {
            expect(receipt.status).toBe('counted')
            counted.add(vote.who)
          }
        }
        await settle()
        const enough = counted.size >= atLeast
        expect(s.runs).toHaveLength(enough ? 1 : 0)
        expect(call.state).toBe(enough ? 'resolved' : 'waiting')
        const cast = (await s.events('request.vote-cast')).map(
          ({ data }) => (data['person'] as unknown as PersonRef).subject,
        )
        expect(new Set(cast).size).toBe(cast.length)
        expect(cast).not.toContain(owner?.who)
        expect(cast).not.toContain(onBehalfOf?.who)
        await s.close()
      }),
      { numRuns: 70 },
    )
  })

  test('I4: an identity that turns out to be the owner after the vote no longer counts when it would run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('owner', 'onBehalfOf'), identity, async (role, self) => {
        let linked = false
        const alias = principal({ who: 'alias', by: 'slack:T1' })
        const late: Directory = {
          resolve: async (ref) => {
            if (ref.subject === alias.subject) {
              return {
                issuer: 'directory',
                subject: linked ? self.who : 'alias',
                name: 'alias',
                groups: ['ops'],
              }
            }
            return directory.resolve(ref)
          },
        }
        const s = scene({
          agent: { id: 'bot', owner: role === 'owner' ? principal(self) : null },
          onBehalfOf: () => (role === 'onBehalfOf' ? principal(self) : null),
          directory: late,
          wait: 'suspend',
        })
        const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })
        await attempt(tool('users')).ended
        const { id } = await s.only()
        expect((await s.approve(id, alias)).status).toBe('counted')
        linked = true
        const call = attempt(tool('users'))
        await call.ended
        expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
        expect(s.runs).toEqual([])
        expect(await s.types(id)).not.toContain('execution.started')
        await s.close()
      }),
      { numRuns: 20 },
    )
  })

  test('I4: an owner who turns out to be the voter makes the approval fall when it would run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('owner', 'onBehalfOf'), identity, async (role, voter) => {
        let linked = false
        const alias = principal({ who: 'alias', by: 'slack:T1' })
        const late: Directory = {
          resolve: async (ref) => {
            if (ref.subject !== alias.subject) return directory.resolve(ref)
            return { issuer: 'directory', subject: linked ? voter.who : 'alias', name: 'alias', groups: [] }
          },
        }
        const s = scene({
          agent: { id: 'bot', owner: role === 'owner' ? alias : null },
          onBehalfOf: () => (role === 'onBehalfOf' ? alias : null),
          directory: late,
          wait: 'suspend',
        })
        const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })
        await attempt(tool('users')).ended
        const { id } = await s.only()
        expect((await s.approve(id, principal(voter))).status).toBe('counted')
        linked = true
        const call = attempt(tool('users'))
        await call.ended
        expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
        expect(s.runs).toEqual([])
        await s.close()
      }),
      { numRuns: 20 },
    )
  })

  test('I4: stages need different people', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(identity, { maxLength: 6 }), async (votes) => {
        const s = scene({
          directory,
          requirement: {
            stages: [
              { name: 'team', reviewers: group('ops') },
              { name: 'security', reviewers: group('security') },
            ],
          },
        })
        void attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
        const { id } = await s.only()
        for (const vote of votes) await s.approve(id, principal(vote))
        const distinct = new Set(votes.map(({ who }) => who))
        expect(s.runs).toHaveLength(distinct.size >= 2 ? 1 : 0)
        await s.close()
      }),
      { numRuns: 40 },
    )
  })
})
