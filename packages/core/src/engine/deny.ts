import type { PolicyRecord } from '../contracts/policy'
import { NotApprovedError } from '../errors'
import { recordAlone } from './commit'
import type { Engine } from './engine'
import { personData } from './events'
import type { PreparedCall } from './prepare'
import { redactText } from './present'

/** Records the denial, and rejects with it. */
export async function deny(engine: Engine, prepared: PreparedCall, record: PolicyRecord): Promise<never> {
  const { name } = prepared.call.action
  const denial = record.rules.find((rule) => rule.effect === 'deny')
  const reason = denial?.reason ?? 'a rule denies it'
  const { requester, onBehalfOf } = prepared.input
  await recordAlone(engine, 'call.denied', {
    action: name,
    argumentsDigest: prepared.digest,
    onBehalfOf: onBehalfOf && personData(onBehalfOf),
    policyHash: record.hash,
    reason: redactText(engine, reason),
    requester: requester.id,
    rules: record.rules.map((rule) => ({
      effect: rule.effect,
      failed: rule.failed ?? false,
      id: rule.id,
      version: rule.version,
    })),
  })
  throw new NotApprovedError(
    'ERR_APPROVAL_DENIED',
    `${name} is denied by policy (${denial?.id ?? 'unnamed rule'}): ${reason}. Nothing was executed, and calling again unchanged will not help.`,
    { action: name, reason },
  )
}
