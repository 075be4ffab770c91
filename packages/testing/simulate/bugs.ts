import { ENGINE, type PlantedBug, POLICY, plant, TESTING } from './bug'
import { SHOWING } from './bugs-of-messages'
import { RECORDING } from './bugs-of-records'

/** Mistakes about who decides, and on what. */
const DECIDING: readonly PlantedBug[] = [
  plant(
    'a quorum of one less is enough',
    'I1',
    `${POLICY}/progress.ts`,
    'Number.isSafeInteger(atLeast) ? Math.max(1, atLeast)',
    'Number.isSafeInteger(atLeast) ? Math.max(1, atLeast - 1)',
  ),
  plant(
    'the last stage is met when it opens',
    'I1',
    `${POLICY}/progress.ts`,
    'if (stage >= stages.length) continue\n    met = false',
    'if (stage >= stages.length - 1 && stage > 0) continue\n    met = false',
  ),
  plant(
    'nothing is checked once more before running',
    'I1',
    `${ENGINE}/claim.ts`,
    'const problem = await recheck(engine, request, call, live)',
    'const problem: string | null = await Promise.resolve(null)',
  ),
  plant(
    'self-approval is compared at the vote only',
    'I1',
    `${ENGINE}/recheck.ts`,
    'if (isAmong(person, excluded)) continue',
    '',
  ),
  plant(
    'an escalation makes earlier votes stand',
    'I1',
    `${ENGINE}/recheck.ts`,
    'mayVote(stage, includes(escalated, r, s), person)',
    'mayVote(stage, includes(request.escalated, r, s), person)',
  ),
  plant(
    'whoever gave a grant is not looked up again',
    'I1',
    `${POLICY}/grants.ts`,
    'matches(reviewers, person) && assuranceProblem(assurance, known, givenAt) === null',
    'assuranceProblem(assurance, known, givenAt) === null',
  ),
  plant(
    'a grant covers any amount',
    'I1',
    `${POLICY}/grants.ts`,
    '!(value <= constraint.atMost)',
    'Number.isNaN(constraint.atMost)',
  ),
  plant(
    'edits are approved by votes on what stood before',
    'I2',
    `${POLICY}/progress.ts`,
    "if (vote.decision !== 'approve' || vote.argumentsDigest !== digest) continue",
    "if (vote.decision !== 'approve') continue",
  ),
  plant(
    'what was proposed runs, whatever was edited',
    'I2',
    `${ENGINE}/execute-claimed.ts`,
    'argumentsFrom(effectiveArguments(request), live)',
    'argumentsFrom(request.arguments, live)',
  ),
  plant(
    'a key gives whatever request it belongs to',
    'I2',
    `${ENGINE}/open-request.ts`,
    'if (request.argumentsDigest === digest) return request',
    'if (request.argumentsDigest !== "" || digest === "") return request',
  ),
  {
    name: 'a person who votes twice counts twice',
    promise: 'I4',
    changes: [
      {
        file: `${ENGINE}/vote.ts`,
        find: 'if (repeats && input.edits === undefined)',
        replace: 'if (repeats && input.edits !== undefined)',
      },
      {
        file: `${POLICY}/progress.ts`,
        find: 'stage >= stages.length || people.has(key)) continue',
        replace: 'stage >= stages.length) continue',
      },
    ],
  },
  plant(
    'anybody may approve calls of their own',
    'I4',
    `${ENGINE}/vote.ts`,
    "if (isAmong(person, excluded)) return refused('own-request')",
    '',
  ),
  plant(
    'escalation reviewers may vote from the beginning',
    'I4',
    `${POLICY}/progress.ts`,
    '(isEscalated && escalation !== null && matches',
    '(escalation !== null && matches',
  ),
  plant(
    'agents may vote',
    'I5',
    `${ENGINE}/vote.ts`,
    "if (vote.actor.type !== 'human')",
    "if (vote.actor.type === 'nobody')",
  ),
  plant(
    'a voter is who the transport says, whatever the directory knows',
    'I5',
    `${ENGINE}/identify.ts`,
    'if (directory !== null) return withDeadline',
    "if (directory !== null && !('assurance' in known)) return withDeadline",
  ),
  plant(
    'an approval needs not be of the document that is complete',
    'I9',
    `${ENGINE}/vote.ts`,
    'if (input.digest !== request.reviewDigest) {',
    'if (input.digest.length !== request.reviewDigest.length) {',
  ),
]

