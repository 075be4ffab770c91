import { checkBasis, checkRecheck } from './check/basis'
import type { Check } from './check/case'
import { checkCommitments } from './check/commitments'
import { checkCredentials } from './check/credentials'
import { checkDocuments } from './check/documents'
import { checkGrants } from './check/grants'
import { readHistories } from './check/history'
import { checkMessages } from './check/messages'
import { readLogs } from './check/read-logs'
import { checkNothingLost, checkOnce, checkPublished } from './check/record'
import { checkKept } from './check/retention'
import { checkTold } from './check/told'
import { checkArguments, checkShown, checkTime, checkVoters } from './check/votes'
import type { Evidence, Violation } from './evidence'

const CHECKS: readonly Check[] = [
  checkBasis,
  checkRecheck,
  checkArguments,
  checkOnce,
  checkVoters,
  checkTime,
  checkPublished,
  checkNothingLost,
  checkShown,
  checkDocuments,
  checkMessages,
  checkTold,
  checkGrants,
  checkCredentials,
  checkKept,
  checkCommitments,
]

/**
 * Judges a run by what it left behind: the bytes of its logs, the effects on the world, what people saw and were told.
 * Shares no code with what it judges; answers with every breach of I1 to I10 that it finds.
 */
export function check(evidence: Evidence): readonly Violation[] {
  const logs = readLogs(evidence.logs)
  const { histories, violations } = readHistories(logs.chains)
  const found = CHECKS.flatMap((one) => one({ evidence, logs, histories }))
  return [...logs.violations, ...violations, ...found]
}
