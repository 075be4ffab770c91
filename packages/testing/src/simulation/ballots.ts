import type { ArgumentEdit, Principal, VoteInput, VoteReceipt } from '@gatewright/core'
import { describe, errorOf } from './answers'
import type { MadeCall } from './calls'
import type { Message } from './channel'
import type { Cast } from './evidence'
import type { Life } from './scheduler'
import type { Stage } from './stage'

/** Somebody votes on a message, new or old; sometimes twice; and it comes at once, late, or never. */
export function castBallot(stage: Stage, made: readonly MadeCall[]): void {
  const { rng, platform } = stage
  if (platform.messages.length === 0) return
  const message = chooseMessage(stage)
  const actor = chooseVoter(stage, message)
  const decision = rng.chance(0.93) ? 'approve' : 'reject'
  const edits = decision === 'approve' && rng.chance(0.1) ? editOf(made, message, rng.below(50)) : undefined
  const input: VoteInput = {
    requestId: message.requestId,
    decision,
    digest: rng.chance(0.02) ? 'f'.repeat(64) : message.review.digest,
    actor,
    ...(edits === undefined ? {} : { edits }),
    ...(rng.chance(0.2) ? { note: 'as discussed' } : {}),
  }
  const times = rng.chance(0.12) ? 2 : 1
  for (let time = 0; time < times; time += 1) post(stage, input)
}

/** What carries votes to the gates: no process of the world, and it never dies. */
const MAIL: Life = { name: 'mail', alive: true }

/** Most votes arrive at once; some come late, and some never. */
function post(stage: Stage, input: VoteInput): void {
  const { rng, scheduler, story } = stage
  const way = rng.weighted({ direct: 85, late: 12, lost: 3 })
  if (way === 'direct') {
    send(stage, input)
    return
  }
  story.tell('mail', `${way === 'late' ? 'delays' : 'loses'} a vote of ${input.actor.subject}`)
  if (way === 'late') scheduler.timer(MAIL, 30 + rng.below(2_500), () => send(stage, input))
}

function send(stage: Stage, input: VoteInput): void {
  const { rng, scheduler, evidence, story, platform } = stage
  const up = [...platform.hosts.keys()].filter(({ alive }) => alive)
  if (up.length === 0) return
  const life = rng.pick(up)
  const { requestId, decision, digest, actor } = input
  const cast: Cast = {
    requestId,
    decision,
    digest,
    actor: { type: actor.type, issuer: actor.issuer, subject: actor.subject },
    edits: input.edits !== undefined,
    life: life.name,
    step: scheduler.step,
    time: scheduler.now,
    receipt: null,
  }
  evidence.casts.push(cast)
  story.tell(
    life.name,
    `${actor.type} ${actor.subject} votes to ${decision}${cast.edits ? ' with edits' : ''} ${requestId}`,
  )
  platform.hosts
    .get(life)
    ?.vote(input)
    .then(
      (receipt: VoteReceipt) => {
        cast.receipt = receipt
        if (receipt.status === 'counted' && rng.chance(0.08)) promoteSoon(stage, actor)
        story.tell(
          life.name,
          `tells ${actor.subject}: ${receipt.status}${receipt.status === 'refused' ? ` (${receipt.reason})` : ''} on ${requestId}`,
        )
      },
      (error) => story.tell(life.name, `tells ${actor.subject}: ${describe(errorOf(error))}`),
    )
}

/** T23: some lose the role that they voted in before the call runs, and are named by an escalation instead. */
function promoteSoon({ rng, people, scheduler, story }: Stage, voter: Principal): void {
  scheduler.timer(MAIL, rng.below(1_000), () => {
    const told = people.promote(voter)
    if (told !== null) story.tell('world', told)
  })
}

/** Mostly one that still waits, in the channel that shows all of it. */
function chooseMessage({ rng, platform }: Stage): Message {
  if (rng.chance(0.12)) return rng.pick(platform.messages)
  const ended = new Set(
    platform.messages
      .filter(({ review }) => review.progress.status !== 'pending')
      .map(({ requestId }) => requestId),
  )
  const open = platform.messages.filter(({ review, requestId }) => review.complete && !ended.has(requestId))
  return rng.pick(open.length === 0 ? platform.messages : open.slice(-8))
}

function chooseVoter({ rng, people, scheduler, story }: Stage, { review }: Message): Principal {
  const via = rng.chance(0.5) ? 'sso' : 'chat'
  const kind = rng.weighted({
    reviewer: 80,
    anybody: 10,
    owner: 4,
    behalf: people.isLinked ? 4 : 12,
    impostor: 6,
  })
  if (kind === 'owner') return people.human('otto', via)
  if (kind === 'behalf' && people.isLinked) return people.human('bea', via)
  if (kind === 'behalf') {
    // While nobody knows that the agent acts for her, she may vote; and soon it will be known.
    scheduler.timer(MAIL, rng.below(400), () => {
      if (people.link()) story.tell('world', 'the directory learns who bea is in the chat')
    })
    return people.human('bea', 'sso')
  }
  if (kind === 'impostor')
    return people.impostor(rng.pick(people.names), rng.chance(0.5) ? 'agent' : 'service')
  if (kind === 'anybody') return people.human(rng.pick(people.names), via)
  // Leads try before anything was escalated to them, too.
  if (review.content.action === 'ops.staged' && rng.chance(0.35)) return people.human('lea', via)
  const wanted = review.progress.open.map(({ reviewers }) => reviewers).join(' ')
  const able = people.names.filter(
    (name) =>
      name !== 'otto' && name !== 'bea' && people.groupsOf(name).some((group) => wanted.includes(group)),
  )
  return people.human(rng.pick(able.length === 0 ? people.names : able), via)
}

/** Another amount, as a person would change it. */
function editOf(
  made: readonly MadeCall[],
  { review }: Message,
  more: number,
): readonly ArgumentEdit[] | undefined {
  const shown = review.content.arguments.map(({ text }) => text)
  const call = made.find(({ args }) => shown.some((text) => text.replaceAll('"', '') === args[0].tag))
  if (call === undefined) return undefined
  const [input, extra] = call.args
  const path = extra === undefined ? '/amount' : '/input/amount'
  return [{ path, value: input.amount + more }]
}