/** Mistakes about running once, in time, and for whom. */
const RUNNING: readonly PlantedBug[] = [
  {
    name: 'the version is not compared',
    promise: 'I3',
    changes: [
      {
        file: `${TESTING}/serialising-store.ts`,
        find: "if (request.version !== fromVersion) return { applied: false, reason: 'conflict', request }",
        replace: '',
      },
      {
        file: `${TESTING}/serialising-store.ts`,
        find: 'checkNext(next, events, request.lastEvent.seq)',
        replace: '',
      },
    ],
  },
  {
    name: 'an unknown outcome is run again',
    promise: 'I3',
    changes: [
      {
        file: `${ENGINE}/lifecycle.ts`,
        find: "start: ['approved'],",
        replace: "start: ['approved', 'unknown'],",
      },
      {
        file: `${ENGINE}/attach.ts`,
        find: "case 'approved': {",
        replace: "case 'unknown':\n case 'approved': {",
      },
    ],
  },
  plant(
    'a call that nobody votes on runs although its key has a holder',
    'I3',
    `${ENGINE}/start-at-once.ts`,
    'if (!answer.created) return null',
    'if (answer.request === null) return null',
  ),
  plant(
    'the use of a grant is not taken with the claim',
    'I3',
    `${ENGINE}/claim.ts`,
    'request.grantId === null ? {} : { useGrant: request.grantId }',
    '{}',
  ),
  plant(
    'the tombstone of a key is forgotten',
    'I3',
    `${TESTING}/serialising-store.ts`,
    'return tombstone === null ? null : { created: false, request: null, tombstone }',
    'return null',
  ),
  plant(
    'any failed call is retried on the approval that it had',
    'I3',
    `${ENGINE}/draft-request.ts`,
    'failed !== null && action.idempotent ?',
    'failed !== null ?',
  ),
  plant(
    'a key is looked up, and not kept unique',
    'I3',
    `${TESTING}/serialising-store.ts`,
    'if (existing !== null) return existing',
    '',
  ),
  plant(
    'a vote counts however late it comes',
    'I6',
    `${TESTING}/serialising-store.ts`,
    "if (notAfter !== undefined && now > notAfter) return { applied: false, reason: 'late', request }",
    '',
  ),
  plant(
    'an approval is used after its time',
    'I6',
    `${ENGINE}/claim.ts`,
    'request.useBefore === null ? {} : { notAfter: request.useBefore }',
    '{}',
  ),
  plant(
    'what runs already is cancelled',
    'I6',
    `${ENGINE}/lifecycle.ts`,
    "cancel: ['pending', 'approved'],",
    "cancel: ['pending', 'approved', 'executing'],",
  ),
  plant(
    'a caller who gives up after the claim is not heard',
    'I6',
    `${ENGINE}/execute-claimed.ts`,
    '() => refusalNow(engine, call)',
    '() => (call.context.signal?.aborted ? null : refusalNow(engine, call))',
  ),
  plant(
    'credentials outlive a crash',
    'I6',
    `${ENGINE}/sweep.ts`,
    "beside('revoking credentials', () => cancelledCredentials(current))",
    '',
  ),
  plant(
    'a call that loses its claim takes the running one off the list',
    'I6',
    `${ENGINE}/running.ts`,
    'const left = (calls.get(id) ?? 1) - 1',
    'const left = 0',
  ),
]

/** Every planted bug. None of it is in what is shipped: each is put into a build that only the simulation runs. */
export const PLANTED: readonly PlantedBug[] = [...DECIDING, ...RUNNING, ...RECORDING, ...SHOWING]
