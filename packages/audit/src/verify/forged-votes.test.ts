import { describe } from 'vitest'
import { only, told } from '../../test/forge'
import { actor, DAY, drop, eve, type Forgery, OTHER, testForgeries, twice } from '../../test/forgeries'

const FORGERIES: readonly Forgery[] = [
  [
    'an execution without approval',
    'voted',
    only('request.approved', drop),
    'event-unexpected',
    'execution.started',
  ],
  [
    'an approval without a vote',
    'voted',
    only('request.vote-cast', drop),
    'approval-without-quorum',
    'request.approved',
  ],
  [
    'an approval by too few',
    'quorum',
    (event) => (event.type === 'request.vote-cast' && event.data.note === 'two' ? [] : event),
    'approval-without-quorum',
    'request.approved',
  ],
  [
    'an approval by one person twice',
    'quorum',
    (event) =>
      event.data.note === 'two' ? actor(event, { issuer: 'https://idp.test', subject: 'ada' }) : event,
    'vote-repeated',
    'request.vote-cast',
  ],
  [
    'an approval by the owner',
    'quorum',
    (event) =>
      event.data.note === 'one' ? actor(event, { issuer: 'https://idp.test', subject: 'olga' }) : event,
    'vote-own-request',
    'request.vote-cast',
  ],
  [
    'an approval that states another quorum than its votes make',
    'quorum',
    only('request.approved', (event) =>
      told(event, {
        quorum: [
          [
            [3, 3],
            [1, 1],
          ],
        ],
      }),
    ),
    'approval-without-quorum',
    'request.approved',
  ],
  [
    'T10: an approval that rests on one from before an edit away and back',
    'edited',
    (event) => {
      const ben = { issuer: 'https://idp.test', subject: 'ben' }
      const isBack = JSON.stringify(event.data.changes ?? null).includes('"after":"all"')
      if (event.type === 'request.edited') return isBack ? told(event, { by: ben }) : event
      if (event.type !== 'request.vote-cast') return event
      if (isBack) return actor(event, ben)
      // The one vote after it.
      return event.data.changes === null && JSON.stringify(event.data.person).includes('ben') ? [] : event
    },
    'approval-without-quorum',
    'request.approved',
  ],
  [
    'a vote that was not compared with the owner',
    'quorum',
    (event) => (event.data.note === 'one' ? told(event, { excluded: [] }) : event),
    'vote-own-request',
    'request.vote-cast',
  ],
  [
    'a vote by somebody who is an owner under another name',
    'quorum',
    (event) =>
      event.data.note === 'one'
        ? told(event, {
            excluded: [...(event.data.excluded as object[]), { issuer: 'https://idp.test', subject: 'ada' }],
          })
        : event,
    'vote-own-request',
    'request.vote-cast',
  ],
  [
    'an approval by somebody whom no stage names',
    'quorum',
    (event) => (event.data.note === 'three' ? actor(event, eve) : event),
    'vote-not-eligible',
    'request.vote-cast',
  ],
  [
    'an approval by somebody to whom nobody had escalated',
    'escalated',
    only('request.escalated', drop),
    'vote-not-eligible',
    'request.vote-cast',
  ],
  [
    'a vote of an agent',
    'voted',
    only('request.vote-cast', (event) =>
      told(event, { actor: { ...(event.data.actor as object), type: 'agent' } }),
    ),
    'vote-not-human',
    'request.vote-cast',
  ],
  [
    'a vote with too weak a sign-in',
    'quorum',
    (event) =>
      event.data.note === 'one'
        ? told(event, { actor: { ...(event.data.actor as object), assurance: { method: 'chat' } } })
        : event,
    'vote-assurance',
    'request.vote-cast',
  ],
  [
    'a vote without the note that is asked for',
    'quorum',
    (event) => (event.data.note === 'one' ? told(event, { note: null }) : event),
    'vote-note-missing',
  ],
  [
    'stages in another order',
    'quorum',
    (event) => (event.data.note === 'one' ? told(event, { countsIn: [[0, 1]] }) : event),
    'vote-wrong-stage',
  ],
  [
    'a vote on other arguments',
    'voted',
    only('request.vote-cast', (event) => told(event, { argumentsDigest: OTHER })),
    'digest-mismatch',
    'request.vote-cast',
  ],
  [
    'a vote on another document',
    'voted',
    only('request.vote-cast', (event) => told(event, { reviewDigest: OTHER })),
    'vote-wrong-document',
  ],
  [
    'an approval of other arguments',
    'voted',
    only('request.approved', (event) => told(event, { argumentsDigest: OTHER })),
    'digest-mismatch',
    'request.approved',
  ],
  [
    'a run of other arguments than were approved',
    'voted',
    only('execution.started', (event) => told(event, { argumentsDigest: OTHER })),
    'digest-mismatch',
    'execution.started',
  ],
  [
    'a run of the proposed arguments after an edit',
    'edited',
    (event) => (event.type === 'request.approved' ? told(event, { argumentsDigest: OTHER }) : event),
    'digest-mismatch',
  ],
  [
    'an edit that takes a requirement away',
    'edited',
    only('request.edited', (event) => told(event, { requirements: [] })),
    'requirement-shed',
  ],
  [
    'an edit that nobody voted for',
    'edited',
    (event) => (event.type === 'request.vote-cast' && event.data.changes !== null ? [] : event),
    'event-unexpected',
  ],
  [
    'a run of another action',
    'voted',
    only('execution.started', (event) => told(event, { action: 'data.drop' })),
    'rule-mismatch',
  ],
  [
    'a vote after expiry',
    'voted',
    only('request.vote-cast', (event) => told(event, {}, DAY)),
    'vote-late',
    'request.vote-cast',
  ],
  [
    'a run after its approval lapsed',
    'voted',
    only('execution.started', (event) => told(event, {}, DAY)),
    'run-late',
    'execution.started',
  ],
  [
    'a deadline that was put off',
    'voted',
    only('request.created', (event) => told(event, { expiresAt: (event.data.expiresAt as number) + DAY })),
    'deadline-too-late',
    'request.created',
  ],
  [
    'a use that was put off',
    'voted',
    only('request.approved', (event) => told(event, { useBefore: (event.data.useBefore as number) + DAY })),
    'deadline-too-late',
    'request.approved',
  ],
  ['a second execution', 'voted', only('execution.started', twice), 'event-unexpected', 'execution.started'],
]

describe('what was forged about votes and approvals, and signed for, is found by what it says', () => {
  testForgeries(FORGERIES)
})
