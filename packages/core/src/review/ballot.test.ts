import { group, when } from '@gatewright/core'
import { type Ballot, reviewAccess } from '@gatewright/core/review'
import { expect, test } from 'vitest'
import { ada, attempt, ben, member, scene } from '../../test/scene'

type Options = NonNullable<Parameters<typeof scene>[0]>

async function asked(requirement: Options['requirement'], options: Options = {}) {
  const s = scene(requirement === undefined ? options : { ...options, requirement })
  attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })({ rows: 1 }))
  const { id } = await s.only()
  const { ballots } = reviewAccess(s.gate)
  return { s, id, of: async (actor = ada) => (await ballots.of([await s.request(id)], actor))[0] as Ballot }
}

test('tells who may decide, who did, and who is not asked', async () => {
  const { s, id, of } = await asked({ reviewers: group('ops'), atLeast: 2 })
  expect(await of()).toEqual({ approval: 'counts', mayReject: true, problem: null, assurance: null })
  expect(await of(member('eve', ['sales']))).toMatchObject({ approval: 'none', mayReject: false })
  expect(await of({ ...ada, type: 'service' })).toMatchObject({ approval: 'none', mayReject: false })
  await s.approve(id, ada)
  // A yes can become a no as long as others are asked.
  expect(await of()).toMatchObject({ approval: 'voted', mayReject: true })
  expect(await of(ben)).toMatchObject({ approval: 'counts' })
  await s.approve(id, ben)
  expect(await of()).toMatchObject({ approval: 'over', mayReject: false })
})

test('an approval of other arguments is none of what waits now', async () => {
  const { s, id, of } = await asked({ reviewers: group('ops'), atLeast: 3 })
  await s.approve(id, ada)
  expect(await s.approve(id, ben, { edits: [{ path: '/rows', value: 2 }] })).toMatchObject({
    status: 'counted',
  })
  expect(await of(ada)).toMatchObject({ approval: 'counts' })
  expect(await of(ben)).toMatchObject({ approval: 'voted' })
})

test('stages are open one after the other', async () => {
  const stages = [
    { name: 'first', reviewers: group('ops') },
    { name: 'second', reviewers: group('security') },
  ]
  const { s, id, of } = await asked({ stages })
  const sec = member('sec', ['security'])
  expect(await of(sec)).toMatchObject({
    approval: 'elsewhere',
    mayReject: false,
    problem: 'An earlier stage must be approved first.',
  })
  await s.approve(id, ada)
  expect(await of(sec)).toMatchObject({ approval: 'counts' })
  expect(await of(ben)).toMatchObject({ approval: 'elsewhere', mayReject: false })
})

test('T22: what a sign-in lacks is told, with all that is asked of it', async () => {
  const { of } = await asked({
    reviewers: group('ops'),
    assurance: { sso: true, maxAge: '15m', acr: ['strong', 'stronger'] },
  })
  expect(await of()).toEqual({
    approval: 'assurance',
    mayReject: false,
    problem: 'Sign in again: it is not known when you last signed in.',
    assurance: { sso: true, maxAgeMs: 900_000, acr: ['strong', 'stronger'] },
  })
})

test('what several requirements ask of one sign-in is put together, and what asks others is left out', async () => {
  const rule = (id: string, reviewers: ReturnType<typeof group>, assurance: object) =>
    when('a.*').require({ id, reviewers, assurance })
  const { of } = await asked(undefined, {
    reviewers: group('ops'),
    policy: [
      rule('old', group('ops'), { maxAge: '1h', acr: ['strong', 'stronger'] }),
      rule('new', group('ops'), { sso: true, maxAge: '5m', acr: ['stronger', 'strongest'] }),
      rule('others', group('sales'), { maxAge: '1s' }),
    ],
  })
  expect((await of()).assurance).toEqual({ sso: true, maxAgeMs: 300_000, acr: ['stronger'] })
})

test('a directory that cannot answer tells nothing', async () => {
  const { of } = await asked(
    { reviewers: group('ops') },
    {
      directory: {
        resolve: async () => {
          throw new Error('the directory is down')
        },
      },
    },
  )
  await expect(of()).rejects.toMatchObject({ code: 'ERR_IDENTITY_UNAVAILABLE' })
})
