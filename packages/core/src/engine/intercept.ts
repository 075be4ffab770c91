import type { Awaitable } from '../contracts/awaitable'
import type { PolicyRecord } from '../contracts/policy'
import type { ApprovalRequest, Basis } from '../contracts/request'
import { andThen } from '../values/is-promise'
import { attach } from './attach'
import { deny } from './deny'
import type { Engine } from './engine'
import { executeClaimed } from './execute-claimed'
import { executeDirectly } from './execute-directly'
import { findGrant } from './grants'
import { idempotencyKey } from './key'
import { assertMayRun } from './may-run'
import { openRequest } from './open-request'
import { type GatedCall, type PreparedCall, prepare } from './prepare'
import { startAtOnce } from './start-at-once'

/**
 * The life of a call (DESIGN section 3): snapshot, facts, policy, and then one of: denied, run on policy's word, or a
 * request that waits for people. Resolves with the function's result, or rejects with its error or with ours.
 */
export function intercept(engine: Engine, call: GatedCall): Awaitable<unknown> {
  assertMayRun(engine, call)
  return andThen(prepare(engine, call), (prepared) =>
    andThen(engine.policies.decide(prepared.input), (record) => obey(engine, prepared, record)),
  )
}

/** Does with a call what policy says. */
function obey(engine: Engine, prepared: PreparedCall, record: PolicyRecord): Awaitable<unknown> {
  const { call } = prepared
  // Policy took its time.
  assertMayRun(engine, call)
  if (record.effect === 'deny') return deny(engine, prepared, record)
  const key = idempotencyKey(engine, call)
  const basis = basisWithoutVotes(engine, record)
  if (basis !== null) {
    if (key === null) return executeDirectly(engine, prepared, record, basis)
    if (mayStartAtOnce(prepared))
      return andThen(startAtOnce(engine, prepared, record, { key, basis, grant: null }), (started) =>
        started === null
          ? executeByRequest(engine, prepared, record, key, basis)
          : executeClaimed(engine, started, call, prepared.live),
      )
  }
  return executeByRequest(engine, prepared, record, key, basis)
}

/** Whether nothing has to be looked at once more between what policy saw and the run: no pin (T10), and no live value. */
function mayStartAtOnce({ call, live }: PreparedCall): boolean {
  return call.action.pin === null && live === null
}

async function executeByRequest(
  engine: Engine,
  prepared: PreparedCall,
  record: PolicyRecord,
  key: string | null,
  basis: Basis | null,
): Promise<unknown> {
  const request = await requestFor(engine, prepared, record, key, basis)
  return attach(engine, request, prepared.call, prepared.live)
}

/** The request of a call, which stands on a grant where one covers it. */
export async function requestFor(
  engine: Engine,
  prepared: PreparedCall,
  record: PolicyRecord,
  key: string | null,
  basis: Basis | null,
): Promise<ApprovalRequest> {
  const grant = basis === null ? await findGrant(engine, prepared, record) : null
  return openRequest(engine, prepared, record, { key, basis: grant === null ? basis : 'grant', grant })
}

/** On what a call may run without anybody's vote, if on anything. */
export function basisWithoutVotes(engine: Engine, record: PolicyRecord): Basis | null {
  if (record.effect === 'allow') return 'policy'
  // I1: the one exception, explicit, loud (at creation) and logged; a denial was returned above.
  return engine.settings.observe ? 'observe' : null
}
