import { ENGINE, type PlantedBug, plant, TESTING } from './bug'

/** Mistakes about what is recorded, and what is left after a crash. */
export const RECORDING: readonly PlantedBug[] = [
  plant(
    'the story is published after the run',
    'I7',
    `${ENGINE}/execute-claimed.ts`,
    '() => engine.publisher.publishChain(request.id)',
    '() => engine.publisher.kick()',
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
    '() => append(batch.events),',
    '() => {\n const appending = append(batch.events)\n held(batch)\n return appending\n },',
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
