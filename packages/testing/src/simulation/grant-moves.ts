import { reviewAccess } from '@gatewright/core/review'
import { describe, errorOf } from './answers'
import type { GrantWord } from './evidence'
import type { Process } from './process'
import { GRANTABLE } from './rules'
import type { Stage } from './stage'

/** What people do with standing grants: they give them, endorse them and revoke them, through any process. */
export function createGrantMoves(stage: Stage, running: () => Process | null): () => void {
  const { rng, scheduler, evidence, story, people } = stage

  function giver() {
    const via = rng.chance(0.5) ? 'sso' : 'chat'
    const kind = rng.weighted({ reviewer: 85, anybody: 5, owner: 4, behalf: 4, impostor: 2 })
    if (kind === 'owner') return people.human('otto', via)
    if (kind === 'behalf') return people.human('bea', 'sso')
    if (kind === 'impostor') return people.impostor(rng.pick(people.names), 'agent')
    const able = people.names.filter((name) => name !== 'otto' && people.groupsOf(name).includes('ops'))
    return people.human(rng.pick(kind === 'anybody' || able.length === 0 ? people.names : able), via)
  }

  function say(
    { life }: Process,
    word: Pick<GrantWord, 'kind' | 'actor' | 'action' | 'atMost' | 'uses' | 'grantId'>,
    work: () => Promise<{ readonly id: string }>,
  ): void {
    const { type, issuer, subject } = word.actor
    const said: GrantWord = {
      ...word,
      actor: { type, issuer, subject },
      life: life.name,
      step: scheduler.step,
      time: scheduler.now,
      doneAt: null,
    }
    evidence.grantWords.push(said)
    const what = `${word.kind}s a grant for ${word.action} up to ${word.atMost}, ${word.uses} times`
    story.tell(life.name, `${type} ${subject} ${what}`)
    work().then(
      ({ id }) => {
        said.grantId = id
        said.doneAt = scheduler.now
        story.tell(life.name, `tells ${subject}: the grant ${id} is ${word.kind}d`)
      },
      (error) => story.tell(life.name, `tells ${subject}: ${describe(errorOf(error))}`),
    )
  }

  function create(process: Process): void {
    const actor = giver()
    const action = rng.pick(GRANTABLE)
    const atMost = 30 + rng.below(60)
    const uses = 1 + rng.below(3)
    const constraints = [
      { path: '/amount', atMost },
      { path: '/tag', any: true },
      { path: '/key', any: true },
    ] as const
    const expiresIn = rng.pick([700, 3_000, 9_000])
    say(process, { kind: 'create', actor, action, atMost, uses, grantId: null }, () =>
      reviewAccess(process.gate).grants.create(
        { action, constraints, expiresIn, uses, note: 'as discussed' },
        actor,
      ),
    )
  }

  return () => {
    const process = running()
    if (process === null) return
    const known = evidence.grantWords.filter(({ kind, doneAt }) => kind === 'create' && doneAt !== null)
    const kind = rng.weighted({ create: 55, endorse: 30, revoke: 15 })
    const grant = known.length === 0 ? undefined : rng.pick(known.slice(-4))
    if (kind === 'create' || grant === undefined) return create(process)
    const { grantId, action, atMost, uses } = grant
    const actor = giver()
    const id = String(grantId)
    say(process, { kind, actor, action, atMost, uses, grantId }, () =>
      kind === 'endorse'
        ? reviewAccess(process.gate).grants.endorse(id, actor)
        : reviewAccess(process.gate).grants.revoke(id, actor, 'as discussed'),
    )
  }
}
