import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ApprovalStore,
  createGate,
  type Gate,
  type GateOptions,
  group,
  memoryAudit,
  person,
} from '@gatewright/core'

const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** Somebody who may approve. */
export const ADA = person('https://idp.example.com', 'ada', { groups: ['ops'], name: 'Ada' })

/** A gate over the store. Its log lives in this process only; the store is what is tested. */
export function gateOver(store: ApprovalStore, options: Partial<GateOptions> = {}): Gate {
  return createGate({
    agent: { id: 'ops-bot', owner: null },
    approvers: [],
    store,
    audit: memoryAudit(),
    logger: QUIET,
    rateLimit: false,
    reviewers: group('ops'),
    wait: 'suspend',
    ...options,
  })
}

/** A side effect that everybody can count: a line in a file. */
export function effectFile(): { readonly path: string; lines(): readonly string[] } {
  const path = join(mkdtempSync(join(tmpdir(), 'gatewright-effects-')), 'lines')
  return {
    path,
    lines: () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []),
  }
}

/** What runs behind a gate: it has its effect, and answers. */
export function effectIn(path: string): (name: string) => Promise<string> {
  return async (name) => {
    appendFileSync(path, `${name}\n`)
    return name
  }
}

/** Approves a request as Ada, who saw all of it. */
export async function approve(gate: Gate, requestId: string): Promise<void> {
  const review = await gate.requests.review(requestId)
  if (review === null) throw new Error(`there is no request ${requestId}`)
  const { status } = await gate.vote({ requestId, digest: review.digest, decision: 'approve', actor: ADA })
  if (status !== 'counted') throw new Error(`a vote was not counted: ${status}`)
}
