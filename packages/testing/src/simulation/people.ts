import type { CanonicalPerson, Directory, PersonRef, Principal } from '@gatewright/core'
import type { DirectoryAnswer } from './evidence'
import type { Rng } from './rng'
import type { Life, Scheduler } from './scheduler'

const IDP = 'https://idp.example.com'
const CHAT = 'chat:T01'

const CAST: Readonly<Record<string, readonly string[]>> = {
  ann: ['ops', 'security'],
  bob: ['ops'],
  cid: ['ops'],
  dee: ['ops', 'leads'],
  sue: ['security'],
  tom: ['security', 'ops'],
  lea: ['leads'],
  // Owns the agent, and is in every group: would be enough alone, if it were allowed (I4).
  otto: ['ops', 'security', 'leads'],
  // The agent acts for her in some calls.
  bea: ['ops', 'security'],
  xen: [],
}

/** The people of a world: one canonical person each, known by two identities, with groups that change. */
export interface People {
  readonly names: readonly string[]
  /** Who answers for the agent. */
  readonly owner: Principal
  /** Whom the agent acts for in some calls. */
  readonly behalf: Principal
  /** A person as the identity provider or the chat platform verified them. */
  human(name: string, via: 'sso' | 'chat'): Principal
  /** Something that is no person, but goes by a person's identity. */
  impostor(name: string, type: 'agent' | 'service'): Principal
  groupsOf(name: string): readonly string[]
  /** The directory learns whose the chat identity is that the agent acts for. `false`: it knew already. */
  link(): boolean
  /** Whether the directory knows that identity. */
  readonly isLinked: boolean
  /** Someone joins or leaves a group: mostly somebody who did something lately. */
  change(rng: Rng, active: readonly PersonRef[]): string
  /** Somebody of `ops` becomes one of those to whom it is escalated, and leaves `ops`. `null`: they were not in it. */
  promote(who: PersonRef): string | null
  /** A directory as one process sees it. Every answer is kept as evidence. */
  directory(life: Life): Directory
  /** `issuer subject` of every identity to that of its canonical person. */
  readonly canonical: Readonly<Record<string, string>>
}

/**
 * Makes the people.
 *
 * @param linked - whether the directory knows the beneficiary's chat identity from the beginning
 */
export function createPeople(scheduler: Scheduler, answers: DirectoryAnswer[], linked: boolean): People {
  let isLinked = linked

  const groups = new Map(Object.entries(CAST).map(([name, initial]) => [name, new Set(initial)]))
  const names = [...groups.keys()]

  function groupsOf(name: string): readonly string[] {
    return [...(groups.get(name) ?? [])].sort()
  }

  function human(name: string, via: 'sso' | 'chat'): Principal {
    // What a transport says of groups is not asked where there is a directory: it says too much here.
    const shared = { type: 'human', name, groups: ['ops', 'security', 'leads'] } as const
    if (via === 'sso')
      return { ...shared, issuer: IDP, subject: name, assurance: { method: 'sso', authTime: scheduler.now } }
    return { ...shared, issuer: CHAT, subject: `U-${name}`, assurance: { method: 'chat' } }
  }

  function personOf(name: string): CanonicalPerson {
    return { issuer: IDP, subject: name, name, groups: groupsOf(name) }
  }

  function nameOf({ issuer, subject }: PersonRef): string | null {
    const name = issuer === IDP ? subject : issuer === CHAT ? subject.slice(2) : ''
    return groups.has(name) ? name : null
  }

  function answer(life: Life, identity: PersonRef): CanonicalPerson | null {
    const name = nameOf(identity)
    const { issuer, subject } = identity
    // Until it is linked, the chat identity is somebody of its own, in no group.
    const stranger = !isLinked && issuer === CHAT && name === 'bea'
    const person = name === null ? null : stranger ? { issuer, subject, name, groups: [] } : personOf(name)
    answers.push({
      life: life.name,
      identity: { issuer, subject },
      person,
      step: scheduler.step,
      time: scheduler.now,
    })
    return person
  }

  return {
    names,
    owner: human('otto', 'chat'),
    behalf: human('bea', 'chat'),
    human,
    impostor: (name, type) => ({ ...human(name, 'sso'), type }),
    groupsOf,
    link() {
      const was = isLinked
      isLinked = true
      return !was
    },
    get isLinked() {
      return isLinked
    },
    change(rng, active) {
      const lately = active.flatMap((one) => nameOf(one) ?? [])
      const name = rng.pick(
        lately.length > 0 && rng.chance(0.5) ? lately : names.filter((one) => one !== 'xen'),
      )
      const group = rng.pick(['ops', 'security', 'leads'])
      const own = groups.get(name)
      if (own?.delete(group)) return `${name} leaves ${group}`
      own?.add(group)
      return `${name} joins ${group}`
    },
    promote(who) {
      const name = nameOf(who)
      const own = name === null ? undefined : groups.get(name)
      if (!own?.delete('ops')) return null
      own.add('leads')
      return `${name} leaves ops for leads`
    },
    directory: (life) => ({
      async resolve(identity) {
        await scheduler.point(life, 'directory.resolve')
        return answer(life, identity)
      },
      async members(group) {
        await scheduler.point(life, 'directory.members')
        return names.filter((name) => groups.get(name)?.has(group)).map(personOf)
      },
    }),
    canonical: Object.fromEntries(
      names.flatMap((name) => [
        [`${IDP} ${name}`, `${IDP} ${name}`],
        [`${CHAT} U-${name}`, `${IDP} ${name}`],
      ]),
    ),
  }
}
