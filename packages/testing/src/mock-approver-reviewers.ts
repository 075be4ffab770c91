import type { Principal, Recipients, ReviewerSelector } from '@gatewright/core'

const ASSURANCE = Object.freeze({ method: 'demo' } as const)

/**
 * People who may vote in the stages that are asked, as many distinct ones as each wants: demo identities of the issuer
 * `mock`, in the groups that the stage names; where a stage names persons, those persons.
 */
export function mockReviewers({ stages }: Pick<Recipients, 'stages'>): readonly Principal[] {
  const people = stages.flatMap(({ requirement, stage, reviewers, atLeast }) => {
    const { groups, persons } = named(reviewers)
    if (groups.length === 0) return persons.slice(0, atLeast)
    return Array.from({ length: atLeast }, (_, index) =>
      mockReviewer(`${requirement}/${stage}/${index + 1}`, index + 1, groups),
    )
  })
  return people.length < 2 ? people : distinct(people)
}

/** One person counts in one stage only, so each stage has people of its own. */
function mockReviewer(subject: string, number: number, groups: readonly string[]): Principal {
  const name = number === 1 ? 'mock reviewer' : `mock reviewer ${number}`
  return { type: 'human', issuer: 'mock', subject, name, groups, assurance: ASSURANCE }
}

interface Named {
  readonly groups: readonly string[]
  readonly persons: readonly Principal[]
}

function named(selector: ReviewerSelector): Named {
  switch (selector.type) {
    case 'group':
      return { groups: [selector.name], persons: [] }
    case 'person':
      return { groups: [], persons: [demoPerson(selector.issuer, selector.subject)] }
    case 'anyOf': {
      const parts = selector.of.map(named)
      return {
        groups: parts.flatMap(({ groups }) => groups),
        persons: parts.flatMap(({ persons }) => persons),
      }
    }
  }
}

function demoPerson(issuer: string, subject: string): Principal {
  return { type: 'human', issuer, subject, name: subject, groups: [], assurance: ASSURANCE }
}

function distinct(people: readonly Principal[]): readonly Principal[] {
  return people.filter(
    (one, index) =>
      people.findIndex(({ issuer, subject }) => issuer === one.issuer && subject === one.subject) === index,
  )
}
