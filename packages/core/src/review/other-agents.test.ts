import { defineAction, when } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { expect, test } from 'vitest'
import { ada, scene, settle } from '../../test/scene'

const host = { agent: { id: 'host', owner: null } }
const eve = { id: 'eve', name: 'Eve', owner: null }
const notForEve = (holds: (args: { readonly n?: unknown }) => boolean) =>
  when('mail.send')
    .if(({ requester, args }) => requester.id === 'eve' && holds(args))
    .deny('not for eve')

test('an edit is judged by the rules for the agent that asked, whichever gate the vote comes to', async () => {
  const s = scene({ ...host, policy: [notForEve(({ n }) => n === 2)] })
  s.gate.requireApproval(s.effect, { action: 'mail.send' })
  const { remote } = reviewAccess(s.gate)
  const ask = (agent: typeof eve, callId: string) =>
    remote.ask(agent, { action: 'mail.send', args: { n: 1 }, context: { callId } })
  const edits = [{ path: '/n', value: 2 }]
  const { requestId: id } = await ask(eve, 'c1')
  expect(await s.approve(id ?? '', ada, { edits })).toMatchObject({
    status: 'refused',
    reason: 'edit-denied',
    message: expect.stringContaining('not for eve'),
  })
  expect(await s.request(id ?? '')).toMatchObject({ status: 'pending', votes: [], edited: null })
  const { requestId: other } = await ask({ ...eve, id: 'bot' }, 'c2')
  expect(await s.approve(other ?? '', ada, { edits })).toMatchObject({ status: 'counted' })
})

test('what another agent asked for is checked once more by the rules for it', async () => {
  let denied = false
  const s = scene({ ...host, policy: [notForEve(() => denied)] })
  s.gate.requireApproval(s.effect, { action: 'mail.send' })
  const { remote } = reviewAccess(s.gate)
  const asked = await remote.ask(eve, { action: 'mail.send', args: { n: 1 }, context: { callId: 'c1' } })
  const id = asked.requestId ?? ''
  await s.approve(id)
  denied = true
  await expect(s.gate.resume(id)).rejects.toMatchObject({ code: 'ERR_APPROVAL_INVALIDATED' })
  expect([(await s.request(id)).resolution?.reason, s.runs]).toEqual(['policy denies it now', []])
})

test("a gate runs its own agent's orphans, and not what an agent elsewhere asked for and claims itself", async () => {
  const s = scene(host)
  const action = defineAction({ name: 'db.drop', onOrphan: 'run' })
  s.gate.requireApproval(s.effect, { action })
  const { remote } = reviewAccess(s.gate, [action])
  const asked = await remote.ask(eve, { action: 'db.drop', args: { t: 1 }, context: { callId: 'c1' } })
  const id = asked.requestId ?? ''
  await s.approve(id)
  await s.gate.close()
  const next = s.neighbour(host)
  next.gate.requireApproval(next.effect, { action })
  await next.gate.start()
  await s.clock.advance('10m')
  await settle()
  expect([next.runs, await s.store.get(id)]).toMatchObject([[], { onOrphan: 'run', status: 'approved' }])
  const { argumentsDigest } = await next.request(id)
  const claim = await reviewAccess(next.gate, [action]).remote.claim(eve, id, {
    argumentsDigest,
    claimId: 'x',
  })
  expect(claim).toMatchObject({ requestId: id, arguments: { t: 1 } })
})
