import { ENGINE, type PlantedBug, POLICY, plant, TESTING } from './bug'

const PUT_DELIVERY = `    const saving = storeCall(() => engine().store.deliveries.put(row))
    if (isPromise(saving)) await saving
    await attempt(`

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
    `${ENGINE}/open-request.ts`,
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
    '    assertNotAborted(call)\n',
    '',
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

/** Mistakes about what is recorded, and what is left after a crash. */
const RECORDING: readonly PlantedBug[] = [
  plant(
    'the story is published after the run',
    'I7',
    `${ENGINE}/execute-claimed.ts`,
    'await engine.publisher.publishChain(request.id)\n    assertOpen(engine)',
    'engine.publisher.kick()\n    assertOpen(engine)',
  ),
  {
    name: 'the start of an allowed call is published after the run',
    promise: 'I7',
    changes: [
      {
        file: `${ENGINE}/execute-directly.ts`,
        find: 'return append(engine, event, started, unavailable)',
        replace:
          'Promise.resolve(engine.publisher.append([event])).catch(unavailable).catch(() => {})\n  return started()',
      },
    ],
  },
  plant(
    'only the first event of a move reaches the outbox',
    'I7',
    `${TESTING}/serialising-store-outbox.ts`,
    'export function recordMove(tables: Tables, events: readonly AuditEvent[]): void {\n  for (const event of events) {',
    'export function recordMove(tables: Tables, events: readonly AuditEvent[]): void {\n  for (const event of events.slice(0, 1)) {',
  ),
  plant(
    'events count as published before they are written',
    'I7',
    `${ENGINE}/publish.ts`,
    'const appending = append(events)\n      if (isPromise(appending)) await appending',
    'void Promise.resolve(append(events)).catch(() => {})',
  ),
  plant(
    'events that are sent from memory count as published before they are written',
    'I7',
    `${ENGINE}/recorded.ts`,
    'if (!isPromise(appending)) {\n      held(batch)\n      return\n    }\n    sending = appending',
    'held(batch)\n    sending = Promise.resolve(appending)',
  ),
  plant(
    'a chain that somebody else moved is thought to be known',
    'I7',
    `${ENGINE}/recorded.ts`,
    'if ((tail?.next ?? 1) !== seq) {',
    'if (tail === undefined && seq !== 1) {',
  ),
  plant(
    'a gate that cannot record an outcome goes on',
    'I8',
    `${ENGINE}/execute-directly.ts`,
    'engine.seal(`the outcome',
    'void (`the outcome',
  ),
  plant(
    'a seal is forgotten by calls that wait already',
    'I7',
    `${ENGINE}/may-run.ts`,
    "if (state.status === 'open') return",
    "if (state.status !== 'closed') return",
  ),
  plant(
    'the broker is asked before its lease is in the log',
    'I7',
    `${ENGINE}/credentials.ts`,
    'await publishLease(engine, lease)',
    'void publishLease(engine, lease).catch(() => {})',
  ),
  plant(
    'the end of a credential is told after its lease is gone',
    'I7',
    `${ENGINE}/credentials.ts`,
    "    await recordAlone(engine, 'credential.revoked', data)\n",
    "    await storeCall(() => engine.store.credentials.remove(leaseId))\n    await recordAlone(engine, 'credential.revoked', data)\n",
  ),
  plant(
    'all commitments have one salt',
    'I7',
    'packages/core/src/values/commitment.ts',
    "return randomBytes(SALT_BYTES).toString('base64')",
    "return randomBytes(SALT_BYTES).fill(7).toString('base64')",
  ),
  plant(
    'the words of refused votes are not committed',
    'I7',
    'packages/core/src/present/personal.ts',
    "const WORDS = ['intent', 'note', 'reason', 'summary']",
    "const WORDS = ['intent', 'summary']",
  ),
  {
    name: 'a late outcome is written over the unknown one',
    promise: 'I8',
    changes: [
      {
        file: `${ENGINE}/lifecycle.ts`,
        find: "finish: ['executing'],",
        replace: "finish: ['executing', 'unknown'],",
      },
      {
        file: `${ENGINE}/execute-claimed.ts`,
        find: "[{ type: 'lateOutcome', outcome }]",
        replace: "[{ type: 'finish', outcome, result: null }]",
      },
    ],
  },
  plant(
    'what runs here counts as a claim whose answer was lost',
    'I10',
    `${ENGINE}/cut-off.ts`,
    "status === 'executing' && !running.has(id) && !unrecorded.has(id)",
    "status === 'executing' && !unrecorded.has(id)",
  ),
  plant(
    'requests expire on the dot or never',
    'I8',
    `${ENGINE}/due-moves.ts`,
    "if (now >= request.expiresAt) return { type: 'expire' }",
    "if (now === request.expiresAt) return { type: 'expire' }",
  ),
  plant(
    'executions that were cut off stay as they are',
    'I8',
    `${ENGINE}/sweep.ts`,
    "await step('closing executions that were cut off', () => closeCutOff(current))",
    '',
  ),
  plant(
    'the id of a message is saved after it was sent',
    'I8',
    `${ENGINE}/deliver.ts`,
    PUT_DELIVERY,
    '    await attempt(',
  ),
  plant(
    'a message that is sent while others are updated is forgotten',
    'I9',
    `${ENGINE}/shown-messages.ts`,
    'if (areTrue && TERMINAL.has(request.status)) forgetShown(request)',
    'if (areTrue && TERMINAL.has(request.status)) known.delete(id)',
  ),
  plant(
    'messages of a process that is gone stay as they are',
    'I9',
    `${ENGINE}/due-deliveries.ts`,
    'if (hasEnded) return shown.show(request, mine)',
    'if (hasEnded) return true',
  ),
  plant(
    'a message that was being sent when its request ended is left alone',
    'I9',
    `${ENGINE}/due-deliveries.ts`,
    'if (await shown.show(request, tried)) return true',
    'if (tried.attempts > 0) return true',
  ),
  plant(
    'what a channel does after it was given up is not heard',
    'I9',
    `${ENGINE}/late-answers.ts`,
    'if (request.version !== row.shownVersion) return refresh(request.id)',
    'if (request.version !== row.shownVersion) return',
  ),
  plant(
    'requests are deleted as soon as they have ended',
    'I8',
    `${ENGINE}/retention.ts`,
    'requests.filter((request) => endedAt(request) <= before && !failing.has(request.id))',
    'requests.filter((request) => endedAt(request) > 0)',
  ),
  plant(
    'a lapsed approval is told as an expired request',
    'I10',
    `${ENGINE}/outcome-error.ts`,
    "lapsed: 'ERR_APPROVAL_LAPSED',",
    "lapsed: 'ERR_APPROVAL_EXPIRED',",
  ),
]

/** Every planted bug. None of it is in what is shipped: each is put into a build that only the simulation runs. */
export const PLANTED: readonly PlantedBug[] = [...DECIDING, ...RUNNING, ...RECORDING]
