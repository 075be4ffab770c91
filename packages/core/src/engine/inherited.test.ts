import { type ApprovalStore, memoryStore } from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { ada, attempt, type Desk, desk, type Scene, scene, settle } from '../../test/scene'

const shown = (channel: Desk): string[] =>
  channel.updates.map(({ review, delivery }) => `${delivery.reference} ${review.progress.status}`)

function shared(): { clock: FakeClock; store: ApprovalStore } {
  const clock = fakeClock()
  return { clock, store: memoryStore({ clock }) }
}

interface Asked {
  readonly id: string
  readonly message: string
  /** As SIGKILL and some time do: nothing is closed, and the lease has ended. */
  die(): Promise<void>
}

/** A process that asked on its channel, where the same message stays whoever updates it. */
async function asking(parts: ReturnType<typeof shared>): Promise<Asked & { readonly channel: Desk }> {
  const channel = desk('channel')
  const agent = scene({ ...parts, approvers: [channel] })
  const known = new Set((await agent.pending()).map(({ id }) => id))
  attempt(agent.gate.requireApproval(agent.effect, { action: 'data.export' })('users'))
  await settle()
  const [opened] = (await agent.pending()).filter(({ id }) => !known.has(id))
  if (opened === undefined) throw new Error('nothing was asked')
  const { id, processId } = opened
  const [row] = await parts.store.deliveries.of(id)
  return {
    channel,
    id,
    message: String(row?.reference),
    die: async () => {
      await parts.store.leases.release(processId)
    },
  }
}

async function started(parts: ReturnType<typeof shared>): Promise<Scene & { readonly channel: Desk }> {
  const channel = desk('channel')
  const after = scene({ ...parts, approvers: [channel] })
  await after.gate.start()
  await settle()
  return Object.assign(after, { channel })
}

const end = (s: Scene, id: string) => s.gate.cancel(id, { by: ada, reason: 'not needed' })

test('T34: a message of a dead process is kept true by who came after it, whoever moves the request', async () => {
  const parts = shared()
  const [one, other] = [await asking(parts), await asking(parts)]
  await one.die()
  await other.die()
  const after = await started(parts)
  const reviewers = scene({ ...parts, audit: null, approvers: [] })
  expect([after.channel.messages, shown(after.channel)]).toEqual([[], []])
  await end(after, one.id)
  await settle()
  expect(shown(after.channel)).toEqual([`${one.message} cancelled`])
  await end(reviewers, other.id)
  await settle()
  expect(shown(after.channel)).toEqual([`${one.message} cancelled`, `${other.message} cancelled`])
  const rows = await parts.store.deliveries.of(other.id)
  expect(rows.map(({ shownVersion }) => shownVersion)).toEqual([(await after.request(other.id)).version])
})

test('T34: so is that of a process which dies later, by who moves its request', async () => {
  const parts = shared()
  const asked = await asking(parts)
  const after = await started(parts)
  await asked.die()
  await end(after, asked.id)
  await settle()
  expect(shown(after.channel)).toEqual([`${asked.message} cancelled`])
})

test('the message of a live process is left to it', async () => {
  const parts = shared()
  const asked = await asking(parts)
  const after = await started(parts)
  await end(after, asked.id)
  await settle()
  expect([shown(after.channel), shown(asked.channel)]).toEqual([[], [`${asked.message} cancelled`]])
})

test('T34: a gate that attends all keeps true what the one before it showed, though the agent lives', async () => {
  const parts = shared()
  const attending = { ...parts, audit: null, attend: 'all' } as const
  const agent = scene({ ...parts, approvers: [] })
  const before = scene({ ...attending, approvers: [desk('inbox')] })
  await before.gate.start()
  attempt(agent.gate.requireApproval(agent.effect, { action: 'data.export' })('users'))
  await settle()
  const { id } = await agent.only()
  const [row] = await parts.store.deliveries.of(id)
  await before.gate.close()
  const inbox = desk('inbox')
  const after = scene({ ...attending, approvers: [inbox] })
  await after.gate.start()
  await settle()
  await end(agent, id)
  await settle()
  expect(inbox.messages).toEqual([])
  expect(shown(inbox)).toEqual([`${row?.reference} cancelled`])
})

test('T34: what a dead process showed of an older state is brought up to date at the start', async () => {
  const parts = shared()
  const asked = await asking(parts)
  await asked.die()
  const reviewers = scene({ ...parts, audit: null, approvers: [] })
  const [row] = await parts.store.deliveries.of(asked.id)
  await parts.store.deliveries.put({ ...row, shownVersion: 0 } as never)
  const after = await started(parts)
  expect(shown(after.channel)).toEqual([`${asked.message} pending`])
  await end(reviewers, asked.id)
  await settle()
  expect(shown(after.channel)).toEqual([`${asked.message} pending`, `${asked.message} cancelled`])
})
